"""Who is waited for: sound that somebody needs now goes before sound that somebody will need later.

All conversations of a process share its cores. Rendering ahead is worth nothing to those who already have seconds in
hand, while each millisecond counts for the one who hears nothing yet; so the former yield to the latter.
"""

import asyncio
from collections.abc import Callable

from backend.thresholds import Thresholds

STEP = 0.1
"""Seconds after which those who yield look again whether they still can."""


class Urgency:
    """The turns at work, and those among them that have words but no sound yet, in the whole process."""

    def __init__(self, crowd: int = Thresholds().crowd) -> None:
        self._crowd = crowd
        self._waiting: set[object] = set()
        self._at_work: set[object] = set()
        # One clock and one event for all who yield: hundreds of timers would cost more than what they wait for.
        self._news = asyncio.Event()
        self._clock: asyncio.TimerHandle | None = None
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

    def end(self, turn: object) -> None:
        """*turn* has it."""
        if turn in self._waiting:
            self._waiting.remove(turn)
            if not self._waiting:
                self._tick()

    @property
    def anyone(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    async def step(self) -> None:
        """Yield until nobody waits, but not for longer than `STEP`."""
        if self._clock is None:
            self._clock = asyncio.get_running_loop().call_later(STEP, self._tick)
        await self._news.wait()

    async def give_way(self, unhurried: Callable[[], bool]) -> None:
        """Wait, as long as this one is *unhurried*, until nobody is waited for and it is its turn among its like.

        One of them goes on per round of the loop. Voices send faster than anybody listens: were all that has come
        worked on in one round, whoever waits for a first sound would wait for all of it, several times over on the way
        to that sound.
        """
        while unhurried():
            async with self._lane:
                await asyncio.sleep(0)
            if not self.anyone:
                return
            await self.step()

    def _tick(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        self._news.set()
        self._news = asyncio.Event()
