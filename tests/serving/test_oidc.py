"""Signing in at an identity provider: the whole way over real connections, and every token that must be refused."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import websockets
from joserfc import jwk, jwt
from websockets.asyncio.client import connect

from backend.serving.oidc import LASTS, PURPOSE
from backend.serving.signing import Signer
from backend.settings import Settings, SettingsError, load
from tests.fakes.oidc import CLIENT, SECRET, OidcFake
from tests.server import serving
from tests.serving.test_identity import begin, resumes

HTML = {"accept": "text/html"}


@asynccontextmanager
async def signing(**more: Any) -> AsyncIterator[tuple[OidcFake, httpx.AsyncClient, str]]:
    """(the provider, a browser, the server's address)."""
    async with OidcFake() as provider:
        named = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        async with serving(voices=("espeak",), **named, **more) as url, httpx.AsyncClient(base_url=url) as browser:
            yield provider, browser, url


async def sign_in(browser: httpx.AsyncClient) -> httpx.Response:
    """Go to the provider and come back; the answer to the way back."""
    leave = await browser.get("/login")
    assert leave.status_code == 303, leave.text
    async with httpx.AsyncClient() as elsewhere:  # the provider sees none of our cookies
        agreed = await elsewhere.get(leave.headers["location"])
    assert agreed.status_code == 302
    return await browser.get(agreed.headers["location"])


async def test_a_browser_signs_in_and_its_socket_is_that_person() -> None:
    async with signing(admins=("ada@example.com",)) as (_, browser, url):
        stranger = await browser.get("/", headers=HTML)
        assert stranger.headers["location"] == "/login"
        assert (await browser.get("/me/export")).status_code == 401
        with pytest.raises(websockets.InvalidStatus):
            await connect(url.replace("http", "ws") + "/ws")

        back = await sign_in(browser)
        assert back.headers["location"] == "/"
        cookie = next(one for one in back.headers.get_list("set-cookie") if one.startswith("visavis_session="))
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert SECRET not in cookie
        assert (await browser.get("/me/export")).status_code != 401
        assert (await browser.get("/openapi.json")).status_code == 200, "she is an admin, by her address"

        mine = f"visavis_session={browser.cookies['visavis_session']}"
        token = await begin(url, cookie=mine)
        assert await resumes(url, token, cookie=mine)
        assert (await browser.post("/logout", headers={"origin": "https://evil.example"})).status_code == 403
        out = await browser.post("/logout", headers={"origin": url})
        assert "signed out" in out.text
        assert "visavis_session" not in browser.cookies
        assert (await browser.get("/me/export")).status_code == 401


async def test_two_people_are_two() -> None:
    async with signing() as (provider, ada, url):
        await sign_in(ada)
        token = await begin(url, cookie=f"visavis_session={ada.cookies['visavis_session']}")
        provider.person = {"sub": "43", "email": "eve@example.com", "email_verified": True}
        async with httpx.AsyncClient(base_url=url) as eve:
            await sign_in(eve)
            assert not await resumes(url, token, cookie=f"visavis_session={eve.cookies['visavis_session']}")


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": None},
        {"aud": [CLIENT, "other"]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"azp": "other"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
        {"iat": int(time.time()) + 3_600},
        {"sub": None},
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(spoil: dict[str, Any]) -> None:
    async with signing() as (provider, browser, _):
        provider.spoil = spoil
        back = await sign_in(browser)
        assert back.status_code == 403
        assert "visavis_session" not in browser.cookies
        assert "begin again" in back.text
        provider.spoil = {}
        assert (await sign_in(browser)).status_code == 303


def with_key(kid: str) -> Callable[[dict[str, Any]], str]:
    key = jwk.RSAKey.generate_key(2048, {"kid": kid})
    return lambda claims: jwt.encode({"alg": "RS256", "kid": kid}, claims, key)


def by_hand(header: dict[str, str], claims: dict[str, Any], secret: bytes) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    signature = hmac.new(secret, b".".join(parts), "sha256").digest() if secret else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


async def test_a_token_that_the_provider_did_not_sign_is_refused() -> None:
    async with signing() as (provider, browser, _):
        public = provider.key.as_pem(private=False)
        for sign_with in (
            with_key("one"),
            with_key("unknown"),
            # The public key used as a shared secret, and no signature at all (RFC 8725, 2.1).
            lambda claims: by_hand({"alg": "HS256", "kid": "one"}, claims, public),
            lambda claims: by_hand({"alg": "none"}, claims, b""),
            lambda claims: "no token",
        ):
            provider.sign_with = sign_with
            back = await sign_in(browser)
            assert back.status_code == 403
            assert "not signed" in back.text
            assert "visavis_session" not in browser.cookies


async def test_the_way_back_belongs_to_the_browser_that_left() -> None:
    async with signing() as (_, browser, url):
        leave = await browser.get("/login")
        async with httpx.AsyncClient() as elsewhere:
            agreed = (await elsewhere.get(leave.headers["location"])).headers["location"]
        async with httpx.AsyncClient(base_url=url) as other:
            assert (await other.get(agreed)).status_code == 403, "a stranger's code does not sign anybody in"
            await other.get("/login")
            assert (await other.get(agreed)).status_code == 403, "nor with a sign-in of their own under way"
        assert (await browser.get(agreed + "x")).status_code == 403
        assert (await browser.get("/login/back?error=access_denied")).status_code == 403
        assert (await browser.get(agreed)).status_code == 303
        assert (await browser.get(agreed)).status_code == 403, "a code serves once"


async def test_a_new_key_of_the_provider_is_fetched_but_not_for_everybody_who_asks() -> None:
    async with signing() as (provider, browser, _):
        await sign_in(browser)
        provider.turn_key()
        assert (await sign_in(browser)).status_code == 403, "its keys were asked for only just now"
        assert provider.asked.count("keys") == 1
        assert provider.asked.count("discovery") == 1


@pytest.mark.parametrize(
    ("person", "trust", "name"),
    [
        ({"sub": "7", "email": "boss@example.com", "email_verified": False}, False, 404),
        ({"sub": "7", "email": "boss@example.com"}, False, 404),
        ({"sub": "7", "email": "boss@example.com"}, True, 200),
        ({"sub": "boss@example.com"}, True, 404),
    ],
)
async def test_an_address_that_is_not_verified_makes_nobody_an_admin(
    person: dict[str, Any], trust: bool, name: int
) -> None:
    async with signing(admins=("boss@example.com",), oidc_trust_email=trust) as (provider, browser, _):
        provider.person = person
        assert (await sign_in(browser)).status_code == 303
        assert (await browser.get("/openapi.json")).status_code == name


async def test_a_provider_that_is_away_is_told_in_plain_words() -> None:
    async with signing() as (provider, browser, _):
        await provider.__aexit__()
        answer = await browser.get("/login")
        assert answer.status_code == 502
        assert "cannot be reached" in answer.text
        assert (await browser.get("/health/live")).status_code == 200


async def test_cookies_of_others_and_old_ones_open_nothing() -> None:
    async with signing() as (_, browser, _):
        now = time.time()
        forged = [
            Signer("another secret", PURPOSE, time.time).seal({"name": "ada@example.com"}, LASTS),
            Signer(SECRET, b"visavis sign-in", time.time).seal({"name": "ada@example.com"}, LASTS),
            Signer(SECRET, PURPOSE, lambda: now - LASTS - 1).seal({"name": "ada@example.com"}, LASTS),
            "e30.", ".", "a.b", "é.é", "a" * 10_000,
        ]  # fmt: skip
        for cookie in forged:
            raw = {"cookie": f"visavis_session={cookie}".encode()}
            assert (await browser.get("/me/export", headers=raw)).status_code == 401, cookie[:20]
        good = Signer(SECRET, PURPOSE, time.time).seal({"name": "ada@example.com"}, LASTS)
        assert (await browser.get("/me/export", headers={"cookie": f"visavis_session={good}"})).status_code != 401


async def test_without_a_provider_nobody_signs_in() -> None:
    async with serving(voices=("espeak",)) as url, httpx.AsyncClient(base_url=url) as browser:
        assert (await browser.get("/login")).status_code == 404
        good = Signer("", PURPOSE, time.time).seal({"name": "ada@example.com"}, LASTS)
        await browser.get("/me/export", headers={"cookie": f"visavis_session={good}", "host": "evil.example"})


def test_a_provider_needs_a_client_and_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_OIDC_ISSUER", "https://login.example.com")
    with pytest.raises(SettingsError, match="VISAVIS_OIDC_CLIENT_SECRET"):
        load()
    monkeypatch.setenv("VISAVIS_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("VISAVIS_OIDC_CLIENT_SECRET", SECRET)
    assert load().oidc_issuer
    monkeypatch.setenv("VISAVIS_OIDC_ISSUER", "http://login.example.com")
    with pytest.raises(SettingsError, match="https://"):
        load()
    assert "hidden" not in repr(Settings(oidc_issuer="", oidc_client_secret="hidden"))
