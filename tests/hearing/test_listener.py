"""Frames of a microphone become words: guesses on the way, the whole at the end, one stretch after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.fallback import EngineError
from backend.hearing import Transcript
from backend.hearing.listener import SETTLED_AFTER, Listener
from tests.hearing.conftest import CountingEars, quiet, tone

Words = list[tuple[int, str, bool]]


@asynccontextmanager
async def listening(ears: CountingEars) -> AsyncIterator[tuple[Listener, Words, list[EngineError]]]:
    words: Words = []
    errors: list[EngineError] = []
    listener = Listener(ears, lambda *said: words.append(said), errors.append)
    task = asyncio.create_task(listener.run())
    yield listener, words, errors
    task.cancel()


async def until(words: Words, finals: int) -> None:
    async with asyncio.timeout(5):
        while sum(final for _, _, final in words) < finals:
            await asyncio.sleep(0.005)


async def test_guesses_while_they_speak_and_the_whole_at_the_end(ears: CountingEars) -> None:
    async with listening(ears) as (listener, words, _):
        for n in range(25):
            listener.feed(1, tone(0.1), last=n == 24)
            await asyncio.sleep(0.002)
        await until(words, 1)
    assert words == [(1, "10", False), (1, "20", False), (1, "25", True)]


async def test_silence_after_a_guess_is_not_transcribed_again(ears: CountingEars) -> None:
    async with listening(ears) as (listener, words, _):
        listener.feed(1, tone(1.0), last=False)
        await asyncio.sleep(0.02)
        listener.feed(1, quiet(0.4), last=True)
        await until(words, 1)
    assert words == [(1, "10", False), (1, "10", True)]
    assert len(ears.heard) == 1


async def test_the_end_does_not_wait_for_a_guess(ears: CountingEars) -> None:
    async with listening(ears) as (listener, words, _):
        ears.takes = 30
        listener.feed(1, tone(1.2), last=False)
        await asyncio.sleep(0.02)
        ears.takes = 0
        listener.feed(1, tone(0.3), last=True)
        await until(words, 1)
    assert words == [(1, "15", True)]


async def test_no_guesses_while_the_workers_are_busy(ears: CountingEars) -> None:
    ears.idle = False
    async with listening(ears) as (listener, words, _):
        listener.feed(1, tone(3), last=False)
        await asyncio.sleep(0.02)
        listener.feed(1, b"", last=True)
        await until(words, 1)
    assert words == [(1, "30", True)]


async def test_long_speech_is_settled_piece_by_piece(ears: CountingEars) -> None:
    ears.idle = False
    async with listening(ears) as (listener, words, _):
        for _ in range(60):
            listener.feed(1, tone(1), last=False)
            await asyncio.sleep(0.001)
        listener.feed(1, b"", last=True)
        await until(words, 1)
    stretch, text, final = words[-1]
    assert (stretch, final) == (1, True)
    assert len(text.split()) >= 3
    assert sum(map(int, text.split())) in range(590, 601)
    assert max(ears.heard) <= SETTLED_AFTER * 32_000


async def test_stretches_follow_each_other_and_a_failure_does_not_end_it(ears: CountingEars) -> None:
    async with listening(ears) as (listener, words, errors):
        good = ears.hear

        async def bad(pcm16k: bytes, language: str = "en-US") -> Transcript:
            raise EngineError("Busy.")

        ears.hear = bad  # type: ignore[method-assign]
        listener.feed(1, tone(0.5), last=True)
        await until(words, 1)
        ears.hear = good  # type: ignore[method-assign]
        listener.feed(2, tone(0.5), last=True)
        listener.feed(3, tone(0.7), last=True)
        await until(words, 3)
    assert words == [(1, "", True), (2, "5", True), (3, "7", True)]
    assert [error.reason for error in errors] == ["Busy."]
