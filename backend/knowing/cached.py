"""Keeps what a slower knowledge base found for a while, and asks it once for a question that many ask together."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from backend.knowing import Knowledge, Passage
from backend.words import stems

Key = tuple[str | int, ...]


class Cached:
    """`Knowledge` before *knowledge*: answers are kept for *seconds*, *most* of them.

    Questions with the same content words in the same order count as the same.
    """

    def __init__(
        self, knowledge: Knowledge, seconds: float = 300.0, most: int = 512, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._knowledge, self._seconds, self._most, self._clock = knowledge, seconds, most, clock
        self._kept: OrderedDict[Key, tuple[float, asyncio.Task[list[Passage]]]] = OrderedDict()

    async def search(self, text: str, k: int = 4) -> list[Passage]:
        """As `Knowledge.search`; whoever leaves does not take the answer from those who wait with them."""
        key: Key = (k, *(stems(text) or [text.strip().lower()]))
        kept = self._kept.get(key)
        if kept is None or self._clock() - kept[0] > self._seconds or _failed(kept[1]):
            task = asyncio.ensure_future(self._knowledge.search(text, k))
            self._kept[key] = kept = (self._clock(), task)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return list(await asyncio.shield(kept[1]))

    def clear(self) -> None:
        """Forget everything: the base has changed."""
        self._kept.clear()

    async def aclose(self) -> None:
        """Close the knowledge base behind it."""
        close = getattr(self._knowledge, "aclose", None)
        if close is not None:
            await close()


def _failed(task: asyncio.Task[list[Passage]]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
