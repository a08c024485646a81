"""Single flight: one computation per key, however many coroutines and processes ask for it."""

import asyncio
import random
import time
from typing import Generic, Self, TypeVar

from backend.cache.breaker import Guarded

T = TypeVar("T")

POLL = 0.02
"""Seconds between looks for what another process is making, to begin with; up to ten times that later."""
WAIT = 30.0
"""Seconds to wait for another process before doing it oneself."""
RENEW = 1.5
"""Seconds between renewals of the right to compute; a third of the lease, so one lost answer does no harm."""


class Flight(Generic[T]):
    """A computation under way and those who wait for it. It is stopped when nobody waits any more."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self._result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting = 0

    async def join(self) -> T:
        """The result, or the exception that the computation ended with."""
        self._waiting += 1
        try:
            return await asyncio.shield(self._result)
        finally:
            self._waiting -= 1
            if not self._waiting and not self._result.done():
                self.cancel()

    def land(self, result: T) -> None:
        """Hand out the result."""
        if not self._result.done():
            self._result.set_result(result)

    def crash(self, error: BaseException) -> None:
        """Hand out the failure."""
        if self._result.done():
            return
        if isinstance(error, asyncio.CancelledError):
            self._result.cancel()
        else:
            self._result.set_exception(error)
            # Everybody who waited may have gone: then nobody needs to hear of it.
            self._result.exception()

    def cancel(self) -> None:
        """Stop the computation, unless it has its result and only writes it down."""
        if self.task is not None and not self._result.done():
            self.task.cancel()


class Claim:
    """The right of this process to compute a key, through the tier that has locks; without one it is always ours."""

    def __init__(self, tier: Guarded | None, key: str) -> None:
        self._tier = tier if tier is not None and tier.lock is not None else None
        self._key = key
        self._token = ""
        self._since = time.monotonic()
        self._pause = 0.0
        self._renewal: asyncio.Task[None] | None = None

    @property
    def shared(self) -> bool:
        """Whether other processes may be making the same."""
        return self._tier is not None and not self._tier.away

    async def take(self) -> bool:
        """Try to get the right, after a pause if it was tried before. True as well when waiting longer is no use."""
        tier = self._tier
        if tier is None or tier.lock is None:
            return True
        lock = tier.lock
        await asyncio.sleep(self._pause * random.uniform(0.5, 1.5))
        self._pause = min(self._pause * 1.5, POLL * 10) or POLL
        nobody: str | None = ""  # Redis went away: compute alone
        token = await tier.write(lambda: lock.take(self._key), nobody)
        if token:
            self._token = token
            self._renewal = asyncio.create_task(self._renew(), name="renew")
        return token is not None or time.monotonic() - self._since > WAIT

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])
        if self._token and self._tier is not None and (lock := self._tier.lock) is not None:
            await self._tier.write(lambda: lock.give(self._key, self._token), None)

    async def _renew(self) -> None:
        """A computation may take longer than the lease; the lease is short so that a dead holder is soon replaced."""
        tier = self._tier
        if tier is None or (lock := tier.lock) is None:
            return
        while True:
            await asyncio.sleep(RENEW)
            await tier.write(lambda: lock.keep(self._key, self._token), False)
