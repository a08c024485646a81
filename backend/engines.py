"""Which engine serves each room, from the settings."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import rhubarb
from backend.bases import Base
from backend.cache import Cache
from backend.fallback import Chain, EngineError
from backend.feeling.feelings import Feelings
from backend.feeling.transformers import Transformers
from backend.hearing.pool import Pool
from backend.hearing.whisper import WhisperEars
from backend.knowing.ingest import follow
from backend.minds import minds
from backend.rooms import Engines
from backend.settings import KOKORO, MODELS, Settings, VoiceName
from backend.speaking import Voice, kokoro_files
from backend.speaking.edge import EdgeVoice
from backend.speaking.espeak import EspeakVoice
from backend.speaking.kokoro import KokoroVoice
from backend.spending.budget import Level
from backend.supervision import Supervised
from backend.thinking import Mind
from backend.thinking.ladder import Ladder
from backend.thinking.tokens import use
from backend.thresholds import thresholds_of
from backend.urgency import Urgency

log = logging.getLogger(__name__)

SETTLED = 20.0
"""Seconds after which also what is imported on first use is there."""

FIRST_ASIDE = 2.0
"""Seconds that an engine is left alone after its first failure."""


def build(settings: Settings, cache: Cache | None = None) -> Engines:
    """The engines for *settings*. Quick: what is heavy is loaded by `warm`, or on first use.

    What is found in the documents is kept in *cache*; without one it is looked for every time.
    """
    base, longest = Base(settings, cache), settings.aside_seconds
    first = min(FIRST_ASIDE, longest)
    return Engines(
        minds=Chain(minds(settings, base.knowledge), first=first, longest=longest),
        voices=Chain(_voices(settings), first=first, longest=longest),
        base=base,
        feeling=Feelings(Transformers(settings.emotion_model) if settings.emotion_model else None),
        urgency=Urgency(thresholds_of(settings.data).crowd),
        ears=_ears(settings),
    )


def _ears(settings: Settings) -> WhisperEars | None:
    if find_spec("pywhispercpp") is None:
        return None
    pool = Pool(settings.whisper_workers, threads=settings.whisper_threads)
    idle, source = settings.whisper_idle_seconds, settings.models_url
    short = thresholds_of(settings.data).whisper_short_seconds
    own = settings.whisper_model
    return WhisperEars(settings.data / MODELS, pool, idle_seconds=idle, own=own, source=source, short=short)


def _voices(settings: Settings) -> Sequence[Voice]:
    patience = settings.patience_seconds
    make: dict[VoiceName, Callable[[], Voice]] = {
        "edge": lambda: EdgeVoice(
            settings.edge_url or None, parallel=settings.edge_parallel, first_byte=patience, stall=patience
        ),
        "kokoro": lambda: KokoroVoice(_kokoro(settings), voice=settings.kokoro_voice, threads=settings.kokoro_threads),
        "espeak": EspeakVoice,
    }
    wanted = [name for name in settings.voices if name != "kokoro" or _can_kokoro(settings)]
    # The only one there is stays: it says itself what it lacks.
    return [make[name]() for name in wanted or settings.voices]


def _can_kokoro(settings: Settings) -> bool:
    """Whether all that Kokoro needs is here. It is no fault where it is not, unless somebody asked for it."""
    files = kokoro_files.here(_kokoro(settings))
    if files and find_spec("onnxruntime") is not None:
        return True
    if files or "voices" in settings.model_fields_set or settings.kokoro is not None:
        log.warning(
            "Kokoro's voice is left out: %s", f"pip install 'visavis[{KOKORO}]'" if files else kokoro_files.FETCH
        )
    return False


def _kokoro(settings: Settings) -> Path:
    return settings.kokoro or settings.data / MODELS / KOKORO


def models(engines: Engines) -> dict[Level, str]:
    """The names of the models that cost money, by level; empty as long as none is known."""
    found: dict[Level, str] = {}
    for mind in engines.minds.engines:
        if isinstance(mind, Ladder):
            found.update((rung, name) for rung, name in mind.models().items())
        elif model := getattr(mind, "model", ""):
            found.setdefault("strong", model)
    return found


async def warm(engines: Engines, settings: Settings) -> None:
    """Load what the first turn would wait for, and keep the knowledge base up to date, until cancelled."""
    settings.data.mkdir(parents=True, exist_ok=True)
    base = engines.base
    async with Supervised() as group:
        if base.learn is not None and base.sources:
            group.create_task(follow(base.learn, base.sources))
        loading = [
            group.create_task(count_by(settings.tokenizer)),
            group.create_task(asyncio.to_thread(rhubarb.warm)),
            group.create_task(prepare(engines)),
        ]
        group.create_task(_settle(loading))
        if keep := getattr(engines.ears, "keep", None):
            group.create_task(keep())


async def _settle(loading: Collection[asyncio.Task[Any]]) -> None:
    """Take what stays for good out of the garbage collector's sight.

    It would look through all of it (180,000 objects, most of them of imported modules) time and again, which holds
    everything up for some 90 ms; what conversations leave behind is looked through in a few.
    """
    await asyncio.wait(loading)
    gc.freeze()
    await asyncio.sleep(SETTLED)
    gc.freeze()


async def count_by(tokenizer: Path | None) -> None:
    """Count prompts by *tokenizer*; the estimate does where it cannot be read."""
    try:
        await asyncio.to_thread(use, tokenizer)
    except EngineError as error:
        log.warning("tokens are estimated: %s %s", error.reason, error.remedy)


async def prepare(engines: Engines) -> None:
    """Load voices and minds; who cannot be loaded is logged, and asked again when it is used."""
    everyone: tuple[Mind | Voice, ...] = (*engines.voices.engines, *engines.minds.engines)
    async with asyncio.TaskGroup() as group:
        group.create_task(_prepare("the emotion model", engines.feeling.warm))
        for engine in everyone:
            if load := getattr(engine, "prepare", None):
                group.create_task(_prepare(engine.name, load))


async def _prepare(name: str, prepare: Callable[[], Awaitable[object]]) -> None:
    try:
        await prepare()
    except Exception as error:
        # It will fail again when it is used, and then the chain steps down and says so.
        log.warning("%s is not ready: %s", name, error)


async def close(engines: Engines) -> None:
    """Close what the engines hold open."""
    for engine in (*engines.voices.engines, *engines.minds.engines, engines.base, engines.ears, engines.feeling):
        if aclose := getattr(engine, "aclose", None):
            await aclose()
