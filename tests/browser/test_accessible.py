"""axe-core's view of the pages, in both themes and with everything open that can be opened; and the keyboard's."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Visit, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


async def violations(page: Page, within: str = "document") -> list[str]:
    """What axe-core finds wrong on *page*, whatever its weight."""
    # Not as a script of the page, which its policy would refuse.
    await page.evaluate(AXE.read_text() + ";0")
    result = await page.evaluate(
        f"(rules) => axe.run({within}, {{runOnly: rules, resultTypes: ['violations']}})", list(RULES)
    )
    assert len(result["passes"]) > 5, "axe-core looked at nothing"
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


async def talked(person: Visitor) -> None:
    """An answer with a source under it."""
    turn = await person.say("How do I run it, and what do I need for that?")
    await person.until(f"v.line && v.line.turn === {turn} && v.conversation.exchanges.at(-1).sources.length", 60)
    await person.page.locator("#chips .chip").first.wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_page_has_no_barriers(visit: Visit, theme: str) -> None:
    person = await visit(color_scheme=theme, viewport={"width": 1280, "height": 800})
    page = person.page
    await person.until("v.face && v.face.kind")
    await page.locator(".notice").first.wait_for()
    await talked(person)
    assert await violations(page) == []
    await page.click("#transcript-toggle")
    await page.locator("#exchanges summary").last.click()
    assert await violations(page) == []
    await page.locator("#exchanges .chip").last.click()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await page.click("#settings-open")
    await page.locator("#colours input").first.wait_for()
    assert await violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_phone_shows_it_without_barriers(visit: Visit, theme: str) -> None:
    person = await visit(color_scheme=theme, **PHONE)
    await talked(person)
    assert await violations(person.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["costs", "status"])
async def test_the_other_pages_have_no_barriers(visit: Visit, path: str, theme: str) -> None:
    person = await visit(color_scheme=theme)
    await person.page.goto(f"{person.origin}/{path}")
    await person.page.locator("h1").wait_for()
    assert await violations(person.page) == []


VISIBLE = """() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    const ring = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    // The field around the text is what lights up when one types.
    const around = document.activeElement.closest(".field");
    return ring || (around !== null && parseFloat(getComputedStyle(around).outlineWidth) >= 2);
}"""


async def test_the_keyboard_reaches_all_in_the_order_of_the_eye(visit: Visit) -> None:
    person = await visit(viewport={"width": 1280, "height": 800})
    page = person.page
    await person.until("v.face && v.face.kind")
    await page.locator(".notice button").click()
    await person.idle()
    await talked(person)
    await page.keyboard.press("Escape")
    await person.idle()
    await page.evaluate("document.querySelector('.skip').focus()")
    order = ["skip"]
    for _ in range(7):
        await page.keyboard.press("Tab")
        order.append(await page.evaluate("(e => e.id || e.className || e.tagName)(document.activeElement)"))
        assert await page.evaluate(VISIBLE), f"no ring around {order[-1]}"
    assert order[:4] == ["skip", "mute", "transcript-toggle", "settings-open"]
    chips = [name for name in order if name == "chip"]
    assert order[4:] == [*chips, "mic", "words", "send", *order[7 + len(chips) :]]
    assert chips


async def test_captions_are_read_once_a_line(visit: Visit) -> None:
    """Marking the word that is spoken, and cutting what was not, must not make a screen reader begin again."""
    watch = """
        globalThis.changes = [];
        addEventListener("DOMContentLoaded", () => new MutationObserver((records) => {
            for (const { addedNodes, type } of records)
                if (type === "characterData" || addedNodes.length > 0)
                    changes.push(document.getElementById("caption").textContent);
        }).observe(document.getElementById("caption"), { childList: true, characterData: true, subtree: true }));"""
    person = await visit(script=watch)
    await person.until("v.mode === 'idle' && v.state.turn > 0", 60)
    turn = await person.say("How do I run it, and what do I need for that?")
    await person.until(f"v.line && v.line.turn === {turn} && v.line.text.split(' ').length > 6 && v.line.seconds > 0.3")
    await person.page.evaluate("changes.length = 0")
    line = await person.look("v.line.text")
    await person.until(f"v.line.seconds > 0.8 || v.line.text !== {line!r}")
    await person.page.keyboard.press("Escape")
    await person.until("v.mode === 'idle'")
    caption = await person.page.inner_text("#caption")
    heard = await person.look("document.querySelectorAll('#caption span').length")
    changes = await person.page.evaluate("changes")
    assert len(changes) == len(set(changes)) <= 1, "only another line may be new text"
    said = changes[-1] if changes else line
    assert 0 < heard < len(said.split())
    assert said.startswith(caption)
