"""Where documents are learned and found, from the settings: AI Search, PostgreSQL with pgvector, or a file."""

import asyncio
import importlib
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from backend.addresses import LAKEBASE
from backend.cache import Cache
from backend.cache.memory import Memory
from backend.fallback import EngineError
from backend.keeping.lakebase import address, cached, fetch
from backend.knowing import Knowledge, Passage, Took
from backend.knowing.aisearch import AiSearch
from backend.knowing.cached import Cached
from backend.knowing.embedded import Embedded
from backend.knowing.embedders import Embedder, RemoteEmbedder
from backend.knowing.ingest import Learn, Report, Source, learn_and_embed, own_documents
from backend.knowing.onnx import OnnxEmbedder
from backend.knowing.vectors import Kept
from backend.settings import KNOWLEDGE, Settings
from backend.thinking.workspace import Workspace
from backend.thresholds import thresholds_of

VECTORS = 4_000_000
"""Bytes of vectors kept where there is no other cache: a few thousand questions."""


class Base:
    """A knowledge base as the settings describe it. Nothing is opened before it is used.

    What is found is kept in *cache*; without one it is looked for every time.
    """

    def __init__(self, settings: Settings, cache: Cache | None = None) -> None:
        self._settings = settings
        model = embedder(settings)
        self.embedder = Kept(model, cache or Cache([Memory(VECTORS)])) if model else None
        """What gives texts their vectors; without any the search goes by words alone."""
        self.learn: Learn | None = None
        """Brings the base up to date; None where somebody else does."""
        knowledge, parts = self._open()
        self.knowledge: Knowledge = knowledge if cache is None else Cached(knowledge, cache, *parts)

    def _open(self) -> tuple[Knowledge, list[str]]:
        """Where passages come from, and what tells this base from others that share a cache."""
        settings = self._settings
        if settings.search_index:
            workspace, fresh = Workspace(), settings.search_fresh_seconds
            self.embedder = None  # the index makes its own
            search = AiSearch(workspace.host, workspace.headers, settings.search_index, fresh=fresh)
            return search, [settings.search_index]
        if settings.knowledge_database.get_secret_value():
            postgres = _Postgres(settings, self.embedder)
            self.learn = postgres.learn
            return postgres, []
        self.learn = partial(_learn_here, settings.data / KNOWLEDGE, self.embedder)
        return Embedded(settings.data / KNOWLEDGE, self.embedder), []

    @property
    def sources(self) -> Sequence[Source]:
        """What is learned by itself. A database that others share is not filled with what nobody named."""
        own = () if self._settings.knowledge_database.get_secret_value() else own_documents()
        return self._settings.documents or own

    async def aclose(self) -> None:
        """Close what is open."""
        for one in (self.knowledge, self.embedder):
            if close := getattr(one, "aclose", None):
                await close()


class _Postgres:
    """The base in PostgreSQL. SQLAlchemy takes most of a second to import: not before somebody asks."""

    def __init__(self, settings: Settings, embedder: Kept | None) -> None:
        self._url = settings.knowledge_database.get_secret_value()
        self.embedder = embedder
        self._engine: Any = None
        self._there: Any = None
        self._lock = asyncio.Lock()

    @property
    def name(self) -> str:
        """As `PgVector.name`, which may not be there yet."""
        return "pgvector" if self.embedder is None or self.embedder.trouble else "pgvector+vectors"

    async def search(self, text: str, k: int = 4, *, took: Took | None = None) -> list[Passage]:
        """As `PgVector.search`."""
        return await (await self._ready()).search(text, k, took=took)

    async def version(self) -> str:
        """As `PgVector.version`."""
        return await (await self._ready()).version()

    async def learn(
        self, sources: Sequence[Source], *, progress: Callable[[str], None] = lambda source: None
    ) -> Report:
        """As `learn_to_postgres`."""
        module = await asyncio.to_thread(importlib.import_module, "backend.knowing.pgstore")
        report: Report = await module.learn_to_postgres(self._connect, sources, self.embedder, progress)
        return report

    async def aclose(self) -> None:
        """Close the connections."""
        if self._engine is not None:
            await self._engine.dispose()

    async def _ready(self) -> Knowledge:
        if self._there is None:
            module = await asyncio.to_thread(importlib.import_module, "backend.knowing.pgvector")
            self._there = self._there or module.PgVector(self._connect, self.embedder)
        there: Knowledge = self._there
        return there

    async def _connect(self) -> Any:
        async with self._lock:
            if self._engine is None:
                self._engine = await asyncio.to_thread(_engine, self._url)
        return self._engine


def _engine(url: str) -> Any:
    """The SQLAlchemy engine for *url*. Blocking, as it imports. Raises `EngineError`."""
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    from backend.keeping.engine import make_engine  # noqa: PLC0415

    tokens = None
    if url == LAKEBASE:
        url = address(os.environ)
        tokens = None if os.environ.get("PGPASSWORD") else cached(fetch)
        if not url:
            raise EngineError("There is no Lakebase for my notes.", "Set PGHOST and PGUSER, or name another database.")
    try:
        return make_engine(url, tokens)
    except ArgumentError:
        remedy = "VISAVIS_KNOWLEDGE_DATABASE=postgresql+asyncpg://user:password@host/name"
        raise EngineError("The address of my notes' database is none that SQLAlchemy knows.", remedy) from None
    except ImportError:
        raise EngineError("My notes' database needs a driver.", "pip install 'visavis[postgres]'") from None


async def _learn_here(
    path: Path,
    embedder: Kept | None,
    sources: Sequence[Source],
    *,
    progress: Callable[[str], None] = lambda source: None,
) -> Report:
    return await learn_and_embed(path, sources, embedder, progress)


def embedder(settings: Settings) -> Embedder | None:
    """The model that gives texts their vectors, with nothing kept."""
    if settings.embedding_url:
        key = settings.openai_api_key.get_secret_value()
        headers = {"authorization": f"Bearer {key}"} if key else {}

        async def signed() -> dict[str, str]:
            return headers

        return RemoteEmbedder(settings.embedding_url, settings.embedding_model, signed)
    return (
        OnnxEmbedder(Path(settings.embedding_model), batch=thresholds_of(settings.data).embed_batch)
        if settings.embedding_model
        else None
    )
