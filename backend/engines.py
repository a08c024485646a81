"""Which engine serves each room, from the settings."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import rhubarb
from backend.cache import Cache
from backend.cache.memory import Memory
from backend.fallback import Chain
from backend.feeling.embedded import Embedded as EmbeddedFeeling
from backend.hearing.pool import Pool
from backend.hearing.whisper import WhisperEars
from backend.knowing import Knowledge
from backend.knowing.aisearch import AiSearch
from backend.knowing.cached import Cached
from backend.knowing.embedded import Embedded as EmbeddedKnowledge
from backend.knowing.embedders import Embedder, RemoteEmbedder
from backend.knowing.ingest import follow, own_documents
from backend.knowing.onnx import OnnxEmbedder
from backend.knowing.vectors import Kept
from backend.minds import minds
from backend.rooms import Engines
from backend.settings import KNOWLEDGE, MODELS, Settings, VoiceName
from backend.speaking import Voice
from backend.speaking.edge import EdgeVoice
from backend.speaking.espeak import EspeakVoice
from backend.spending.budget import Level
from backend.supervision import Supervised
from backend.thinking import Mind
from backend.thinking.ladder import Ladder
from backend.thinking.workspace import Workspace
from backend.urgency import Urgency, crowd_of

log = logging.getLogger(__name__)

VECTORS = 4_000_000
"""Bytes of vectors kept where there is no other cache: a few thousand questions."""


def build(settings: Settings, cache: Cache | None = None) -> Engines:
    """The engines for *settings*. Quick: what is heavy is loaded by `warm`, or on first use.

    What is found in the documents is kept in *cache*; without one it is looked for every time.
    """
    knowledge = _knowledge(settings, cache)
    return Engines(
        minds=Chain(minds(settings, knowledge)),
        voices=Chain(_voices(settings)),
        knowledge=knowledge,
        feeling=EmbeddedFeeling(),
        urgency=Urgency(crowd_of(settings.data)),
        ears=_ears(settings),
    )


def _knowledge(settings: Settings, cache: Cache | None) -> Knowledge:
    knowledge, parts = _base(settings, cache)
    return knowledge if cache is None else Cached(knowledge, cache, *parts)


def _base(settings: Settings, cache: Cache | None) -> tuple[Knowledge, list[str]]:
    """Where passages come from, and what tells this base from others that share a cache."""
    if settings.search_index:
        workspace, fresh = Workspace(), settings.search_fresh_seconds
        return AiSearch(workspace.host, workspace.headers, settings.search_index, fresh=fresh), [settings.search_index]
    return EmbeddedKnowledge(index(settings), embedder(settings, cache)), []


def _ears(settings: Settings) -> WhisperEars | None:
    if find_spec("pywhispercpp") is None:
        return None
    pool = Pool(settings.whisper_workers, threads=settings.whisper_threads)
    idle, source = settings.whisper_idle_seconds, settings.models_url
    return WhisperEars(settings.data / MODELS, pool, idle_seconds=idle, own=settings.whisper_model, source=source)


def index(settings: Settings) -> Path:
    """Where the embedded knowledge base lies."""
    return settings.data / KNOWLEDGE


def embedder(settings: Settings, cache: Cache | None = None) -> Kept | None:
    """What gives texts their vectors; without any the search goes by words alone."""
    model = _model(settings)
    return Kept(model, cache or Cache([Memory(VECTORS)])) if model else None


def _model(settings: Settings) -> Embedder | None:
    if settings.embedding_url:
        key = settings.openai_api_key.get_secret_value()
        headers = {"authorization": f"Bearer {key}"} if key else {}

        async def signed() -> dict[str, str]:
            return headers

        return RemoteEmbedder(settings.embedding_url, settings.embedding_model, signed)
    return OnnxEmbedder(Path(settings.embedding_model)) if settings.embedding_model else None


def _voices(settings: Settings) -> Sequence[Voice]:
    make: dict[VoiceName, Callable[[], Voice]] = {
        "edge": lambda: EdgeVoice(settings.edge_url or None, parallel=settings.edge_parallel),
        "espeak": EspeakVoice,
    }
    return [make[name]() for name in settings.voices]


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
    sources = settings.documents or own_documents()
    settings.data.mkdir(parents=True, exist_ok=True)
    base = getattr(engines.knowledge, "knowledge", engines.knowledge)
    async with Supervised() as group:
        if isinstance(base, EmbeddedKnowledge):
            group.create_task(follow(index(settings), sources, embedder=base.embedder))
        group.create_task(asyncio.to_thread(rhubarb.warm))
        group.create_task(prepare(engines))
        if keep := getattr(engines.ears, "keep", None):
            group.create_task(keep())


async def prepare(engines: Engines) -> None:
    """Load voices and minds; who cannot be loaded is logged, and asked again when it is used."""
    everyone: tuple[Mind | Voice, ...] = (*engines.voices.engines, *engines.minds.engines)
    async with asyncio.TaskGroup() as group:
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
    embedder = getattr(engines.knowledge, "embedder", None)
    for engine in (*engines.voices.engines, *engines.minds.engines, engines.knowledge, embedder, engines.ears):
        if aclose := getattr(engine, "aclose", None):
            await aclose()
