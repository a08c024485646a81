"""Keeps what was found in the common cache, and asks once for a question that many ask together."""

from dataclasses import asdict
from typing import Any

from backend.cache import DAY, Cache, Space
from backend.knowing import Knowledge, Passage, Took
from backend.words import stems

FORMAT = 1
SECONDS = 7 * DAY
"""How long passages are kept; what the base is asked about changes sooner."""


class Cached:
    """`Knowledge` before *knowledge*; its version is part of every key, so a changed base is asked anew.

    Questions with the same content words in the same order count as the same. *parts* tell bases apart that share a
    cache (the name of an index).
    """

    def __init__(self, knowledge: Knowledge, cache: Cache, *parts: str) -> None:
        self.knowledge = knowledge
        self._space: Space[list[dict[str, Any]]] = cache.space("passages", FORMAT, SECONDS)
        self._parts = parts

    @property
    def name(self) -> str:
        """What answers behind it."""
        return self.knowledge.name

    @property
    def embedder(self) -> Any:
        """What gives texts their vectors, where there is one."""
        return getattr(self.knowledge, "embedder", None)

    async def search(self, text: str, k: int = 4, *, took: Took | None = None) -> list[Passage]:
        """As `Knowledge.search`; whoever leaves does not take the answer from those who wait with them."""
        terms = stems(text) or [text.strip().lower()]
        mine = Took()
        took = took or Took()

        async def make() -> list[dict[str, Any]]:
            found = [asdict(passage) for passage in await self.knowledge.search(text, k, took=mine)]
            if mine.passing:
                raise _Passing(found)
            return found

        try:
            hit = await self._space.make(make, *self._parts, await self.version(), self._model, k, terms)
        except _Passing as passing:
            found, took.passing = passing.found, True
        else:
            found, took.tier = hit.value, hit.tier
        finally:
            took.model = self._model
            took.embedded += mine.embedded
        return [Passage(**one) for one in found]

    async def version(self) -> str:
        """The state of the base behind it."""
        return await self.knowledge.version()

    async def aclose(self) -> None:
        """Close the knowledge base behind it."""
        if close := getattr(self.knowledge, "aclose", None):
            await close()

    @property
    def _model(self) -> str:
        return self.embedder.name if self.embedder is not None else ""


class _Passing(Exception):
    """What was found, for those who wait, and for nobody later."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        super().__init__()
        self.found = found
