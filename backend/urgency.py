"""Who is waited for: sound that somebody needs now goes before sound that somebody will need later.

All conversations of a process share its cores. Rendering ahead is worth nothing to those who already have seconds in
hand, while each millisecond counts for the one who hears nothing yet; so the former yield to the latter.
"""

import asyncio

from backend.thresholds import Thresholds

STEP = 0.05
"""Seconds after which one who yields looks again whether they still can."""


class Urgency:
    """The turns at work, and those among them that have words but no sound yet, in the whole process."""

    def __init__(self, crowd: int = Thresholds().crowd) -> None:
        self._crowd = crowd
        self._waiting: set[object] = set()
        self._at_work: set[object] = set()
        self._calm = asyncio.Event()
        self._calm.set()
        self._lane = asyncio.Lock()

    def enter(self, turn: object) -> None:
        """*turn* is at work."""
        self._at_work.add(turn)

    def leave(self, turn: object) -> None:
        """*turn* is over."""
        self._at_work.discard(turn)
        self.end(turn)

    @property
    def crowded(self) -> bool:
        """Whether so many turns are at work that approximations are better than queues."""
        return len(self._at_work) > self._crowd

    def begin(self, turn: object) -> None:
        """*turn* has words and waits for its first sound."""
        self._waiting.add(turn)
        self._calm.clear()

    def end(self, turn: object) -> None:
        """*turn* has it."""
        self._waiting.discard(turn)
        if not self._waiting:
            self._calm.set()

    @property
    def anyone(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    async def step(self) -> None:
        """Yield until nobody waits, but not for longer than `STEP`."""
        try:
            async with asyncio.timeout(STEP):
                await self._calm.wait()
        except TimeoutError:
            pass

    async def queue(self) -> None:
        """Wait until it is this one's turn among those who are in no hurry: one of them goes on per round of the loop.

        Voices send faster than anybody listens. Were all that has come worked on in one round, whoever waits for a
        first sound would wait for all of it, several times over on the way to that sound.
        """
        async with self._lane:
            await asyncio.sleep(0)
