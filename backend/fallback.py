"""Engines that stand in for each other: a chain with a circuit breaker for each.

An engine that fails is set aside for a while that doubles with every further failure; then one caller tries it again
(half open). Whoever uses the chain is told when one engine gives way to another, so that it can be said once, in plain
words.
"""

import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

T = TypeVar("T")
E = TypeVar("E", bound="Named")

FIRST_RETRY = 15.0
"""Seconds until a failed engine is tried again for the first time; ..."""
LAST_RETRY = 600.0
"""... doubled with each failure up to this."""
JITTER = 0.2
"""Share by which a retry varies, so that many replicas do not come back in step."""


class EngineError(Exception):
    """An engine cannot serve now.

    `reason` is plain words for the person in front of the avatar, without secrets; `remedy` is the one thing
    to do about it (a command, a setting) or empty; `retry_after` is in seconds where the engine said so.
    """

    def __init__(self, reason: str, remedy: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.retry_after = retry_after


class Interrupted(EngineError):
    """An engine failed after it had delivered something; `by` is its name. The caller has the rest done anew."""

    def __init__(self, by: str, error: EngineError) -> None:
        super().__init__(error.reason, error.remedy, error.retry_after)
        self.by = by


@dataclass(frozen=True, slots=True)
class Step:
    """An engine gave way to another (`to` is empty when there was none left)."""

    from_: str
    to: str
    reason: str
    remedy: str


class Named(Protocol):
    """What an engine needs to stand in a chain."""

    @property
    def name(self) -> str:
        """Short and stable; unique in its chain."""
        ...


State = Literal["closed", "open", "half-open"]


class Breaker:
    """Whether an engine may be used now. Closed: yes; open: not before its time; half open: one caller tries."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.failures = 0
        self.last: EngineError | None = None
        self._clock = clock
        self._until = 0.0
        self._trying = False

    @property
    def state(self) -> State:
        """For health, metrics and the choice."""
        if self.failures == 0:
            return "closed"
        return "half-open" if self._trying or self._clock() >= self._until else "open"

    def enter(self) -> bool:
        """Ask to use the engine; a half-open one takes a single caller at a time."""
        if self.state == "closed":
            return True
        if self._trying or self._clock() < self._until:
            return False
        self._trying = True
        return True

    def leave(self) -> None:
        """The caller ended without a verdict (it was cancelled)."""
        self._trying = False

    def succeed(self) -> None:
        """It worked."""
        self.failures, self.last, self._trying = 0, None, False

    def fail(self, error: EngineError) -> None:
        """It did not: stay away for a while."""
        self.failures += 1
        self.last, self._trying = error, False
        wait = min(LAST_RETRY, FIRST_RETRY * 2 ** min(self.failures - 1, 16))
        wait *= 1 + random.uniform(-JITTER, JITTER)
        self._until = self._clock() + (wait if error.retry_after is None else max(error.retry_after, 0.0))


class Chain(Generic[E]):
    """Engines in the order of preference."""

    def __init__(self, engines: Sequence[E], clock: Callable[[], float] = time.monotonic) -> None:
        if not engines:
            raise ValueError("a chain needs at least one engine")
        self.engines = tuple(engines)
        self.breakers = {engine.name: Breaker(clock) for engine in self.engines}

    @property
    def current(self) -> str:
        """The name of the engine that would be tried first now."""
        ready = (engine.name for engine in self.engines if self.breakers[engine.name].state != "open")
        return next(ready, self.engines[-1].name)

    async def stream(
        self, call: Callable[[E], AsyncIterator[T]], announce: Callable[[Step], None]
    ) -> AsyncGenerator[tuple[str, T], None]:
        """(engine's name, item) for the items of the first engine that serves.

        An engine that fails before its first item is passed over. One that fails later raises `Interrupted`. When
        none serves, the last reason is raised as `EngineError`.
        """
        away: list[tuple[str, EngineError]] = []
        for engine in self.engines:
            breaker = self.breakers[engine.name]
            if not breaker.enter():
                away.append((engine.name, breaker.last or EngineError("It is not available at the moment.")))
                continue
            delivered = False
            try:
                async with aclosing(cast(Any, call(engine))) as items:
                    async for item in items:
                        if not delivered:
                            delivered = True
                            breaker.succeed()
                            _tell(away, engine.name, announce)
                        yield engine.name, item
                breaker.succeed()
                return
            except EngineError as error:
                breaker.fail(error)
                if delivered:
                    raise Interrupted(engine.name, error) from error
                away.append((engine.name, error))
            finally:
                breaker.leave()
        _tell(away, "", announce)
        raise away[-1][1]


def _tell(away: list[tuple[str, EngineError]], to: str, announce: Callable[[Step], None]) -> None:
    """Announce one step for the first choice: what the person lost, and to whom."""
    if away:
        name, error = away[0]
        announce(Step(name, to, error.reason, error.remedy))
