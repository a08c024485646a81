"""A person who speaks, over the real socket: the end of their turn, guesses, and the server's own ears."""

import asyncio
import shutil
from pathlib import Path

from backend import wire
from tests.fakes.chat import ChatFake
from tests.hearing.conftest import WEIGHTLESS, tone
from tests.server import serving
from tests.talker import Talker, talker

ANSWER = "Certainly, it runs on two cores. It needs nothing else."


async def speak(person: Talker, text: str, utterance: int, *, after: int = 0, pace: float = 0.1) -> float:
    """Send *text* word by word as interim results; returns when the last one left."""
    words = text.split()
    for n in range(after + 1, len(words) + 1):
        speak.revision += 1  # type: ignore[attr-defined]
        said = " ".join(words[:n])
        await person.send(type="heard", text=said, utterance=utterance, revision=speak.revision)  # type: ignore[attr-defined]
        await asyncio.sleep(pace)
    return asyncio.get_running_loop().time()


speak.revision = 0  # type: ignore[attr-defined]


async def test_the_server_tells_when_they_are_done() -> None:
    async with serving(voices=("espeak",)) as url, talker(url, speed=20) as person:
        await speak(person, "what can you", 1)
        await asyncio.sleep(0.5)
        assert not person.turns, "an open clause is waited for"
        await speak(person, "what can you do", 1)
        await person.until(lambda: 1 in person.turns)
        started = person.turns[1].messages[0]
        assert (started["text"], started["source"], started["utterance"]) == ("what can you do", "heard", 1)
        # What the recogniser settles on later is the same utterance.
        await person.send(type="heard", text="What can you do?", final=True, utterance=1, revision=999)
        await person.until(lambda: person.turns[1].end)
        assert list(person.turns) == [1]


async def test_a_right_guess_is_the_turn_and_costs_one_answer() -> None:
    async with (
        ChatFake(first_token=0.05) as chat,
        serving(voices=("espeak",), openai_base_url=chat.url, openai_api_key="none") as url,
        talker(url, speed=20) as person,
    ):
        chat.answer = ANSWER
        await speak(person, "how does it work", 1)
        await person.until(lambda: 1 in person.turns and person.turns[1].end)
        heard = person.turns[1]
        assert heard.text == ANSWER
        assert heard.end is not None
        assert heard.end["cost"]["ahead_ms"] > 50
        assert heard.end["cost"]["dropped"] == 0
        assert heard.end["latency"]["first_token"] is not None
        assert len(chat.requests) == 1
        assert chat.requests[0].body["messages"][-1]["content"].endswith("how does it work")


async def test_a_wrong_guess_is_dropped_and_paid_for() -> None:
    async with (
        ChatFake(first_token=0.01, rate=50) as chat,
        serving(voices=("espeak",), openai_base_url=chat.url, openai_api_key="none") as url,
        talker(url, speed=20) as person,
    ):
        chat.answer = ANSWER
        await speak(person, "how does it work", 1)
        await asyncio.sleep(0.4)
        await speak(person, "how does it work on a phone", 1, after=4)
        await person.until(lambda: person.turns and next(iter(person.turns.values())).end)
        assert [turn.messages[0]["text"] for turn in person.turns.values()] == ["how does it work on a phone"]
        end = person.turns[1].end
        assert end is not None
        assert end["cost"]["dropped"] == 1
        assert end["cost"]["dropped_tokens"] > 0
        assert len(chat.requests) == 2
        assert chat.requests[0].outcome == "closed"


async def test_sound_without_a_model_is_refused_and_listening_says_what_to_do() -> None:
    async with serving(voices=("espeak",)) as url, talker(url) as person:
        assert person.ready["engines"]["ears"] == ""
        await person.send(type="listen")
        await person.until(lambda: any(m["type"] == "ears" for _, m in person.frames))
        told = next(m for _, m in person.frames if m["type"] == "ears")
        assert told["state"] == "missing"
        assert "visavis models get whisper-tiny.en" in told["action"]
        await person.socket.send(wire.Audio(1, 0, 0, tone(0.1), kind=wire.Kind.MICROPHONE).pack(0))
        await person.until(lambda: person.errors)
        assert person.errors[0]["code"] == "unexpected_sound"


async def test_the_servers_ears_take_sound(tmp_path: Path) -> None:
    """With whisper.cpp's weightless model: everything but the words, of which there are none."""
    models = tmp_path / "ears" / "models"
    models.mkdir(parents=True)
    shutil.copy(WEIGHTLESS, models / "ggml-tiny.en.bin")
    async with serving(voices=("espeak",), data=tmp_path / "ears") as url, talker(url) as person:
        assert person.ready["engines"]["ears"] == "whisper"
        await person.send(type="listen")
        await person.until(lambda: any(m["type"] == "ears" for _, m in person.frames))
        assert next(m for _, m in person.frames if m["type"] == "ears")["state"] == "ready"
        for n in range(8):
            flags = wire.Flags.LAST if n == 7 else wire.Flags.NONE
            frame = wire.Audio(5, 0, n, tone(0.1), flags, wire.Kind.MICROPHONE)
            await person.socket.send(frame.pack(0))
        await person.until(lambda: any(m["type"] == "transcript" and m["final"] for _, m in person.frames))
        said = [m for _, m in person.frames if m["type"] == "transcript"]
        assert (said[-1]["stretch"], said[-1]["text"], said[-1]["final"]) == (5, "", True)
        assert not person.errors
        speech = wire.Audio(5, 0, 0, b"\0\0").pack(0)
        await person.socket.send(speech)
        await person.until(lambda: person.errors)
        assert person.errors[0]["code"] == "unexpected_sound"
