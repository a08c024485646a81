"""What is written: messages that are too long, and captions that keep the written form while it is spoken."""

import asyncio
from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.fakes.chat import ChatFake
from tests.fakes.edge import EdgeFake
from tests.server import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SHOTS = Path(__file__).parent / "shots"
DESK = {"viewport": {"width": 1280, "height": 800}}
ANSWER = "Set `OPENAI_BASE_URL` in the file named .env first, as https://example.org/set_up says in its second part."


async def test_a_message_that_is_too_long_is_kept_and_told(visit: Visit) -> None:
    SHOTS.mkdir(exist_ok=True)
    person = await visit(**DESK)
    await person.idle()
    note, field = person.page.locator("#length"), person.page.locator("#words")
    assert not await note.is_visible()
    await field.fill("a" * 3_990)
    assert await note.inner_text() == "10 characters left"
    await field.fill("word " * 900 + "end")
    assert await note.inner_text() == "503 characters too long: a message has at most 4,000."
    turn = await person.look("v.state.turn")
    await field.press("Enter")
    assert await field.input_value() == "word " * 900 + "end", "nothing is cut, and nothing is lost"
    await person.page.screenshot(path=SHOTS / "too-long.png")
    await asyncio.sleep(0.3)
    assert await person.look("v.state.turn") == turn
    await field.fill("short")
    assert not await note.is_visible()


async def test_the_caption_shows_what_is_written_while_its_words_are_spoken(visit: Visit) -> None:
    SHOTS.mkdir(exist_ok=True)
    async with (
        ChatFake() as mind,
        EdgeFake() as voice,
        serving(openai_base_url=mind.url, openai_api_key="none", edge_url=voice.url, greeting="") as url,
    ):
        mind.answer = ANSWER
        person = await visit(url=url, **DESK)
        turn = await person.say("How do I set it up?")
        seen: dict[str, None] = {}
        spans = "[...document.querySelectorAll('#caption span')]"
        for _ in range(200):
            now = await person.look(f"{spans}.find(s => s.className === 'now')?.textContent")
            if now:
                seen[now] = None
            if now == "named":
                await person.page.screenshot(path=SHOTS / "caption-written.png")
            if await person.look("v.mode === 'idle'") and "part." in seen:
                break
            await asyncio.sleep(0.05)
        marked = [word for word in seen if word in {"OPENAI_BASE_URL", "named", ".env", "second", "part."}]
        assert marked == ["OPENAI_BASE_URL", "named", ".env", "second", "part."]
        lines = await person.look(f"v.conversation.exchanges.find(one => one.turn === {turn}).answer")
        assert lines == ANSWER
        assert "OPENAI BASE URL" in " ".join(request.text for request in voice.requests)
