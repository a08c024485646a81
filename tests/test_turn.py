"""The whole turn over a real socket, with real clients of both fakes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.chat import ChatFake
from tests.fakes.chat import Failure as ChatFailure
from tests.fakes.edge import EdgeFake
from tests.fakes.edge import Failure as EdgeFailure
from tests.server import serving
from tests.talker import Talker, talker

ANSWER = "Certainly, this is how it goes. The second sentence follows the first one. And then there is a third."


@asynccontextmanager
async def conversation(
    chat: dict[str, Any] | None = None, edge: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[tuple[Talker, ChatFake, EdgeFake]]:
    """A person connected to a server whose model and voice are the fakes."""
    async with ChatFake(**(chat or {})) as mind, EdgeFake(**(edge or {})) as voice:
        mind.answer = ANSWER
        settings = {"openai_base_url": mind.url, "openai_api_key": "none", "edge_url": voice.url} | settings
        async with serving(**settings) as url, talker(url, speed=20) as person:
            yield person, mind, voice


def loudness(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, np.int16).astype(float) ** 2)))


async def test_an_answer_is_streamed_spoken_and_moved() -> None:
    async with conversation() as (person, mind, voice):
        heard = await person.ask("How does it go?")
        assert heard.text == ANSWER
        assert heard.end is not None
        assert heard.end["why"] == "complete"
        assert heard.end["cost"]["answered_by"] == "openai"
        assert heard.end["cost"]["completion_tokens"] == mind.requests[-1].completion_tokens
        assert heard.lines[0].text == "Certainly,", "the first clause is short"
        for line in heard.lines.values():
            assert line.voice == "edge"
            assert line.complete
            assert loudness(bytes(line.pcm)) > 300
            assert [word.strip(".,") for _, _, word, _ in line.words] == [w.strip(".,") for w in line.text.split()]
            assert all(line.text.startswith(word, at) for _, _, word, at in line.words)
            assert line.uncovered < 0.0005, "cues reach the client before their sound"
            assert set(line.cues.values()) - {"X"}, "the mouth moves"
        assert [m["type"] for m in heard.messages[:2]] == ["turn_started", "thinking"]
        assert len(voice.requests) == len(heard.lines)
        assert not person.errors
        assert not person.notices


async def test_the_caption_is_written_and_the_voice_gets_the_words() -> None:
    async with conversation() as (person, mind, voice):
        mind.answer = "Set `OPENAI_BASE_URL` in the file named .env, please. See https://example.org/a_b for more."
        heard = await person.ask("How do I set it?")
        assert " ".join(line.text for line in heard.lines.values()) == mind.answer.replace("`", "")
        said = " ".join(request.text for request in voice.requests)
        assert "OPENAI BASE URL" in said
        assert "example" not in said
        # Each word is timed where it is written, in order.
        for line in heard.lines.values():
            places = [at for *_, at in line.words]
            assert -1 not in places
            assert places == sorted(places)
        (line,) = [line for line in heard.lines.values() if "OPENAI" in line.text]
        assert {line.text[at:].split()[0] for *_, at in line.words} >= {"OPENAI_BASE_URL", "named"}


async def test_the_sound_begins_before_the_answer_is_complete() -> None:
    async with conversation(chat={"rate": 15}) as (person, _, _):
        heard = await person.ask("How does it go?")
        assert heard.first_sound is not None
        last_word = max(at for at, m in person.frames if m["type"] == "text")
        assert heard.first_sound < last_word


async def test_an_interruption_keeps_what_was_heard_and_stops_everything() -> None:
    async with conversation(chat={"rate": 15}) as (person, mind, voice):
        heard = await person.say("How does it go?")
        await person.until(lambda: heard.first_sound)
        await person.send(type="interrupt", turn=heard.turn, line=0, played_ms=100)
        await person.until(lambda: heard.end)
        assert heard.end == {"type": "cancelled", "seq": heard.end["seq"], "turn": 1, "heard": "Certainly,"}
        frames = len(person.frames)
        await asyncio.sleep(0.4)
        assert len(person.frames) == frames, "nothing of the old turn comes any more"
        assert mind.open == 0, "the model's stream is closed"
        assert mind.requests[-1].outcome == "closed"
        assert voice.open == 0
        # What the model is told next time is what was heard.
        await person.ask("And then?")
        said = [(m["role"], m["content"]) for m in mind.requests[-1].body["messages"] if m["role"] != "system"]
        assert ("assistant", "Certainly,") in said


async def test_speech_is_sent_a_few_seconds_ahead_at_most() -> None:
    long = " ".join(f"This is sentence number {n} of a long answer." for n in range(30))
    async with (
        ChatFake() as mind,
        EdgeFake() as voice,
        serving(openai_base_url=mind.url, openai_api_key="none", edge_url=voice.url, ahead_seconds=3) as url,
        talker(url, play=False) as person,
    ):
        mind.answer = long
        heard = await person.say("Tell me everything.")
        await asyncio.sleep(3)
        assert 2.5 < heard.seconds() < 3.5
        assert len(voice.requests) <= 8
        assert heard.end is None


@pytest.mark.parametrize("kind", ["403", "503", "no_audio", "stall", "cut", "bad_frame", "garbage"])
async def test_when_edge_fails_espeak_goes_on_and_the_person_is_told_once(kind: Any) -> None:
    async with conversation(edge={"fail": kind}) as (person, _, _):
        first = await person.ask("How does it go?", timeout=60)
        second = await person.ask("And again?", timeout=60)
        for heard in (first, second):
            assert heard.text == ANSWER
            assert all(loudness(bytes(line.pcm)) > 300 for line in heard.lines.values())
        assert second.lines[0].voice == "espeak"
        assert [notice["code"] for notice in person.notices] == ["edge_to_espeak"]
        assert person.notices[0]["text"]


async def test_a_voice_that_breaks_off_is_followed_by_the_next_with_the_rest() -> None:
    async with conversation() as (person, mind, voice):
        mind.answer = "One two three four five six seven eight nine ten eleven twelve."
        voice.failures.extend([None, EdgeFailure("cut", after=1.0)])
        heard = await person.ask("Count.")
        words = [word.strip(".,").lower() for line in heard.lines.values() for _, _, word, _ in line.words]
        wanted = mind.answer.strip(".").lower().split()
        assert list(dict.fromkeys(words)) == wanted, "every word is said"
        assert len(words) <= len(wanted) + 2, "at most the broken word is said again"


@pytest.mark.parametrize("kind", ["429", "500", "401", "context", "cut", "stall", "silent"])
async def test_when_the_model_fails_the_offline_mind_answers(kind: Any) -> None:
    async with conversation(chat={"fail": kind}) as (person, _, _):
        heard = await person.ask("Hello there!", timeout=60)
        assert heard.lines
        assert heard.end is not None
        assert heard.end["cost"]["answered_by"] == "offline"
        assert len(person.notices) == 1
        assert not person.errors


async def test_a_model_that_breaks_off_ends_in_an_apology() -> None:
    async with conversation() as (person, mind, _):
        mind.failures.append(ChatFailure("cut", after=6))
        heard = await person.ask("How does it go?")
        assert "Sorry" in heard.text
        assert heard.end is not None
        assert heard.end["why"] == "failed"
        again = await person.ask("Once more?")
        assert again.end is not None


async def test_markdown_links_and_code_are_not_read_aloud() -> None:
    async with conversation() as (person, mind, voice):
        mind.answer = (
            "**Sure!** See [the docs](https://example.org/a) 🙂:\n\n```python\nprint(1)\n```\n\n- one\n- two\n\n***"
        )
        heard = await person.ask("Show me.")
        spoken = " ".join(request.text for request in voice.requests)
        assert not any(mark in spoken for mark in ("*", "http", "print", "`", "🙂", "["))
        assert "the docs" in spoken
        assert heard.end is not None


async def test_fifteen_people_do_not_hear_each_other(tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text("# Tea\n\nLet it draw for four minutes.\n")
    async with ChatFake() as mind, EdgeFake() as voice:
        settings = {"openai_base_url": mind.url, "openai_api_key": "none", "edge_url": voice.url}
        # The model repeats what it is asked, and with it whatever passages were found.
        settings["documents"] = str(tmp_path)

        async def person(url: str, number: int) -> None:
            async with talker(url, speed=20) as me:
                heard = await me.ask(f"My number is {number} today", timeout=60)
                assert f"{number}" in heard.text
                heard = await me.ask("What did I say?", timeout=60)
                told = next(
                    r
                    for r in mind.requests
                    if r.body["messages"][-1]["content"].endswith("What did I say?")
                    and f"number is {number} " in str(r.body)
                )
                assert str(told.body).count("My number is") == 1 or f"{number}" in str(told.body)

        async with serving(**settings) as url:
            await asyncio.gather(*(person(url, number) for number in range(100, 115)))


async def test_a_tag_of_the_model_moves_the_face_and_is_never_said_or_shown() -> None:
    async with conversation() as (person, mind, voice):
        mind.answer = "[joy] The delivery is on its way. [sadness] The blue one is gone. That is all."
        heard = await person.ask("Where is my order?")
        written = "".join(m["delta"] for m in heard.messages if m["type"] == "text")
        spoken = " ".join(request.text for request in voice.requests)
        assert "[" not in written + spoken + heard.text
        lines = [m for m in heard.messages if m["type"] == "line"]
        shown = {line["text"].split()[0]: line["emotion"] for line in lines}
        assert shown["The"] in {"joy", "sadness"}
        assert any(line["emotion"] == "joy" and "delivery" in line["text"] for line in lines)
        assert any(line["emotion"] == "sadness" and "blue" in line["text"] for line in lines)


async def test_the_person_s_sadness_is_met_with_concern() -> None:
    async with conversation() as (person, _, _):
        heard = await person.ask("I am so sad, my dog died yesterday.")
        thinking = next(m for m in heard.messages if m["type"] == "thinking")
        assert thinking["feeling"] == "sadness"
        assert 0 < thinking["strength"] <= 0.5, "concern, not a mirror"


async def test_without_any_voice_the_browser_is_told_how_the_mouth_would_move() -> None:
    async with conversation(edge={"fail": "403"}, voices=("edge",)) as (person, _, _):
        heard = await person.ask("How does it go?")
        assert heard.text == ANSWER
        for line in heard.lines.values():
            assert (line.voice, bytes(line.pcm)) == ("", b"")
            assert set(line.cues.values()) - {"X", "A"}, "it moves"
            assert [word for _, _, word, _ in line.words] == [word.strip(".,") for word in line.text.split()]
            assert all(line.text.startswith(word, at) for _, _, word, at in line.words)
            times = [time for start, end, *_ in line.words for time in (start, end)]
            assert times == sorted(times) and times[-1] <= line.until == pytest.approx(line.seconds, abs=0.01)
        told = [notice["text"] for notice in person.notices]
        assert sum("browser speaks with its own" in text for text in told) == 1
