"""Search by meaning: the vectors of all chunks in memory, each compared, fused with the search by words.

Comparing 10,000 vectors of 384 numbers takes next to nothing; of more, `compact` ones are kept. A base that fits on one
machine needs no vector database.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.knowing.compact import Compact, read
from backend.knowing.embedders import Embedder, Vectors
from backend.knowing.query import Hit
from backend.knowing.store import writing

RRF = 60.0
"""Reciprocal rank fusion's constant, as in Cormack et al. 2009."""
SURE = 0.5
"""A cosine this far above the embedder's least counts as full confidence."""
EMBED_AT_ONCE = 256
EXACT = 10_000
"""Up to so many chunks every vector is compared as it is, which misses nothing and costs nothing to speak of; from here
on it costs several times what `Compact` does (`python -m bench.retrieval` shows the ratio)."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The vectors of one model: `rows[i]` belongs to the chunk `chunks[i]`. 1.5 KB a chunk at 384 dimensions."""

    chunks: np.ndarray[tuple[int], np.dtype[np.int64]]
    rows: Vectors

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """(chunk, cosine) of the *limit* chunks nearest to *vector*, nearest first."""
        return nearest(self, vector, limit)


def load(connection: sqlite3.Connection, model: str, exact: int = EXACT) -> Matrix | Compact:
    """Read the vectors of *model*; those of more than *exact* chunks in little room."""
    count = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    cursor = connection.execute(
        "SELECT chunks.id, vector FROM chunks JOIN vectors ON vectors.hash = chunks.hash AND model = ?", (model,)
    )
    if count > exact and connection.execute("SELECT 1 FROM vectors WHERE model = ? LIMIT 1", (model,)).fetchone():
        return read(cursor)
    found = cursor.fetchall()
    if not found:
        return Matrix(np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
    rows = np.frombuffer(b"".join(row[1] for row in found), np.float32).reshape(len(found), -1)
    return Matrix(np.asarray([row[0] for row in found], np.int64), rows)


def nearest(matrix: Matrix, vector: Vectors, limit: int) -> list[tuple[int, float]]:
    """(chunk, cosine) of the *limit* chunks nearest to *vector*, nearest first."""
    if not matrix.chunks.size or matrix.rows.shape[1] != vector.shape[-1]:
        return []
    cosines = matrix.rows @ vector.reshape(-1)
    limit = min(limit, cosines.size)
    top = np.argpartition(-cosines, limit - 1)[:limit]
    top = top[np.argsort(-cosines[top])]
    return [(int(matrix.chunks[index]), float(cosines[index])) for index in top]


def fuse(by_words: Sequence[Hit], by_meaning: Sequence[tuple[int, float]], least: float) -> list[Hit]:
    """One ranking of both by reciprocal rank; the confidence is the higher of the two."""
    scores: dict[int, float] = {}
    sure: dict[int, float] = {}
    for rank, hit in enumerate(by_words):
        scores[hit.chunk] = scores.get(hit.chunk, 0.0) + 1 / (RRF + rank)
        sure[hit.chunk] = hit.coverage
    for rank, (chunk, cosine) in enumerate(by_meaning):
        scores[chunk] = scores.get(chunk, 0.0) + 1 / (RRF + rank)
        sure[chunk] = max(sure.get(chunk, 0.0), min(1.0, max(0.0, (cosine - least) / SURE)))
    hits = [Hit(chunk, score, sure[chunk]) for chunk, score in scores.items()]
    return sorted(hits, key=lambda hit: -hit.score)


async def embed_missing(connection: sqlite3.Connection, embedder: Embedder) -> int:
    """Give every chunk that has none its vector, and forget those of chunks that are gone. Returns how many.

    Vectors are kept by the hash of what they were made of: text that stays, moves or comes twice costs nothing.
    """
    missing = connection.execute(
        "SELECT hash, max(heading), max(text) FROM chunks WHERE hash NOT IN (SELECT hash FROM vectors WHERE model = ?) "
        "GROUP BY hash",
        (embedder.name,),
    ).fetchall()
    for start in range(0, len(missing), EMBED_AT_ONCE):
        batch = missing[start : start + EMBED_AT_ONCE]
        vectors = await embedder.embed([f"{heading}\n{text}" for _, heading, text in batch])
        with writing(connection):
            connection.executemany(
                "INSERT OR REPLACE INTO vectors(hash, model, vector) VALUES (?, ?, ?)",
                [(row[0], embedder.name, vector.tobytes()) for row, vector in zip(batch, vectors, strict=True)],
            )
    with writing(connection):
        connection.execute("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM chunks)")
    return len(missing)
