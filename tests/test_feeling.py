"""The better reader of emotion in a conversation: what it says late eases in, and never keeps the sound waiting."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from backend.checkup import checkup
from backend.fallback import EngineError
from backend.feeling import Emotion
from backend.settings import Settings
from tests.feeling.tiny import make
from tests.server import serving
from tests.talker import talker

CHATTY = "Tell me about the lip sync."


class Slow:
    """A reader that needs longer than the voice; everything delights it."""

    problem: EngineError | None = None
    ready = True
    seconds = 0.3

    def __init__(self, model: str) -> None:
        self.closed = False

    async def warm(self) -> None:
        pass

    async def read(self, text: str) -> Emotion:
        await asyncio.sleep(self.seconds)
        return Emotion("joy", 0.97)

    async def aclose(self) -> None:
        self.closed = True


def of(frames: list[tuple[float, dict[str, Any]]], kind: str) -> list[tuple[float, dict[str, Any]]]:
    return [(at, message) for at, message in frames if message["type"] == kind]


async def test_a_late_feeling_eases_in_behind_the_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.engines.Transformers", Slow)
    async with serving(voices=("espeak",), emotion_model="slow") as url, talker(url, speed=20) as person:
        await person.ask("Hello!")  # the voice is warm
        before = len(person.frames)
        heard = await person.ask(CHATTY)
        frames = person.frames[before:]
        first_line = of(frames, "line")[0][1]
        assert first_line["emotion"] != "joy"
        better = of(frames, "feeling")
        assert better, "it was told"
        at, told = next((at, one) for at, one in better if one["line"] == 0)
        assert (told["turn"], told["emotion"]) == (heard.turn, "joy")
        assert heard.first_sound is not None
        assert heard.first_sound < at
        assert heard.end is not None
        assert heard.end["why"] == "complete"


async def test_a_model_by_setting_reads_for_the_turn(tmp_path: Path) -> None:
    folder = make(tmp_path / "tiny")
    async with serving(voices=("espeak",), emotion_model=str(folder)) as url:
        async with asyncio.timeout(20):
            name = ""
            while name != "transformers":
                async with talker(url, speed=20) as person:
                    name = person.ready["engines"]["feeling"]
        async with talker(url, speed=20) as person:
            # "very sad" is what the tiny model understands; the embedded one would see it as well, less surely.
            heard = await person.ask("Tell me about very sad sad sad sad sad.")
            assert heard.end is not None
            assert not person.notices
            shown = of(person.frames, "thinking") + of(person.frames, "feeling")
            assert any(one.get("feeling", one.get("emotion")) == "sadness" for _, one in shown)


async def test_a_model_that_is_not_there_is_said_once_and_the_embedded_one_serves(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    async with serving(voices=("espeak",), emotion_model=str(tmp_path)) as url, talker(url, speed=20) as person:
        for _ in range(3):
            await person.ask(CHATTY)
        assert [notice["code"] for notice in person.notices] == ["emotion_to_nothing"]
        assert "built-in classifier" in person.notices[0]["text"]
        assert person.ready["engines"]["feeling"] == "embedded"


async def test_the_doctor_tells_who_reads(tmp_path: Path) -> None:
    told: list[str] = []
    folder = make(tmp_path / "tiny")
    await checkup(Settings(voices=("espeak",), emotion_model=str(folder), data=tmp_path), told.append)
    report = told[told.index("Feeling:") + 1 :]
    assert report[0].startswith(f"  ok  {folder}")
    assert report[1].startswith("  ok  embedded")
    told.clear()
    await checkup(Settings(voices=("espeak",), emotion_model=str(tmp_path / "none"), data=tmp_path), told.append)
    assert told[told.index("Feeling:") + 1].startswith("  -- ")
