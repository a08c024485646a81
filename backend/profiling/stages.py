"""Measures each stage of a turn. CPU time, not wall time, but where something is waited for: a busy machine gives
nearly the same figures."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.cache import BYTES, Cache
from backend.cache.disk import DiskTier
from backend.cache.memory import Memory
from backend.speaking import SAMPLE_RATE, Pcm, PhoneMark, Style, WordMark
from backend.speaking.espeak import EspeakVoice
from backend.thinking.clauses import Clauses
from rhubarb import Stream, Word

TEXT = "Good morning, this is a line of the usual length, and it says what a visitor may want to know about apples."


@dataclass(frozen=True, slots=True)
class Measure:
    """A stage's figure: `value` in `unit`."""

    stage: str
    value: float
    unit: str


def cpu(work: Callable[[], Any], times: int) -> float:
    """Median milliseconds of this thread's CPU time."""
    spent = []
    for _ in range(times):
        began = time.thread_time()
        work()
        spent.append((time.thread_time() - began) * 1_000)
    return statistics.median(spent)


def start() -> float:
    code = "import time; import backend.main as m; m.create_app(); print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout) * 1_000


async def speech() -> tuple[bytes, list[WordMark], list[PhoneMark], float]:
    """(sound, word times, phones, milliseconds of this process's CPU time) of the built-in voice."""
    voice = EspeakVoice()
    async for _ in voice.say("One.", Style()):  # the library loads with the first line
        pass
    began = time.process_time()
    sound, words, phones = b"", list[WordMark](), list[PhoneMark]()
    async for item in voice.say(TEXT, Style()):
        if isinstance(item, Pcm):
            sound += item.data
        elif isinstance(item, WordMark):
            words.append(item)
        else:
            phones.append(item)
    return sound, words, phones, (time.process_time() - began) * 1_000


def lip_sync(pcm: bytes, words: list[WordMark], listen: bool) -> float:
    chunk = SAMPLE_RATE // 10 * 2

    def once() -> None:
        stream = Stream(TEXT, SAMPLE_RATE, "en-US", listen=listen)
        for word in words:
            stream.word(Word(word.start, word.end, word.text))
        for at in range(0, len(pcm), chunk):
            stream.feed(pcm[at : at + chunk])
            stream.tail()
        stream.finish()

    once()
    return cpu(once, 3)


def clauses() -> None:
    cutter = Clauses("en-US")
    for word in (TEXT + " ") * 3:
        cutter.feed(word)
    cutter.flush()


async def cache(value: bytes) -> list[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        near, far = Cache([Memory(10**8)]), Cache([DiskTier(Path(folder), 10**8)])
        found = []
        for cache in (near, far):
            space = cache.space("profile", 1, 60, BYTES)
            await space.put(value, 0)
            began = time.perf_counter()
            for _ in range(50):
                await space.get(0)
            found.append((time.perf_counter() - began) / 50 * 1_000)
            await cache.close()
    return [Measure("find in memory", found[0], "ms"), Measure("read from disk", found[1], "ms")]


def _same(data: bytes) -> bytes:
    return data


def pool(data: bytes) -> float:
    """Wall time; the other process is warm."""
    with ProcessPoolExecutor(1) as pool:
        pool.submit(_same, data).result()
        spent = []
        for _ in range(20):
            began = time.perf_counter()
            pool.submit(_same, data).result()
            spent.append((time.perf_counter() - began) * 1_000)
    return statistics.median(spent)
