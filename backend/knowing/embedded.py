"""The knowledge base in process: one SQLite file, searched off the event loop."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

from backend.fallback import EngineError
from backend.knowing import Passage
from backend.knowing.embedders import Embedder, Vectors
from backend.knowing.meaning import Matrix, fuse, load, nearest
from backend.knowing.query import Hit, lexical, terms_of
from backend.knowing.store import is_made, open_reader, version

LEAST = 0.3
"""A passage of less confidence than this is not worth showing."""
SPARE = 8
"""Hits beyond those asked for: equal chunks are shown once."""
CANDIDATES = 40
"""Hits of each kind, by words and by meaning, that are fused."""
REMEMBERED = 256
"""Answers kept in memory; a passage is about 1 KB, so this is about 1 MB."""
PATIENCE = 1.0
"""Seconds that a question's vector may take; without it the words alone have to do."""
RELOAD = 2.0
"""While documents are being learned, the vectors are read anew at most this often (seconds)."""

log = logging.getLogger(__name__)


class Embedded:
    """`Knowledge` over the SQLite store at *path*; empty until something was learned.

    Searches by words, and with an *embedder* also by meaning. `trouble` says why the latter is missing, if it is.
    """

    def __init__(self, path: Path, embedder: Embedder | None = None, threads: int = 2) -> None:
        self.trouble: EngineError | None = None
        self._path = path
        self._embedder = embedder
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="knowing")
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._recent: OrderedDict[tuple[object, ...], list[Passage]] = OrderedDict()
        self._vectors: OrderedDict[str, asyncio.Future[Vectors]] = OrderedDict()
        self._matrix: tuple[int, float, Matrix] | None = None
        self._lock = threading.Lock()

    async def search(self, text: str, k: int = 4, *, open_end: bool = False) -> list[Passage]:
        """The *k* passages that fit *text* best; *open_end* when its last word may still be growing.

        Takes a few milliseconds, and what the embedder takes. Raises `EngineError` when the store cannot be read.
        """
        vector = None if open_end else await self._vector(text)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._search, text, k, open_end, vector)

    async def version(self) -> int:
        """The number of the base's present state, for whoever caches what was made from it."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._version)

    @property
    def embedder(self) -> Embedder | None:
        """What gives its texts their vectors, for others who compare texts."""
        return self._embedder

    async def aclose(self) -> None:
        """Stop the threads and close the file."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
        for reader in self._readers:
            reader.close()
        self._readers.clear()

    async def _vector(self, text: str) -> Vectors | None:
        """The vector of a question; the same question is embedded once, also when many ask it together."""
        if self._embedder is None or not text.strip():
            return None
        task = self._vectors.get(text)
        if task is None:
            task = self._vectors[text] = asyncio.ensure_future(self._embedder.embed([text]))
            while len(self._vectors) > REMEMBERED:
                self._vectors.popitem(last=False)
        try:
            async with asyncio.timeout(PATIENCE):
                vector: Vectors = (await asyncio.shield(task))[0]
        except (EngineError, TimeoutError) as error:
            self._vectors.pop(text, None)
            task.cancel()
            trouble = error if isinstance(error, EngineError) else EngineError("The embedding model is too slow.")
            if self.trouble is None:
                log.warning("searching by words alone: %s", trouble)
            self.trouble = trouble
            return None
        self.trouble = None
        return vector

    def _search(self, text: str, k: int, open_end: bool, vector: Vectors | None = None) -> list[Passage]:
        try:
            reader = self._reader()
            if reader is None:
                return []
            # The same stems in the same order are the same question.
            key = (version(reader), *terms_of(text), k, open_end, vector is not None)
            with self._lock:
                if key in self._recent:
                    self._recent.move_to_end(key)
                    return self._recent[key]
            found = self._passages(reader, self._find(reader, text, k, open_end, vector), k)
        except sqlite3.Error as error:
            raise EngineError(
                "My notes cannot be read right now.", f"Remove {self._path.name} and start again."
            ) from error
        with self._lock:
            self._recent[key] = found
            while len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        return found

    def _version(self) -> int:
        reader = self._reader()
        return version(reader) if reader else 0

    def _find(self, reader: sqlite3.Connection, text: str, k: int, open_end: bool, vector: Vectors | None) -> list[Hit]:
        if vector is None or self._embedder is None:
            hits = lexical(reader, text, k + SPARE, open_end=open_end)
        else:
            depth = max(CANDIDATES, k + SPARE)
            by_meaning = nearest(self._vectors_of(reader, self._embedder.name), vector, depth)
            hits = fuse(lexical(reader, text, depth), by_meaning, self._embedder.least)
        return [hit for hit in hits if hit.coverage >= LEAST][: k + SPARE]

    def _vectors_of(self, reader: sqlite3.Connection, model: str) -> Matrix:
        """All vectors, read anew when the base has changed."""
        with self._lock:
            now, present = time.monotonic(), version(reader)
            if self._matrix is None or (self._matrix[0] != present and now - self._matrix[1] > RELOAD):
                self._matrix = (present, now, load(reader, model))
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
                self._recent.clear()
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
