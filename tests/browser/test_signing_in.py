"""Signing in and out as a person does it, with the browser's own cookies, redirects and content security policy."""

from pathlib import Path

import pytest

from tests.browser.conftest import AUTOPLAY, NO_WEBGL, chromium
from tests.fakes.oidc import CLIENT, SECRET, OidcFake
from tests.server import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SHOTS = Path(__file__).parent / "shots"


async def test_a_person_signs_in_talks_and_signs_out() -> None:
    SHOTS.mkdir(exist_ok=True)
    async with OidcFake() as provider:
        named = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        async with (
            serving(voices=("espeak",), **named) as url,
            chromium(AUTOPLAY.format("no-user-gesture-required"), *NO_WEBGL) as context,
        ):
            page = await context.new_page()
            page.set_default_timeout(60_000)
            # Sent to the provider, and from there back to the conversation, all by itself.
            await page.goto(f"{url}/")
            assert page.url == f"{url}/"
            await page.locator("#link-text").get_by_text("Connected").wait_for()
            await page.click("#settings-open")
            assert await page.get_by_text("Signed in as ada@example.com").is_visible()
            out = page.get_by_role("button", name="Sign out")
            await out.scroll_into_view_if_needed()
            await page.screenshot(path=SHOTS / "signed-in.png")
            await out.click()
            await page.get_by_text("You are signed out here").wait_for()
            await page.screenshot(path=SHOTS / "signed-out.png")
            assert not [one for one in await context.cookies() if one["name"] == "visavis_session"]
            await page.get_by_role("link", name="Sign in").click()
            await page.locator("#link-text").get_by_text("Connected").wait_for()
