"""`visavis profile`: what each stage takes on the machine at hand, and the thresholds that the server goes by.

`stages`, `sizes` and `aligning` measure; `findings` says what pays from where on. How a figure becomes a threshold is
said here, in one place.
"""

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from backend.profiling import aligning, sizes, stages
from backend.profiling.findings import findings
from backend.profiling.stages import TEXT, Measure, cpu
from backend.rendered import RenderedLine, pack, unpack
from backend.settings import MODELS, Settings
from backend.speaking import SAMPLE_RATE
from backend.spending.prices import Book
from backend.thinking.router import Router
from backend.thinking.tokens import count_tokens
from backend.thresholds import PROFILE, Thresholds

QUESTION = "How do I change the language of the voice?"
BURST = 0.5
"""Seconds of one core that all turns of a crowd together may take to render ahead of their listeners: so long the last
one waits at most if all of them ask at once."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One run. `findings` are for people: what pays from where on, and what does not."""

    date: str
    machine: str
    measures: tuple[Measure, ...]
    thresholds: Thresholds
    findings: tuple[str, ...]


async def profile(
    settings: Settings | None = None, book: Book | None = None, told: Callable[[str], None] = lambda stage: None
) -> Profile:
    """Measure everything; some ten seconds of one core. *settings* tell where models of one's own lie."""
    settings = settings or Settings()
    measures = [Measure("start until the app is made", stages.start(), "ms")]
    told("start")
    pcm, words, phones, voice = await stages.speech()
    seconds = len(pcm) / 2 / SAMPLE_RATE
    a_second = "ms per second of sound"
    measures.append(Measure("espeak", voice / seconds, a_second))
    told("voice")
    for name, listen in (("lip sync, listening", True), ("lip sync, by word times", False)):
        measures.append(Measure(name, stages.lip_sync(pcm, words, listen) / seconds, a_second))
    told("lip sync")
    for name, align in (("align in one pass", aligning.one_pass), ("align in two passes", aligning.two_passes)):
        measures += [
            Measure(name, cpu(lambda align=align: align(pcm, TEXT), 3) / seconds, a_second),  # type: ignore[misc]
            Measure(f"{name}, right", aligning.agreement(align(pcm, TEXT), phones, seconds) * 100, "% of the time"),
        ]
    told("aligning")
    line = RenderedLine("espeak", pcm, [(0.0, "A")], seconds, ())
    packed = pack(line)
    measures += [
        Measure("keep a line", cpu(lambda: pack(line), 5) / seconds, a_second),
        Measure("open a kept line", cpu(lambda: unpack(packed), 5) / seconds, a_second),
        Measure("kept line's size", len(packed) / seconds / 1_000, "kB per second of sound"),
    ]
    router = Router()
    clause, shared = sizes.feeling_batch(TEXT)
    measures += [
        Measure("emotion of a clause", clause, "ms"),
        Measure("emotion, what a batch could share", shared * 100, "%"),
        Measure("router's choice", cpu(lambda: router.choose(QUESTION), 200), "ms"),
        Measure("clauses of an answer", cpu(stages.clauses, 50), "ms"),
        Measure("count 100 tokens", cpu(lambda: count_tokens(TEXT * 4), 100), "ms"),
        *await stages.cache(packed),
        Measure("another process, there and back", stages.pool(pcm[: SAMPLE_RATE * 2]), "ms"),
    ]
    told("the small things")
    batches = await sizes.embedding_batches(settings.embedding_model, TEXT)
    measures += [Measure(f"vector of a text, {size} at a time", each, "ms") for size, each in batches.items()]
    heard = await sizes.ears(settings.data / MODELS, pcm)
    for name, took in heard.items():
        pairs = zip(sizes.SPOKEN, took, strict=True)
        measures += [Measure(f"{name}, {long:g} s of speech", each * 1_000, "ms") for long, each in pairs]
    told("models")
    figures = {one.stage: one.value for one in measures}
    limits = thresholds(figures, batches, heard, settings.ahead_seconds)
    return Profile(
        datetime.now(UTC).date().isoformat(),
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        tuple(Measure(one.stage, round(one.value, 4), one.unit) for one in measures),
        limits,
        tuple(findings(figures, limits, batches, heard, book)),
    )


def thresholds(
    measured: dict[str, float], batches: dict[int, float], heard: dict[str, tuple[float, float]], ahead: float = 4.0
) -> Thresholds:
    """What follows from the figures; what was not measured keeps its default. Speech is sent *ahead* seconds
    early."""
    listening = measured["espeak"] + measured["lip sync, listening"]
    usual = Thresholds()
    pairs = list(heard.values())
    return Thresholds(
        crowd=max(1, int(BURST * 1_000 / (listening * ahead))),
        keep_seconds=round(measured["read from disk"] / max(1e-6, listening - measured["open a kept line"]), 3),
        whisper_short_seconds=(
            round(sizes.short(pairs[0], pairs[-1]), 1) if len(pairs) > 1 else usual.whisper_short_seconds
        ),
        embed_batch=sizes.enough(batches) if batches else usual.embed_batch,
    )


def text(result: Profile) -> str:
    """For people."""
    width = max(len(one.stage) for one in result.measures)
    return "\n".join(
        [
            f"{result.date}, {result.machine}. CPU time; for the start, disk, processes and models the time it takes.",
            *(f"  {one.stage:<{width}}  {one.value:>10.3f} {one.unit}" for one in result.measures),
            "",
            *result.findings,
        ]
    )


def save(result: Profile, folder: Path) -> Path:
    """Where the server looks for it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PROFILE
    path.write_text(json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
