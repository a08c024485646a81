"""The knowledge base in process: one SQLite file, searched off the event loop."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from backend.fallback import EngineError
from backend.knowing import Passage, Took
from backend.knowing.compact import Compact
from backend.knowing.embedders import Vectors
from backend.knowing.meaning import Matrix, fuse, load
from backend.knowing.query import Hit, lexical
from backend.knowing.store import fingerprint, is_made, open_reader, version
from backend.knowing.vectors import Kept

LEAST = 0.3
"""A passage of less confidence than this is not worth showing."""
SPARE = 8
"""Hits beyond those asked for: equal chunks are shown once."""
CANDIDATES = 40
"""Hits of each kind, by words and by meaning, that are fused."""
RELOAD = 2.0
"""While documents are being learned, the vectors are read anew at most this often (seconds)."""


class Embedded:
    """`Knowledge` over the SQLite store at *path*; empty until something was learned.

    Searches by words, and with an *embedder* also by meaning; its `trouble` says why the latter is missing, if it is.
    """

    def __init__(self, path: Path, embedder: Kept | None = None, threads: int = 2) -> None:
        self._path = path
        self._embedder = embedder
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="knowing")
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._matrix: tuple[int, float, Matrix | Compact] | None = None
        self._state: tuple[tuple[int, int], str] | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """ "embedded+vectors" as long as it really searches by meaning as well."""
        return "embedded" if self._embedder is None or self._embedder.trouble else "embedded+vectors"

    async def search(self, text: str, k: int = 4, *, took: Took | None = None) -> list[Passage]:
        """The *k* passages that fit *text* best.

        Takes a few milliseconds, and what the embedder takes. Raises `EngineError` when the store cannot be read.
        """
        took = took or Took()
        vector = await self._embedder.question(text, took) if self._embedder and text.strip() else None
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._search, text, k, vector, took)

    async def version(self) -> str:
        """What the base holds, as a digest: the same documents give the same one, on every server. Empty while there
        is no base."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._version)

    @property
    def embedder(self) -> Kept | None:
        """What gives its texts their vectors, for others who compare texts."""
        return self._embedder

    async def aclose(self) -> None:
        """Stop the threads and close the file."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
        for reader in self._readers:
            reader.close()
        self._readers.clear()

    def _search(self, text: str, k: int, vector: Vectors | None, took: Took) -> list[Passage]:
        with self._reading():
            reader = self._reader()
            if reader is None:
                took.passing = True
                return []
            return self._passages(reader, self._find(reader, text, k, vector, took), k)

    def _version(self) -> str:
        with self._reading():
            reader = self._reader()
            if reader is None:
                return ""
            present = (self._local.reader[1], version(reader))
            with self._lock:
                if self._state is None or self._state[0] != present:
                    model = self._embedder.name if self._embedder else ""
                    self._state = (present, fingerprint(reader, model))
                return self._state[1]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise EngineError(
                "My notes cannot be read right now.", f"Remove {self._path.name} and start again."
            ) from error

    def _find(self, reader: sqlite3.Connection, text: str, k: int, vector: Vectors | None, took: Took) -> list[Hit]:
        if vector is None or self._embedder is None:
            hits = lexical(reader, text, k + SPARE)
        else:
            depth = max(CANDIDATES, k + SPARE)
            by_meaning = self._vectors_of(reader, self._embedder.name, took).nearest(vector, depth)
            hits = fuse(lexical(reader, text, depth), by_meaning, self._embedder.least)
        return [hit for hit in hits if hit.coverage >= LEAST][: k + SPARE]

    def _vectors_of(self, reader: sqlite3.Connection, model: str, took: Took) -> Matrix | Compact:
        """All vectors, read anew when the base has changed."""
        with self._lock:
            now, present = time.monotonic(), version(reader)
            if self._matrix is None or (self._matrix[0] != present and now - self._matrix[1] > RELOAD):
                self._matrix = (present, now, load(reader, model))
            took.passing = took.passing or self._matrix[0] != present
            return self._matrix[2]

    def _reader(self) -> sqlite3.Connection | None:
        """This thread's connection; None while nothing was learned, or while the store is being made."""
        try:
            file = self._path.stat().st_ino
        except OSError:
            return None
        reader, known = getattr(self._local, "reader", (None, 0))
        if reader is not None and known == file:
            return cast(sqlite3.Connection, reader)
        # The file is another one: the store was made anew.
        self._forget(reader)
        self._local.reader = (None, 0)
        reader = open_reader(self._path)
        if not is_made(reader):
            reader.close()
            return None
        self._local.reader = (reader, file)
        with self._lock:
            self._readers.append(reader)
        return reader

    def _forget(self, reader: sqlite3.Connection | None) -> None:
        if reader is not None:
            with self._lock:
                self._readers.remove(reader)
                self._matrix = None
            reader.close()

    def _passages(self, reader: sqlite3.Connection, hits: list[Hit], k: int) -> list[Passage]:
        passages: dict[str, Passage] = {}  # equal chunks of two documents are shown once
        for hit in hits:
            row = reader.execute(
                "SELECT chunks.hash, text, title, heading, source FROM chunks "
                "JOIN documents ON documents.id = document WHERE chunks.id = ?",
                (hit.chunk,),
            ).fetchone()
            if row:
                digest, text, title, heading, source = row
                score = round(min(1.0, hit.coverage), 4)
                passages.setdefault(digest, Passage(digest, text, title, heading, source, score))
        return list(passages.values())[:k]
