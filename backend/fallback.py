"""A chain of engines: the best one that works serves, and who fails is left alone for a while.

voices = Chain([edge, espeak])               # one per process: what one session learns helps all
route = voices.route(announce)               # one per session: it is told about its own steps
async for item in route.stream(lambda voice: voice.say(text, style)):
    ...
"""

import logging
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

_log = logging.getLogger(__name__)


class EngineError(Exception):
    """An engine cannot serve now.

    `reason` is plain words for the person in front of the avatar, without secrets; `remedy` is the one
    thing to do about it (a command, a setting) or empty; `retry_after` is in seconds where the engine
    said so.
    """

    def __init__(self, reason: str, remedy: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.retry_after = retry_after


class UnsuitableError(EngineError):
    """This request is not for this engine (a language it lacks); the engine itself is well."""


class BrokenOffError(EngineError):
    """*engine* failed after it had delivered `delivered` items.

    The caller has them already: it asks the route again for the rest, and the next engine serves.
    """

    def __init__(self, engine: str, delivered: int, cause: EngineError) -> None:
        super().__init__(cause.reason, cause.remedy, cause.retry_after)
        self.engine = engine
        self.delivered = delivered


class ExhaustedError(EngineError):
    """No engine of the chain can serve now; `retry_after` says when the next one is tried again."""


@dataclass(frozen=True, slots=True)
class Step:
    """From now on `to` serves instead of `from_` (None: none at all), and why."""

    from_: str | None
    to: str | None
    reason: str
    remedy: str = ""


class Named(Protocol):
    """All that the chain itself needs of an engine."""

    @property
    def name(self) -> str: ...


E = TypeVar("E", bound=Named)
T = TypeVar("T")
State = Literal["closed", "open", "half-open"]


class Breaker:
    """Keeps callers from an engine that just failed.

    Closed, everyone is let in. A failure opens it: nobody is, for `first` seconds, twice as long after each
    further failure, at most `longest`, give or take a quarter, so that many processes don't return at once;
    or for as long as the engine said. Then it is half open: one caller is let in to try.
    """

    def __init__(
        self,
        *,
        first: float = 2.0,
        longest: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._first, self._longest, self._clock, self._jitter = first, longest, clock, jitter
        self._open_until = 0.0
        self._trial: Attempt | None = None
        self.failures = 0
        """Failures since the last success."""
        self.error: EngineError | None = None
        """Why it is not closed."""

    @property
    def state(self) -> State:
        if self.failures == 0:
            return "closed"
        return "open" if self._clock() < self._open_until else "half-open"

    @property
    def retry_in(self) -> float:
        """Seconds until the next try is let in."""
        return max(0.0, self._open_until - self._clock()) if self.failures else 0.0

    def enter(self) -> "Attempt | None":
        """Let a caller in, who then says how it went; None if it must not."""
        state = self.state
        if state == "open" or (state == "half-open" and self._trial is not None):
            return None
        attempt = Attempt(self)
        if state == "half-open":
            self._trial = attempt
        return attempt

    def _succeeded(self, attempt: "Attempt") -> None:
        # One that entered before the failure says nothing about now.
        if self.failures == 0 or self._trial is attempt:
            self.failures, self.error, self._trial = 0, None, None

    def _failed(self, attempt: "Attempt", error: EngineError) -> None:
        # Those that entered together fail together: that is one failure.
        if self.failures and self._trial is not attempt:
            return
        self._trial = None
        self.failures += 1
        self.error = error
        delay = min(self._longest, self._first * 2.0 ** min(self.failures - 1, 32))
        delay *= 0.75 + 0.5 * self._jitter()
        self._open_until = self._clock() + max(delay, min(error.retry_after or 0.0, 3600.0))

    def _abandoned(self, attempt: "Attempt") -> None:
        if self._trial is attempt:
            self._trial = None


class Attempt:
    """One use of an engine. Exactly one of its methods counts, the first."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker: Breaker | None = breaker

    def _take(self) -> Breaker | None:
        breaker, self._breaker = self._breaker, None
        return breaker

    def succeeded(self) -> None:
        if breaker := self._take():
            breaker._succeeded(self)

    def failed(self, error: EngineError) -> None:
        if breaker := self._take():
            if isinstance(error, UnsuitableError):
                breaker._abandoned(self)
            else:
                breaker._failed(self, error)

    def abandoned(self) -> None:
        """It was neither: the caller went away, or nothing was there to do."""
        if breaker := self._take():
            breaker._abandoned(self)


@dataclass(frozen=True, slots=True)
class EngineState:
    """For health and metrics."""

    name: str
    state: State
    failures: int
    retry_in: float
    reason: str


class Chain(Generic[E]):
    """Engines in order of preference, each behind a breaker. Share one chain among all sessions."""

    def __init__(
        self,
        engines: Sequence[E],
        *,
        first: float = 2.0,
        longest: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if not engines:
            raise ValueError("a chain needs at least one engine")
        self._links = tuple(
            (engine, Breaker(first=first, longest=longest, clock=clock, jitter=jitter)) for engine in engines
        )

    @property
    def engines(self) -> tuple[E, ...]:
        return tuple(engine for engine, _ in self._links)

    def states(self) -> list[EngineState]:
        return [
            EngineState(
                engine.name,
                breaker.state,
                breaker.failures,
                breaker.retry_in,
                breaker.error.reason if breaker.error else "",
            )
            for engine, breaker in self._links
        ]

    def route(self, announce: Callable[[Step], None] = lambda _: None) -> "Route[E]":
        """A session's way through the chain; *announce* is told whenever another engine serves it."""
        return Route(self._links, announce)


class Route(Generic[E]):
    """One session's way through a chain."""

    def __init__(self, links: tuple[tuple[E, Breaker], ...], announce: Callable[[Step], None]) -> None:
        self._links, self._announce = links, announce
        self.serving: str | None = links[0][0].name
        """Who served last; to begin with the engine that should."""

    async def stream(self, start: Callable[[E], AsyncIterator[T]]) -> AsyncGenerator[T, None]:
        """The items of the first engine that delivers any; *start* makes an engine's stream.

        An engine that fails before its first item is passed over. Raises `BrokenOffError` when one fails
        later, `ExhaustedError` when none is left.
        """
        missed: EngineError | None = None
        for engine, breaker in self._links:
            attempt = breaker.enter()
            if attempt is None:
                missed = missed or breaker.error
                continue
            delivered = 0
            items = start(engine)
            try:
                async for item in items:
                    if delivered == 0:
                        self._serve(engine.name, missed)
                    delivered += 1
                    yield item
            except Exception as problem:
                error = _plain(engine.name, problem)
                attempt.failed(error)
                if delivered:
                    raise BrokenOffError(engine.name, delivered, error) from problem
                missed = missed or error
            else:
                return
            finally:
                # If it did not fail: what came proves that the engine works, also when nobody heard the end.
                if delivered:
                    attempt.succeeded()
                else:
                    attempt.abandoned()
                await _close(items)
        soonest = min(breaker.retry_in for _, breaker in self._links)
        lost = ExhaustedError(missed.reason, missed.remedy, soonest) if missed else ExhaustedError("")
        self._serve(None, lost)
        raise lost

    def _serve(self, name: str | None, missed: EngineError | None) -> None:
        before, self.serving = self.serving, name
        if before != name:
            reason, remedy = (missed.reason, missed.remedy) if missed else ("It works again.", "")
            self._announce(Step(before, name, reason, remedy))


def _plain(name: str, problem: Exception) -> EngineError:
    if isinstance(problem, EngineError):
        return problem
    # A fault of ours in one engine is no reason to fall silent: the next one speaks, the log has it all.
    _log.error("engine %s failed unexpectedly", name, exc_info=problem)
    return EngineError(f"{name} failed unexpectedly.", "See the server's log.")


async def _close(items: AsyncIterator[Any]) -> None:
    close = getattr(items, "aclose", None)
    if close is not None:
        await close()
