"""The vectors of a large base in little room: a bit of each number chooses candidates, a byte of each ranks them.

At 384 dimensions 436 bytes a chunk instead of 1,536. The signs alone, compared by counting bits, know the nearest
chunks well enough that the best few hundredths hold them (the figures are in docs/knowing.md), and a byte a number
ranks these as the whole numbers would. No index has to be built, and nothing but numpy is needed.
"""

import sqlite3
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.knowing.embedders import Vectors

SHARE = 0.02
"""Of all chunks are candidates; `bench.retrieval` shows what that loses."""
LEAST = 500
"""Candidates are at least so many: ranking them takes less than a millisecond."""
BATCH = 8_192
"""Vectors held in full while they are read."""


@dataclass(frozen=True, slots=True)
class Compact:
    """Row i of each belongs to the chunk `chunks[i]`: the numbers times 127 / their largest, and that factor's inverse;
    column i of `signs`, packed by 64: so they are counted a whole row at once."""

    chunks: npt.NDArray[np.int64]
    signs: npt.NDArray[np.uint64]
    small: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float32]

    def nearest(self, vector: Vectors, limit: int, least: int = LEAST) -> list[tuple[int, float]]:
        """(chunk, cosine) of the *limit* chunks nearest to *vector*, nearest first."""
        vector = vector.reshape(-1)
        if not self.chunks.size or self.small.shape[1] != vector.size:
            return []
        limit = min(limit, self.chunks.size)
        count = min(self.chunks.size, max(limit, least, int(SHARE * self.chunks.size)))
        apart = np.zeros(self.chunks.size, np.uint16)
        for row, sign in zip(self.signs, _signs(vector[None])[:, 0], strict=True):
            apart += np.bitwise_count(row ^ sign)
        candidates = np.argpartition(apart, count - 1)[:count]
        # Not by BLAS, whose threads take longer to wake than this takes.
        cosines = np.einsum("ij,j->i", self.small[candidates].astype(np.float32), vector) * self.scale[candidates]
        best = np.argsort(-cosines)[:limit]
        return [(int(self.chunks[candidates[one]]), float(cosines[one])) for one in best]


def compact(chunks: npt.NDArray[np.int64], rows: Vectors) -> Compact:
    """The vectors *rows* of *chunks*."""
    largest = np.maximum(np.abs(rows).max(1, initial=0.0), 1e-12)
    small = np.rint(rows * (127 / largest)[:, None]).astype(np.int8)
    return Compact(chunks, _signs(rows), small, (largest / 127).astype(np.float32))


def read(cursor: sqlite3.Cursor) -> Compact:
    """All rows (chunk, vector) of *cursor*, never more than `BATCH` of them in full."""
    parts: list[Compact] = []
    while found := cursor.fetchmany(BATCH):
        rows = np.frombuffer(b"".join(row[1] for row in found), np.float32).reshape(len(found), -1)
        parts.append(compact(np.asarray([row[0] for row in found], np.int64), rows))
    return Compact(
        np.concatenate([part.chunks for part in parts]),
        np.concatenate([part.signs for part in parts], axis=1),
        np.concatenate([part.small for part in parts]),
        np.concatenate([part.scale for part in parts]),
    )


def _signs(rows: Vectors) -> npt.NDArray[np.uint64]:
    bits = np.packbits(rows > 0, axis=1)
    words = np.ascontiguousarray(np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8)))).view(np.uint64)
    return np.ascontiguousarray(words.T)
