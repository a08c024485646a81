"""Vectors kept by the hash of their text in the common cache: nothing is embedded twice, whoever asks."""

import asyncio
import logging
from collections.abc import Sequence

import numpy as np

from backend.cache import BYTES, DAY, Cache
from backend.fallback import EngineError
from backend.knowing import Took
from backend.knowing.embedders import Embedder, Vectors, clean

FORMAT = 1
SECONDS = 30 * DAY
PATIENCE = 1.0
"""Seconds that a question's vector may take; without it the words alone have to do."""

log = logging.getLogger(__name__)


class Kept:
    """`Embedder` before *embedder*, which is asked only for what *cache* does not have.

    `trouble` says why the last question got no vector, if it did not.
    """

    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        self.trouble: EngineError | None = None
        self._embedder = embedder
        # Shared with the answers given before (`backend.answers`), which compare questions by the same vectors.
        self._space = cache.space("vectors", FORMAT, SECONDS, BYTES)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._embedder.name

    @property
    def least(self) -> float:
        """The cosine below which two texts have nothing to do with each other."""
        return self._embedder.least

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each of *texts*. Raises `EngineError`."""
        hits = [await self._space.get(self.name, text) for text in texts]
        missing = list(dict.fromkeys(text for text, hit in zip(texts, hits, strict=True) if hit is None))
        made = dict(zip(missing, await self._embedder.embed(missing), strict=True)) if missing else {}
        for text, row in made.items():
            await self._space.put(_pack(row), self.name, text)
        rows = [made[text] if hit is None else _unpack(hit.value) for text, hit in zip(texts, hits, strict=True)]
        return np.stack(rows) if rows else np.zeros((0, 0), np.float32)

    async def question(self, text: str, took: Took) -> Vectors | None:
        """The vector of a question, made once however many ask it; None when there is none in time."""
        text = clean(text)
        took.model = self.name

        async def make() -> bytes:
            row = (await self._embedder.embed([text]))[0]
            took.embedded.append(text)
            return _pack(row)

        try:
            async with asyncio.timeout(PATIENCE):
                vector = _unpack((await self._space.make(make, self.name, text)).value)
        except (EngineError, TimeoutError) as error:
            trouble = error if isinstance(error, EngineError) else EngineError("The embedding model is too slow.")
            if self.trouble is None:
                log.warning("searching by words alone: %s", trouble)
            self.trouble, took.passing = trouble, True
            return None
        self.trouble = None
        return vector

    async def aclose(self) -> None:
        """Close the embedder."""
        if close := getattr(self._embedder, "aclose", None):
            await close()


def _pack(row: Vectors) -> bytes:
    return bytes(np.asarray(row, "<f4").tobytes())


def _unpack(raw: bytes) -> Vectors:
    return np.frombuffer(raw, "<f4")
