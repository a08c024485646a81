"""Keeps a tier that fails out of the way of the conversation, and says so once."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from backend.cache.tiers import Lock, Tier, TierError

T = TypeVar("T")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds without the tier after its first failure, doubling up to the longest: Redis restarts within seconds, a
full disk stays full for longer."""

Announce = Callable[[str, str], None]
"""(tier, reason in plain words), called once per outage; an empty reason says that the tier is back."""


def silent(tier: str, reason: str) -> None:
    """Announces nothing."""


class Guarded:
    """A tier behind breakers: every call gives its `default` while the tier is away, and never raises `TierError`.

    Reading and writing fail apart: a full disk still holds what is worth serving.
    """

    def __init__(self, tier: Tier, announce: Announce, clock: Callable[[], float] = time.monotonic) -> None:
        self.tier = tier
        self.name = tier.name
        self.lock = cast(Lock, tier) if _is_lock(tier) else None
        self._announce = announce
        self._reading = _Breaker(clock)
        self._writing = _Breaker(clock)

    @property
    def away(self) -> bool:
        """Whether the tier is being left alone for now."""
        return self._reading.open

    async def read(self, work: Callable[[], Awaitable[T]], default: T) -> T:
        """The result of *work*, or *default* when the tier is away or fails."""
        return default if self._reading.open else await self._call(self._reading, work, default)

    async def write(self, work: Callable[[], Awaitable[T]], default: T) -> T:
        """The same for work that writes."""
        away = self._reading.open or self._writing.open
        return default if away else await self._call(self._writing, work, default)

    async def _call(self, breaker: "_Breaker", work: Callable[[], Awaitable[T]], default: T) -> T:
        was_well = not (self._reading.pause or self._writing.pause)
        try:
            result = await work()
        except TierError as error:
            breaker.failed()
            if was_well:
                self._announce(self.name, str(error))
            return default
        breaker.pause = 0.0
        if not was_well and not (self._reading.pause or self._writing.pause):
            self._announce(self.name, "")
        return result


class _Breaker:
    """Open for a pause after every failure, each longer than the last; `pause` is 0 while all is well."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.pause = 0.0
        self._clock = clock
        self._until = 0.0

    @property
    def open(self) -> bool:
        return self.pause > 0 and self._clock() < self._until

    def failed(self) -> None:
        self.pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, self.pause * 2))
        self._until = self._clock() + self.pause


def _is_lock(tier: object) -> bool:
    return all(hasattr(tier, name) for name in ("take", "keep", "give"))
