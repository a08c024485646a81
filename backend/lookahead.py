"""Looks things up while a person still speaks, so that the turn finds it done.

The last words that arrive while they speak are nearly always those of the turn, whose search then comes from the
cache, or joins the one on its way. So a slow search (a remote embedding model, AI Search) costs nothing at the end.
"""

import asyncio
from contextlib import suppress

from backend.billing import TurnBill
from backend.conversation import Hint
from backend.fallback import EngineError
from backend.knowing import Knowledge, Took
from backend.knowing.cached import Cached
from backend.thinking.smalltalk import is_small_talk
from backend.turn import KNOWLEDGE_LIMIT, PASSAGES
from backend.words import content_words

MOST = 8
"""Searches for one utterance; each may cost a vector."""


class Lookahead:
    """One conversation's early searches: one at a time, the newest words next.

    Without a cache there would be nobody to keep what they find, so then there are none.
    """

    def __init__(self, knowledge: Knowledge, group: asyncio.TaskGroup) -> None:
        self._knowledge = knowledge if isinstance(knowledge, Cached) else None
        self._group = group
        self._task: asyncio.Task[None] | None = None
        self._next = self._last = ""
        self._utterance = self._made = 0
        self._took: list[Took] = []

    def hint(self, hint: Hint) -> None:
        """The words so far."""
        if hint.utterance != self._utterance:
            self._utterance, self._made = hint.utterance, 0
        text = " ".join(hint.text.split())
        if self._knowledge is None or text == self._last or not content_words(text) or is_small_talk(text):
            return
        self._next = text
        if self._task is None or self._task.done():
            self._task = self._group.create_task(self._look(self._knowledge), name="look ahead")

    def settle(self, bill: TurnBill) -> None:
        """A turn begins: put what the searches took on *bill*."""
        self._made = 0
        for took in self._took:
            bill.searched(took)
        self._took.clear()

    def end(self) -> None:
        """Nobody will ask."""
        if self._task is not None:
            self._task.cancel()

    async def _look(self, knowledge: Knowledge) -> None:
        while self._next != self._last and self._made < MOST:
            self._last, self._made = self._next, self._made + 1
            took = Took()
            with suppress(EngineError, TimeoutError):
                async with asyncio.timeout(KNOWLEDGE_LIMIT):
                    await knowledge.search(self._last, PASSAGES, took=took)
            if took.embedded:
                took.tier = ""  # whether it was found already is the turn's to tell
                self._took.append(took)
