"""Keeps turns without ever holding one up: a short queue, and one writer that tries again."""

import asyncio
import logging
import secrets
import time
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from backend.keeping import Cost, Exchange, Keeper, KeepingError, UnknownConversation

log = logging.getLogger(__name__)

WAITING = 1_000
"""Turns that may wait for a database that is away; then the oldest are given up."""
PAUSE, LONGEST = 0.5, 30.0
"""Seconds between tries, doubling."""
LAST_CHANCE = 5.0
"""Seconds for what still waits when the server stops; platforms grant 10 to 15 before they kill."""


@dataclass(frozen=True, slots=True)
class _Begun:
    owner: str
    id: str
    language: str


@dataclass(frozen=True, slots=True)
class _Turn:
    owner: str
    conversation: str
    exchange: Exchange
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class _Spent:
    owner: str
    conversation: str
    number: int
    at: float
    costs: tuple[Cost, ...]


_Item = _Begun | _Turn | _Spent


class Writer:
    """Hands conversations and turns to a keeper in the background, in order; *announce* is told once per outage.

    They may be put before the keeper is there: it opens behind a server that already answers.
    """

    def __init__(
        self,
        retention_days: int = 0,
        announce: Callable[[str], None] = lambda reason: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.lost = 0
        """Turns that were given up."""
        self._days = retention_days
        self._announce = announce
        self._sleep = sleep
        self._waiting: deque[_Item] = deque()
        self._unwritten: Counter[str] = Counter()
        self._more = asyncio.Event()

    def begin(self, owner: str, language: str, id: str = "") -> str:
        """A new conversation, or the one named *id*, which may be there already; its id. Never waits."""
        id = id or uuid.uuid4().hex
        self._put(_Begun(owner, id, language))
        return id

    def put(self, owner: str, conversation: str, exchange: Exchange, costs: Sequence[Cost] = ()) -> None:
        """Keep this turn as soon as possible. Never waits."""
        self._put(_Turn(owner, conversation, exchange, tuple(costs)))

    def waits(self, conversation: str) -> bool:
        """Whether a turn of *conversation* is not written yet."""
        return self._unwritten[conversation] > 0

    def spend(self, owner: str, conversation: str, costs: Sequence[Cost]) -> None:
        """Keep as soon as possible what was spent now, outside of any turn. Never waits."""
        # Numbers of turns are positive. One of its own makes a second try replace the first, not repeat it.
        number = -1 - secrets.randbelow(2**31 - 1)
        self._put(_Spent(owner, conversation, number, time.time(), tuple(costs)))

    async def run(self, keeper: Keeper) -> None:
        """Write until cancelled; then write what still waits, for a few seconds."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write(keeper), name="keep turns")
                if self._days:
                    group.create_task(self._expire(keeper), name="expire conversations")
        finally:
            try:
                async with asyncio.timeout(LAST_CHANCE):
                    while self._waiting:
                        await _hand(keeper, self._waiting[0])
                        self._take()
            except (KeepingError, TimeoutError):
                self.lost += len(self._waiting)
                log.warning("%d turns could not be kept", len(self._waiting))

    def _put(self, item: _Item) -> None:
        self._waiting.append(item)
        if isinstance(item, _Turn):
            self._unwritten[item.conversation] += 1
        if len(self._waiting) > WAITING:
            self._take()
            self.lost += 1
        self._more.set()

    def _take(self) -> None:
        item = self._waiting.popleft()
        if isinstance(item, _Turn):
            self._unwritten[item.conversation] -= 1
            if not self._unwritten[item.conversation]:
                del self._unwritten[item.conversation]

    async def _write(self, keeper: Keeper) -> None:
        pause = 0.0
        while True:
            self._more.clear()
            while self._waiting:
                item = self._waiting[0]
                try:
                    await _hand(keeper, item)
                except KeepingError as error:
                    if not pause:
                        self._announce(error.reason)
                    pause = min(LONGEST, pause * 2 or PAUSE)
                    await self._sleep(pause)
                    continue
                pause = 0.0
                # While it was written, a full queue may have given it up already.
                if self._waiting and self._waiting[0] is item:
                    self._take()
            await self._more.wait()

    async def _expire(self, keeper: Keeper) -> None:
        while True:
            try:
                await keeper.expire(time.time() - self._days * 86_400)
            except KeepingError as error:
                log.warning("old conversations could not be deleted: %s", error.reason)
            await self._sleep(3_600)


async def _hand(keeper: Keeper, item: _Item) -> None:
    match item:
        case _Begun():
            await keeper.begin(item.owner, item.language, item.id)
        case _Turn():
            with suppress(UnknownConversation):  # forgotten meanwhile
                await keeper.keep(item.owner, item.conversation, item.exchange, item.costs)
        case _Spent():
            await keeper.spend(item.owner, item.conversation, item.number, item.at, item.costs)
