"""The cost page and the person's own records, in a real browser under the strict content policy."""

import asyncio

from tests.browser.conftest import Visit


async def test_the_cost_page_draws_and_calculates(visit: Visit) -> None:
    person = await visit()
    page = person.page
    await page.goto(person.origin + "/costs")
    canvas = page.locator("#chart canvas")
    await canvas.wait_for()
    assert await page.locator("#chart").get_attribute("aria-hidden") == "true", "the table says it to screen readers"
    assert await page.get_by_role("heading", name="By model").count() == 1
    await page.get_by_label("Hours a day the app runs").fill("8")
    await page.get_by_label("Days a month").fill("22")
    await page.get_by_role("button", name="Calculate").click()
    await page.wait_for_url("**/costs?**#calculator")
    assert await page.get_by_text("176 h x $0.375").count() == 2
    for width in (1200, 360):
        await page.set_viewport_size({"width": width, "height": 800})
        # The chart follows the window's new size one frame later, or more on a busy machine.
        async with asyncio.timeout(10):
            while await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                await asyncio.sleep(0.05)


async def test_forget_me_asks_once_more(visit: Visit) -> None:
    person = await visit()
    page = person.page
    await page.locator("#settings-open").click()
    forget = page.locator("#forget")
    assert await forget.inner_text() == "Forget me"
    await forget.click()
    assert await forget.inner_text() == "Really forget everything?"
    assert await page.locator("#forgotten").inner_text() == ""
    await forget.click()
    await page.locator("#forgotten", has_text="forgotten").wait_for()
    assert await forget.inner_text() == "Forget me"
