"""Who is waited for: sound that somebody needs now goes before sound that somebody will need later.

All conversations of a process share its cores. Rendering ahead is worth nothing to those who already have seconds in
hand, while each millisecond counts for the one who hears nothing yet; so the former yield to the latter.
"""

import asyncio

STEP = 0.05
"""Seconds after which one who yields looks again whether they still can."""


class Urgency:
    """The turns that have words but no sound yet, over all conversations of the process."""

    def __init__(self) -> None:
        self._waiting: set[object] = set()
        self._calm = asyncio.Event()
        self._calm.set()

    def begin(self, turn: object) -> None:
        """*turn* waits for its first sound."""
        self._waiting.add(turn)
        self._calm.clear()

    def end(self, turn: object) -> None:
        """*turn* has it, or is over."""
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
