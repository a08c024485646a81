"""What bridges the wait for an answer: when an opener is said, which one, and that nothing else hears of it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from backend.cache import Cache
from backend.fallback import Chain, Route
from backend.openers import MOST_IN_A_ROW, Opening, Rendered, Unrepeated, kind_of, openers
from backend.rendered import Lines
from backend.speaking import Style, Voice
from backend.speaking.espeak import EspeakVoice
from backend.urgency import Urgency
from tests.fakes.chat import ChatFake
from tests.server import serving
from tests.talker import Heard, Talker, talker
from tests.test_hearing import speak

ANSWER = "Well, it runs on two cores. It needs nothing else."
STYLE = Style("en-US")


# ---------------------------------------------------------------- the rule


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("what does it cost", "en-US", "question"),
        ("show me the documentation", "en-US", "request"),
        ("I have a problem with my printer", "en-US", "statement"),
        ("how are you", "en-US", None),
        ("hello there my friend", "en-US", None),
        ("no thanks", "en-US", None),
        ("why", "en-US", None),
        ("was kostet das im Monat", "de-DE", "question"),
        ("what does it cost", "fi-FI", None),
    ],
)
def test_what_is_bridged(text: str, language: str, kind: str | None) -> None:
    assert kind_of(text, language) == kind


def test_every_language_of_the_end_of_turn_has_openers_of_every_kind() -> None:
    for language in ("en", "de", "fr", "es", "it", "pt"):
        lines = openers(language)
        assert set(lines) == {"question", "request", "statement"}
        assert all(len(texts) >= 2 for texts in lines.values()), "never twice the same"


@pytest.fixture
async def rendered() -> Rendered:
    return Rendered(Lines(Cache([])), Urgency())


@pytest.fixture
def voices() -> Route[Voice]:
    return Chain[Voice]([EspeakVoice()]).route()


async def ready(rendered: Rendered, voices: Route[Voice], style: Style = STYLE) -> None:
    every = {text for texts in openers(style.language).values() for text in texts}
    async with asyncio.timeout(20):
        while set(rendered.of(style, voices)) != every:
            await asyncio.sleep(0.02)


async def test_one_that_is_not_rendered_is_not_said_and_is_there_next_time(
    rendered: Rendered, voices: Route[Voice]
) -> None:
    opening = Opening(rendered)
    assert opening.choose("what does it cost", STYLE, voices) is None
    await ready(rendered, voices)
    chosen = opening.choose("what does it cost", STYLE, voices)
    assert chosen is not None
    assert 0.1 < chosen.line.seconds < 1.5
    assert chosen.line.cues


async def test_never_twice_the_same_and_not_for_ever(rendered: Rendered, voices: Route[Voice]) -> None:
    await ready(rendered, voices)
    opening = Opening(rendered)
    said = [opening.choose("what does it cost", STYLE, voices) for _ in range(3 * (MOST_IN_A_ROW + 1))]
    texts = [one.text if one else "" for one in said]
    assert all(one != other for one, other in itertools.pairwise(texts))
    assert [n for n, text in enumerate(texts) if not text] == [
        MOST_IN_A_ROW,
        2 * MOST_IN_A_ROW + 1,
        3 * MOST_IN_A_ROW + 2,
    ]


async def test_it_is_long_enough_for_slow_answers_and_not_what_the_answer_begins_with(
    rendered: Rendered, voices: Route[Voice]
) -> None:
    await ready(rendered, voices)
    opening = Opening(rendered)
    for _ in range(6):
        opening.took(3.0)
    longest = opening.choose("what does it cost", STYLE, voices)
    lines = rendered.of(STYLE, voices)
    assert longest is not None
    assert longest.line.seconds == max(lines[text].seconds for text in openers("en")["question"])
    for _ in range(MOST_IN_A_ROW):
        other = Opening(rendered).choose("what does it cost", STYLE, voices, begun="Well, it")
        assert other is not None
        assert other.text != "Well,"


async def test_once_an_utterance(rendered: Rendered, voices: Route[Voice]) -> None:
    await ready(rendered, voices)
    opening = Opening(rendered)
    assert opening.choose("what should I do", STYLE, voices, utterance=3)
    assert opening.choose("what should I do if it fails", STYLE, voices, utterance=3) is None


@pytest.mark.parametrize(
    ("opener", "tokens", "left"),
    [
        ("Well,", ["Well", ",", " it", " runs."], "It runs."),
        ("Well,", ["Wel", "ding", " is hot."], "Welding is hot."),
        ("So,", ["Some", "thing"], "Something"),
        ("Let's see.", ["Let", "'s see", ". It", " runs."], "It runs."),
        ("Let's see.", ["Let us go."], "Let us go."),
        ("Well,", ["It", " runs well, well."], "It runs well, well."),
        ("", ["Well, yes."], "Well, yes."),
        ("Well,", ["Well"], "Well"),
    ],
)
def test_the_answer_does_not_say_it_again(opener: str, tokens: list[str], left: str) -> None:
    stream = Unrepeated(lambda: opener)
    assert "".join(map(stream.feed, tokens)) + stream.flush() == left


# ---------------------------------------------------------------- over the socket


@asynccontextmanager
async def conversation(**settings: Any) -> AsyncIterator[tuple[Talker, ChatFake]]:
    async with (
        ChatFake(first_token=0.6) as chat,
        serving(voices=("espeak",), openai_base_url=chat.url, openai_api_key="none", **settings) as url,
        talker(url, speed=20) as person,
    ):
        chat.answer = ANSWER
        # The first word has them rendered.
        await speak(person, "well", 1)
        await asyncio.sleep(1.5)
        yield person, chat


async def answered(person: Talker, text: str, utterance: int) -> Heard:
    await speak(person, text, utterance)
    await person.until(lambda: any(t.messages[0]["text"] == text and t.end for t in person.turns.values()))
    return person.turns[max(person.turns)]


async def test_an_opener_bridges_the_wait_and_nobody_remembers_it() -> None:
    async with conversation() as (person, chat):
        heard = await answered(person, "how does it work", 2)
        assert heard.opener is not None
        assert (heard.lines[0], heard.lines[0].voice) == (heard.opener, "espeak")
        assert heard.opener.complete
        assert heard.opener.cues
        assert heard.first_sound is not None
        assert heard.first_word is not None
        assert heard.first_word > heard.first_sound
        written = "".join(m["delta"] for m in heard.messages if m["type"] == "text")
        assert heard.text == written
        assert written in {ANSWER, ANSWER.replace("Well, it", "It")}
        assert heard.text.startswith("Well,") == (heard.opener.text != "Well,")
        again = await answered(person, "what does it cost", 3)
        assert again.opener is not None
        assert again.opener.text != heard.opener.text
        told = chat.requests[-1].body["messages"]
        assert [m["content"] for m in told if m["role"] == "assistant"][-1] == heard.text


async def test_who_cuts_in_on_an_opener_heard_nothing_of_the_answer() -> None:
    async with conversation() as (person, chat):
        await speak(person, "how does it work", 2)
        await person.until(lambda: person.turns and person.turns[max(person.turns)].opener)
        heard = person.turns[max(person.turns)]
        await person.send(type="interrupt", turn=heard.turn, line=0, played_ms=150)
        await person.until(lambda: heard.end)
        assert heard.end is not None
        assert (heard.end["type"], heard.end["heard"]) == ("cancelled", "")
        await answered(person, "what does it cost", 3)
        told = chat.requests[-1].body["messages"]
        assert [m["role"] for m in told][-2:] == ["user", "user"], "the answer that was cut off had not begun"
        assert told[-2]["content"] == "how does it work"


async def test_who_only_paused_is_waited_for_and_not_bridged_again() -> None:
    async with conversation() as (person, _):
        await speak(person, "what should I do", 2)
        await person.until(lambda: person.turns and person.turns[max(person.turns)].opener)
        early = max(person.turns)
        await speak(person, "what should I do if the model fails", 2, after=4)
        await person.until(lambda: max(person.turns) > early and person.turns[max(person.turns)].end)
        whole = person.turns[max(person.turns)]
        assert whole.messages[0]["text"] == "what should I do if the model fails"
        assert whole.opener is None
        assert person.turns[early].end == {
            "type": "cancelled",
            "seq": person.turns[early].end["seq"],
            "turn": early,
            "heard": "",
        }


async def test_the_setting_and_whoever_types_do_without() -> None:
    async with conversation() as (person, _):
        assert (await person.ask("How does it work?")).opener is None
    async with conversation(openers=False) as (person, _):
        assert (await answered(person, "how does it work", 2)).opener is None


async def test_what_is_answered_at_once_needs_none() -> None:
    async with serving(voices=("espeak",)) as url, talker(url, speed=20) as person:
        for utterance in (1, 2):
            assert (await answered(person, "what is the lip sync", utterance)).opener is None
