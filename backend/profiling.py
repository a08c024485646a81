"""Measures each stage on the machine at hand, and derives the thresholds that the server goes by.

CPU time, not wall time: a busy machine gives nearly the same figures. What is measured here decides nothing by
itself; `thresholds` says in one place how a figure becomes a limit, and why.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.cache import BYTES, Cache
from backend.cache.disk import DiskTier
from backend.cache.memory import Memory
from backend.feeling.embedded import Embedded
from backend.rendered import RenderedLine, pack, unpack
from backend.speaking import SAMPLE_RATE, Pcm, Style, WordMark
from backend.speaking.espeak import EspeakVoice
from backend.thinking.clauses import Clauses
from backend.thinking.router import Router
from backend.thinking.tokens import count_tokens
from backend.urgency import PROFILE
from rhubarb import Stream, Word

TEXT = "Good morning, this is a line of the usual length, and it says what a visitor may want to know about apples."
QUESTION = "How do I change the language of the voice?"
SHARE = 0.5
"""The part of a core that speech may take all the time; the rest is for bursts, models and pages."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A stage's figure: `value` in `unit`."""

    stage: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the server goes by."""

    crowd: int
    """Turns at work at once from which on the mouth follows word times instead of listening."""
    pool_seconds: float
    """Length of a line from which its lip sync would be done sooner in another process, if a core were idle."""
    keep_seconds: float
    """Length of a line from which reading it from disk is cheaper than rendering it anew."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One run."""

    date: str
    machine: str
    measures: tuple[Measure, ...]
    thresholds: Thresholds


async def profile(told: Callable[[str], None] = lambda stage: None) -> Profile:
    """Measure everything; some ten seconds of one core."""
    measures = [Measure("start until the app is made", _start(), "ms")]
    told("start")
    pcm, words, voice = await _speech()
    seconds = len(pcm) / 2 / SAMPLE_RATE
    measures.append(Measure("espeak", voice / seconds, "ms per second of sound"))
    told("voice")
    for name, listen in (("lip sync, listening", True), ("lip sync, by word times", False)):
        measures.append(Measure(name, _lip_sync(pcm, words, listen) / seconds, "ms per second of sound"))
        told(name)
    line = RenderedLine("espeak", pcm, [(0.0, "A")], seconds, ())
    packed = pack(line)
    measures += [
        Measure("keep a line", _cpu(lambda: pack(line), 5) / seconds, "ms per second of sound"),
        Measure("open a kept line", _cpu(lambda: unpack(packed), 5) / seconds, "ms per second of sound"),
        Measure("kept line's size", len(packed) / seconds / 1_000, "kB per second of sound"),
    ]
    feeling, router = Embedded(), Router()
    feeling.read(TEXT)
    measures += [
        Measure("emotion of a clause", _cpu(lambda: feeling.read(TEXT), 200), "ms"),
        Measure("router's choice", _cpu(lambda: router.choose(QUESTION), 200), "ms"),
        Measure("clauses of an answer", _cpu(_clauses, 50), "ms"),
        Measure("count 100 tokens", _cpu(lambda: count_tokens(TEXT * 4), 100), "ms"),
        *await _cache(packed),
        Measure("another process, there and back", _pool(pcm[: SAMPLE_RATE * 2]), "ms"),
    ]
    told("the rest")
    return Profile(
        datetime.now(UTC).date().isoformat(),
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        tuple(Measure(one.stage, round(one.value, 4), one.unit) for one in measures),
        thresholds({one.stage: one.value for one in measures}),
    )


def thresholds(measured: dict[str, float]) -> Thresholds:
    """What follows from the figures."""
    listening = measured["espeak"] + measured["lip sync, listening"]
    return Thresholds(
        crowd=max(1, int(SHARE * 1_000 / listening)),
        pool_seconds=round(measured["another process, there and back"] / measured["lip sync, listening"], 3),
        keep_seconds=round(measured["read from disk"] / max(1e-6, listening - measured["open a kept line"]), 3),
    )


def text(result: Profile) -> str:
    """For people."""
    width = max(len(one.stage) for one in result.measures)
    limits = result.thresholds
    return "\n".join(
        [
            f"{result.date}, {result.machine}. CPU time, but for the start and the ways to disk and processes.",
            *(f"  {one.stage:<{width}}  {one.value:>10.3f} {one.unit}" for one in result.measures),
            f"Mouths are made by listening for up to {limits.crowd} turns at once; in a larger crowd by word times.",
            f"A process pool would pay from {limits.pool_seconds:.2f} s of sound, on a machine with an idle core.",
            f"Keeping a line pays from {limits.keep_seconds:.2f} s of sound: for every line.",
        ]
    )


def save(result: Profile, folder: Path) -> Path:
    """Where the server looks for it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PROFILE
    path.write_text(json.dumps(asdict(result), indent=1) + "\n", "utf-8")
    return path


# ---------------------------------------------------------------- the measuring


def _cpu(work: Callable[[], Any], times: int) -> float:
    """Median milliseconds of this thread's CPU time."""
    spent = []
    for _ in range(times):
        began = time.thread_time()
        work()
        spent.append((time.thread_time() - began) * 1_000)
    return statistics.median(spent)


def _start() -> float:
    code = "import time; import backend.main as m; m.create_app(); print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout) * 1_000


async def _speech() -> tuple[bytes, list[WordMark], float]:
    """(sound, word times, milliseconds of this process's CPU time) of the built-in voice."""
    voice = EspeakVoice()
    async for _ in voice.say("One.", Style()):  # the library loads with the first line
        pass
    began = time.process_time()
    sound, words = b"", []
    async for item in voice.say(TEXT, Style()):
        if isinstance(item, Pcm):
            sound += item.data
        elif isinstance(item, WordMark):
            words.append(item)
    return sound, words, (time.process_time() - began) * 1_000


def _lip_sync(pcm: bytes, words: list[WordMark], listen: bool) -> float:
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
    return _cpu(once, 3)


def _clauses() -> None:
    cutter = Clauses("en-US")
    for word in (TEXT + " ") * 3:
        cutter.feed(word)
    cutter.flush()


async def _cache(value: bytes) -> list[Measure]:
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


def _pool(data: bytes) -> float:
    """Wall time; the other process is warm."""
    with ProcessPoolExecutor(1) as pool:
        pool.submit(_same, data).result()
        spent = []
        for _ in range(20):
            began = time.perf_counter()
            pool.submit(_same, data).result()
            spent.append((time.perf_counter() - began) * 1_000)
    return statistics.median(spent)
