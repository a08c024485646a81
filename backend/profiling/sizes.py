"""Batches and bigger models: measured where the models are here; where they are not, it says so."""

import asyncio
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from backend.feeling.embedded import Embedded
from backend.feeling.features import char_fingerprints, word_fingerprints
from backend.hearing.models import TABLE
from backend.hearing.pool import Pool
from backend.hearing.whisper import WhisperEars
from backend.knowing.onnx import OnnxEmbedder
from backend.profiling.stages import cpu
from backend.speaking import SAMPLE_RATE
from backend.speaking.resampling import Resampler
from backend.spending.calculator import PLAN_MODEL, SMALL_MODEL, Numbers
from backend.spending.prices import Book

BATCHES = (1, 4, 16, 64)
ENOUGH = 1.1
"""A batch that takes at most so many times as long for a text as the best one is large enough."""
BEARABLE = 0.1
"""Seconds that the larger ears may take longer for a second of speech: a tenth of a long utterance is not felt."""
SPOKEN = (3.0, 12.0)
"""Seconds of speech that ears are timed on."""
NEVER = 300.0
"""Longer speech is not transcribed at all."""
HEAR = 16_000


def feeling_batch(text: str) -> tuple[float, float]:
    """(ms for a clause, the part of it that a batch could share at most): finding the n-grams is the clause's own."""
    feeling = Embedded()
    feeling.load()
    whole = cpu(lambda: feeling.read(text), 200)
    own = cpu(lambda: (word_fingerprints(text), char_fingerprints(text)), 200)
    return whole, max(0.0, 1 - own / whole)


async def embedding_batches(model: str, text: str) -> dict[int, float]:
    """Milliseconds for a text by size of the batch, of the ONNX model in folder *model*; empty without one."""
    if not model or find_spec("onnxruntime") is None or not await asyncio.to_thread(Path(model).is_dir):
        return {}
    found: dict[int, float] = {}
    for size in BATCHES:
        embedder = OnnxEmbedder(Path(model), batch=size)
        texts = [f"{text} {n}" for n in range(max(BATCHES))]
        await embedder.embed(texts[:1])
        began = time.perf_counter()
        await embedder.embed(texts)
        found[size] = (time.perf_counter() - began) * 1_000 / len(texts)
        await embedder.aclose()
    return found


def enough(batches: dict[int, float]) -> int:
    """The smallest batch that is nearly as fast for a text as the best."""
    best = min(batches.values())
    return min(size for size, each in batches.items() if each <= best * ENOUGH)


async def ears(folder: Path, pcm: bytes) -> dict[str, tuple[float, float]]:
    """Seconds for `SPOKEN` seconds of speech by model of whisper.cpp in *folder*, the smaller first."""
    there = [model for model in TABLE if (folder / model.file).exists()]
    if not there or find_spec("pywhispercpp") is None:
        return {}
    sound = _speech(pcm, max(SPOKEN))
    found = {}
    for model in there:
        pool = Pool(1, threads=2)
        one = WhisperEars(folder, pool, own=folder / model.file)
        await one.warm("en-US")
        took = []
        for seconds in SPOKEN:
            began = time.perf_counter()
            await one.hear(sound[: int(seconds * HEAR) * 2])
            took.append(time.perf_counter() - began)
        await one.aclose()
        found[model.name] = (took[0], took[1])
    return found


def short(small: tuple[float, float], large: tuple[float, float]) -> float:
    """Seconds of speech from which on the larger model's extra time is no more than `BEARABLE` a second of it."""
    extra = [one - other for one, other in zip(large, small, strict=True)]
    slope = (extra[1] - extra[0]) / (SPOKEN[1] - SPOKEN[0])
    fixed = extra[0] - slope * SPOKEN[0]
    if fixed + slope * SPOKEN[0] <= BEARABLE * SPOKEN[0]:
        return 0.0
    return min(NEVER, fixed / (BEARABLE - slope)) if slope < BEARABLE else NEVER


def models(book: Book) -> tuple[float, float]:
    """(what the small model costs of the strong one's price for a usual turn, dollars saved by a thousand of them)."""
    numbers = Numbers()
    costs = []
    for name in (SMALL_MODEL, PLAN_MODEL):
        price = book.find(name)
        parts = (
            price.cost("prompt token", numbers.prompt_tokens),
            price.cost("completion token", numbers.answer_tokens),
        )
        costs.append(float(sum(part or 0 for part in parts)))
    return costs[0] / costs[1], (costs[1] - costs[0]) * 1_000


def _speech(pcm: bytes, seconds: float) -> bytes:
    resampler = Resampler(SAMPLE_RATE, HEAR)
    sound = np.concatenate((resampler.feed(np.frombuffer(pcm, np.int16)), resampler.finish()))
    times = int(seconds * HEAR / len(sound)) + 1
    return np.tile(sound, times)[: int(seconds * HEAR)].astype("<i2").tobytes()
