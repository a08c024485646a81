"""The knowledge base in PostgreSQL, Databricks' Lakebase for one: its full text beside pgvector, fused as ever.

The cheap way for several servers to share what was learned: a database that is there anyway, and no search endpoint.
"""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.knowing import Passage, Took
from backend.knowing.embedded import CANDIDATES, LEAST, SPARE
from backend.knowing.embedders import Vectors
from backend.knowing.meaning import fuse
from backend.knowing.pgstore import Connect, plainly
from backend.knowing.pgtables import INDEXED_MOST, LAYOUT, cosine_index, tsquery, vector_text
from backend.knowing.query import CANDIDATES as BY_WORDS
from backend.knowing.query import Hit, plan, ranked, related, terms_of
from backend.knowing.vectors import Kept

FRESH = 1.0
"""Seconds for which the base's state counts as known: a question need not ask for it again right after another."""

_STATE = text("SELECT base, version, chunks, usual FROM visavis_base WHERE layout = :layout")
_THERE = text("SELECT to_regclass('visavis_base') IS NOT NULL, to_regclass('visavis_vectors') IS NOT NULL")
_HELD = text("SELECT term, chunks FROM visavis_terms WHERE term = ANY(CAST(:terms AS text[]))")
_WORDS = text(
    "SELECT id, title_stems, heading_stems, stems FROM visavis_chunks, CAST(CAST(:query AS text) AS tsquery) q "
    "WHERE words @@ q ORDER BY ts_rank('{0.3, 0.3, 0.5, 0.5}', words, q, 1) DESC LIMIT :most"
)
_PASSAGES = text(
    "SELECT c.id, c.hash, c.text, d.title, c.heading, d.source FROM visavis_chunks c "
    "JOIN visavis_documents d ON d.id = c.document WHERE c.id = ANY(CAST(:ids AS bigint[]))"
)


class PgVector:
    """`Knowledge` over the tables of `pgtables`; empty until something was learned.

    *connect* gives the engine. Searches by words, and with an *embedder* also by meaning.
    """

    def __init__(self, connect: Connect, embedder: Kept | None = None) -> None:
        self._connect, self._embedder = connect, embedder
        self._engine: AsyncEngine | None = None
        self._state: tuple[float, _State | None] = (float("-inf"), None)

    @property
    def name(self) -> str:
        """ "pgvector+vectors" as long as it really searches by meaning as well."""
        return "pgvector" if self._embedder is None or self._embedder.trouble else "pgvector+vectors"

    @property
    def embedder(self) -> Kept | None:
        """What gives its texts their vectors."""
        return self._embedder

    async def search(self, text: str, k: int = 4, *, took: Took | None = None) -> list[Passage]:
        """The *k* passages that fit *text* best. Raises `EngineError` when the database cannot be asked."""
        took = took or Took()
        if not text.strip():
            return []
        vector = await self._embedder.question(text, took) if self._embedder else None
        with plainly():
            async with (await self._ready()).connect() as connection:
                state = await self._look(connection)
                if state is None:
                    took.passing = True
                    return []
                depth = max(CANDIDATES, k + SPARE)
                hits = await _by_words(connection, text, depth, state)
                if vector is not None and self._embedder is not None and state.vectors:
                    near = await _by_meaning(connection, vector, self._embedder.name, depth)
                    hits = fuse(hits, near, self._embedder.least)
                return await _passages(connection, [hit for hit in hits if hit.coverage >= LEAST][: k + SPARE], k)

    async def version(self) -> str:
        """The state of the base, the same for all servers; empty while nothing was learned."""
        with plainly():
            if time.monotonic() - self._state[0] > FRESH:
                async with (await self._ready()).connect() as connection:
                    await self._look(connection)
            state = self._state[1]
            return f"{state.base}-{state.version}" if state else ""

    async def aclose(self) -> None:
        """Close the connections."""
        if self._engine is not None:
            await self._engine.dispose()

    async def _ready(self) -> AsyncEngine:
        if self._engine is None:
            self._engine = await self._connect()
        return self._engine

    async def _look(self, connection: AsyncConnection) -> "_State | None":
        if time.monotonic() - self._state[0] > FRESH:
            there, vectors = (await connection.execute(_THERE)).one()
            row = (await connection.execute(_STATE, {"layout": LAYOUT})).one_or_none() if there else None
            known = _State(row[0], row[1], row[2], row[3], vectors) if row and row[1] else None
            self._state = (time.monotonic(), known)
        return self._state[1]


@dataclass(frozen=True, slots=True)
class _State:
    """What the base is like; `usual` is the usual number of stems in a chunk, `vectors` whether it may have any."""

    base: str
    version: int
    chunks: int
    usual: float
    vectors: bool


async def _by_words(connection: AsyncConnection, question: str, limit: int, state: _State) -> list[Hit]:
    terms = terms_of(question)
    if not terms:
        return []
    everything = [*terms, *(other for others in related(terms).values() for other in others)]
    held = dict.fromkeys(everything, 0)
    held |= {row[0]: row[1] for row in await connection.execute(_HELD, {"terms": everything})}
    how = plan(terms, held, state.chunks)
    asked = {"query": tsquery(how.asked), "most": max(limit, BY_WORDS)}
    rows: list[Any] = list((await connection.execute(_WORDS, asked)).all())
    return ranked([tuple(row) for row in rows], how, state.usual, limit)


async def _by_meaning(connection: AsyncConnection, vector: Vectors, model: str, limit: int) -> list[tuple[int, float]]:
    dimensions = int(vector.shape[-1])
    column = cosine_index(model, dimensions)[1] if dimensions <= INDEXED_MOST else "vector"
    # The model stands in the statement itself: PostgreSQL takes an index for one model only where it can see it.
    literal = model.replace("'", "''").replace(":", "\\:")
    nearest = (
        f"SELECT hash, {column} <=> CAST(CAST(:vector AS text) AS vector({dimensions})) AS distance "  # noqa: S608
        f"FROM visavis_vectors WHERE model = '{literal}' AND vector_dims(vector) = {dimensions} "
        "ORDER BY distance LIMIT :most"
    )
    chunks = "JOIN visavis_chunks c ON c.hash = n.hash ORDER BY n.distance LIMIT :most"
    statement = text(f"SELECT c.id, 1 - n.distance FROM ({nearest}) n {chunks}")  # noqa: S608
    rows = await connection.execute(statement, {"vector": vector_text(vector.reshape(-1).tolist()), "most": limit})
    return [(row[0], float(row[1])) for row in rows]


async def _passages(connection: AsyncConnection, hits: list[Hit], k: int) -> list[Passage]:
    found = {row[0]: row for row in await connection.execute(_PASSAGES, {"ids": [hit.chunk for hit in hits]})}
    passages: dict[str, Passage] = {}  # equal chunks of two documents are shown once
    for hit in hits:
        if (row := found.get(hit.chunk)) is not None:
            _, digest, body, title, heading, source = row
            score = round(min(1.0, hit.coverage), 4)
            passages.setdefault(digest, Passage(digest, body, title, heading, source, score))
    return list(passages.values())[:k]
