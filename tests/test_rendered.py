"""Kept lines sound and move exactly like fresh ones, and one rendering serves all who want it at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cache import Cache
from backend.cache.disk import DiskTier
from backend.cache.memory import Memory
from backend.fallback import Chain, EngineError
from backend.rendered import Lines, RenderedLine, lip_sync_version, pack, unpack, whole
from backend.rendering import Piece, Rendering
from backend.speaking import Pcm, Spoken, Style, Voice, WordMark
from backend.speaking.espeak import EspeakVoice
from backend.wire import Shape

TEXT = "Good morning, this is a short line about five red apples."
STYLE = Style()


class Counting:
    """A voice that counts how often it speaks; it can break off or be away."""

    def __init__(self, voice: Voice, name: str = "counting", fails_after: int = -1) -> None:
        self.name = name
        self.said = 0
        self.closed = 0
        self._voice = voice
        self._left = fails_after

    async def say(self, text: str, style: Style) -> AsyncIterator[Spoken]:
        self.said += 1
        left = self._left
        try:
            async for item in self._voice.say(text, style):
                if left == 0:
                    raise EngineError("It broke off.")
                left -= 1
                await asyncio.sleep(0)
                yield item
        finally:
            self.closed += 1


class Beeps:
    """A voice without work: a tone per word."""

    name = "beeps"

    async def say(self, text: str, style: Style) -> AsyncIterator[Spoken]:
        for number, word in enumerate(text.split()):
            yield WordMark(number * 0.2, number * 0.2 + 0.2, word)
            yield Pcm(b"\x10\x20" * 4_800)
            await asyncio.sleep(0)


async def rendered(rendering: "object") -> list[Piece]:
    async with aclosing(rendering.pieces()) as pieces:  # type: ignore[attr-defined]
        return [piece async for piece in pieces]


def route(*voices: Voice) -> "object":
    return Chain(list(voices)).route()


async def test_a_kept_line_is_the_line(tmp_path: Path) -> None:
    voice = Counting(EspeakVoice())
    cache = Cache([Memory(10_000_000), DiskTier(tmp_path, 10_000_000)])
    lines = Lines(cache)
    first = lines.render(TEXT, STYLE, route(voice), 0.24)  # type: ignore[arg-type]
    fresh = whole("counting", await rendered(first))
    await lines.close()
    second = lines.render(TEXT, STYLE, route(voice), 0.24)  # type: ignore[arg-type]
    pieces = await rendered(second)
    assert (first.source, second.source, second.voice, voice.said) == ("", "memory", "counting", 1)
    assert whole("counting", pieces) == fresh
    assert len(fresh.cues) > 10 and fresh.seconds > 2
    # As sent: the lengths count up, and cues after the first piece leave those before alone.
    assert [piece.last for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert [piece.seconds for piece in pieces] == sorted(piece.seconds for piece in pieces)
    assert pieces[-1].seconds == pytest.approx(fresh.seconds)
    await cache.close()
    lines = Lines(Cache([Memory(10_000_000), DiskTier(tmp_path, 10_000_000)]))
    again = lines.render(TEXT, STYLE, route(voice), 0.24)  # type: ignore[arg-type]
    assert whole("counting", await rendered(again)) == fresh and again.source == "disk"


async def test_what_changes_the_sound_is_another_line(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = Counting(Beeps())
    cache = Cache([Memory(10_000_000)])
    lines = Lines(cache)
    variants = [
        (TEXT, STYLE, 0.24), (TEXT + "!", STYLE, 0.24), (TEXT, replace(STYLE, rate=0.1), 0.24),
        (TEXT, replace(STYLE, pitch=0.1), 0.24), (TEXT, replace(STYLE, voice="other"), 0.24), (TEXT, STYLE, 0.06),
    ]  # fmt: skip
    for text, style, pause in variants:
        await rendered(lines.render(text, style, route(voice), pause))  # type: ignore[arg-type]
        await lines.close()
    assert voice.said == len(variants)
    other = Counting(Beeps(), "other")
    await rendered(lines.render(TEXT, STYLE, route(other), 0.24))  # type: ignore[arg-type]
    assert other.said == 1
    monkeypatch.setattr("backend.rendered.lip_sync_version", lambda: "newer")
    await rendered(Lines(cache).render(TEXT, STYLE, route(voice), 0.24))  # type: ignore[arg-type]
    assert voice.said == len(variants) + 1


async def test_one_rendering_for_all_who_want_it_now() -> None:
    voice = Counting(Beeps())
    lines = Lines(Cache([Memory(10_000_000)]))
    renderings = [lines.render(TEXT, STYLE, route(voice), 0.24) for _ in range(20)]  # type: ignore[arg-type]
    results = await asyncio.gather(*(rendered(rendering) for rendering in renderings))
    assert voice.said == 1
    assert all(result == results[0] for result in results)
    assert sorted(rendering.source for rendering in renderings) == [""] + ["shared"] * 19


async def test_who_leaves_takes_nobody_along_and_the_last_one_turns_off_the_light() -> None:
    voice = Counting(Beeps())
    lines = Lines(Cache([Memory(10_000_000)]))

    async def listen(pieces: int) -> int:
        heard = 0
        async with aclosing(lines.render(TEXT, STYLE, route(voice), 0.24).pieces()) as items:  # type: ignore[arg-type]
            async for _ in items:
                heard += 1
                if heard == pieces:
                    break
        return heard

    everything = len(await rendered(Rendering(TEXT, STYLE, route(Beeps()), 0.24)))  # type: ignore[arg-type]
    assert await asyncio.gather(listen(1), listen(10_000)) == [1, everything]
    await lines.close()
    text = TEXT + " And more."
    leaving = asyncio.create_task(rendered(lines.render(text, STYLE, route(voice), 0.24)))  # type: ignore[arg-type]
    for _ in range(10):
        await asyncio.sleep(0)
    assert voice.said == 2 and voice.closed == 1
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    assert voice.closed == 2, "the voice was released before the turn was over"


async def test_half_a_line_is_not_kept() -> None:
    broken = Counting(Beeps(), "broken", fails_after=5)
    lines = Lines(Cache([Memory(10_000_000)]))
    for _ in range(2):
        rendering = lines.render(TEXT, STYLE, route(broken, Beeps()), 0.24)  # type: ignore[arg-type]
        await rendered(rendering)
        await lines.close()
        assert rendering.source == ""
    assert rendering.voice == "beeps"


async def test_a_line_is_kept_under_the_voice_that_said_it() -> None:
    away, lines = Counting(Beeps(), "away", fails_after=0), Lines(Cache([Memory(10_000_000)]))
    voices = route(away, Beeps())
    await rendered(lines.render(TEXT, STYLE, voices, 0.24))  # type: ignore[arg-type]
    await lines.close()
    again = lines.render(TEXT, STYLE, voices, 0.24)  # type: ignore[arg-type]
    await rendered(again)
    assert (again.source, again.voice) == ("memory", "beeps")
    fresh = Counting(Beeps(), "away")
    back = lines.render(TEXT, STYLE, route(fresh, Beeps()), 0.24)  # type: ignore[arg-type]
    await rendered(back)
    assert (back.source, back.voice) == ("", "away"), "the better voice speaks again when it is back"


async def test_no_voice_at_all() -> None:
    away = Counting(Beeps(), "away", fails_after=0)
    lines = Lines(Cache([Memory(10_000_000)]))
    for _ in range(2):
        with pytest.raises(EngineError):
            await rendered(lines.render(TEXT, STYLE, route(away), 0.24))  # type: ignore[arg-type]


CUES = st.lists(st.tuples(st.floats(0, 99), st.sampled_from("ABCDEFGHX")), max_size=8)
WORDS = st.lists(st.tuples(st.floats(0, 99), st.floats(0, 99), st.text(max_size=8)), max_size=5).map(tuple)


@given(st.binary(max_size=4_000).map(lambda b: b[: len(b) // 2 * 2]), CUES, st.floats(0, 99), WORDS)
def test_comes_back_to_the_sample(pcm: bytes, cues: "object", until: float, words: "object") -> None:
    line = RenderedLine("voice", pcm + b"\x01\x02", cues, until, words)  # type: ignore[arg-type]
    assert unpack(pack(line)) == line


@given(st.binary(max_size=200))
def test_garbage_is_no_line(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(data)


def test_the_version_is_that_of_the_source() -> None:
    assert len(lip_sync_version()) == 12


async def test_a_kept_line_s_mouth_is_refined_behind_the_conversation() -> None:
    def refine(line: RenderedLine, text: str) -> list[tuple[float, Shape]]:
        assert text == TEXT
        assert len(line.pcm) > 10_000
        return [(0.0, "A"), (0.5, "D")]

    lines = Lines(Cache([Memory(10_000_000)]), refine)
    route = Chain([Beeps()]).route()
    async with aclosing(lines.render(TEXT, STYLE, route, 0.1).pieces()) as pieces:
        fresh = [piece async for piece in pieces]
    await lines.close()
    again = lines.render(TEXT, STYLE, route, 0.1)
    async with aclosing(again.pieces()) as pieces:
        kept = [piece async for piece in pieces]
    assert again.source
    assert kept[0].cues == [(0.0, "A"), (0.5, "D")]
    assert b"".join(piece.pcm for piece in kept) == b"".join(piece.pcm for piece in fresh)


async def test_a_refiner_that_fails_leaves_the_line_as_it_was() -> None:
    def refine(line: RenderedLine, text: str) -> list[tuple[float, Shape]]:
        raise RuntimeError("Rhubarb is not installed")

    lines = Lines(Cache([Memory(10_000_000)]), refine)
    route = Chain([Beeps()]).route()
    async with aclosing(lines.render(TEXT, STYLE, route, 0.1).pieces()) as pieces:
        _ = [piece async for piece in pieces]
    await lines.close()
    again = lines.render(TEXT, STYLE, route, 0.1)
    async with aclosing(again.pieces()) as pieces:
        assert (await anext(pieces)).cues
    assert again.source
