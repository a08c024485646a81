"""Keeps turns without ever holding one up: a short queue, and one writer that tries again."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from backend.keeping import Cost, Exchange, Keeper, KeepingError, UnknownConversation

log = logging.getLogger(__name__)

WAITING = 1_000
"""Turns that may wait for a database that is away; then the oldest are given up."""
PAUSE, LONGEST = 0.5, 30.0
"""Seconds between tries, doubling."""
LAST_CHANCE = 5.0
"""Seconds for what still waits when the server stops; platforms grant 10 to 15 before they kill."""


class Writer:
    """Hands turns to *keeper* in the background. `run` is its task; *announce* is told once per outage."""

    def __init__(
        self,
        keeper: Keeper,
        retention_days: int = 0,
        announce: Callable[[str], None] = lambda reason: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.lost = 0
        """Turns that were given up."""
        self._keeper = keeper
        self._days = retention_days
        self._announce = announce
        self._sleep = sleep
        self._waiting: deque[tuple[str, str, Exchange, Sequence[Cost]]] = deque()
        self._more = asyncio.Event()

    def put(self, owner: str, conversation: str, exchange: Exchange, costs: Sequence[Cost] = ()) -> None:
        """Keep this turn as soon as possible. Never waits."""
        self._waiting.append((owner, conversation, exchange, tuple(costs)))
        if len(self._waiting) > WAITING:
            self._waiting.popleft()
            self.lost += 1
        self._more.set()

    async def run(self) -> None:
        """Write until cancelled; then write what still waits, for a few seconds."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write(), name="keep turns")
                if self._days:
                    group.create_task(self._expire(), name="expire conversations")
        finally:
            try:
                async with asyncio.timeout(LAST_CHANCE):
                    while self._waiting:
                        with suppress(UnknownConversation):
                            await self._keeper.keep(*self._waiting[0])
                        self._waiting.popleft()
            except (KeepingError, TimeoutError):
                self.lost += len(self._waiting)
                log.warning("%d turns could not be kept", len(self._waiting))

    async def _write(self) -> None:
        pause = 0.0
        while True:
            self._more.clear()
            while self._waiting:
                item = self._waiting[0]
                try:
                    await self._keeper.keep(*item)
                except UnknownConversation:
                    pass  # forgotten meanwhile
                except KeepingError as error:
                    if not pause:
                        self._announce(error.reason)
                    pause = min(LONGEST, pause * 2 or PAUSE)
                    await self._sleep(pause)
                    continue
                pause = 0.0
                # While it was written, a full queue may have given it up already.
                if self._waiting and self._waiting[0] is item:
                    self._waiting.popleft()
            await self._more.wait()

    async def _expire(self) -> None:
        while True:
            try:
                await self._keeper.expire(time.time() - self._days * 86_400)
            except KeepingError as error:
                log.warning("old conversations could not be deleted: %s", error.reason)
            await self._sleep(3_600)
