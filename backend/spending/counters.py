"""Counters of money that many turns reserve from at once: in this process, or in Redis for all replicas.

A reservation asks for the dearest step of a ladder that still fits under every counter's limit, and takes it, in one
indivisible move. Nobody can slip in between looking and taking: in a process because nothing is awaited there, in
Redis because a script runs alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.cache.connection import Connection
from backend.cache.tiers import TierError

ROOT = "{visavis}:spent:"

_TAKE = """
local keys, steps = #KEYS, tonumber(ARGV[1])
local used, at, blocked = {}, 2 + keys, 0
for k = 1, keys do used[k] = tonumber(redis.call('GET', KEYS[k]) or '0') end
for step = 1, steps do
  local amount, fits = tonumber(ARGV[at]), true
  for k = 1, keys do
    local limit = tonumber(ARGV[at + k])
    if limit >= 0 and used[k] + amount > limit then
      fits = false
      if blocked == 0 then blocked = k end
    end
  end
  if fits then
    for k = 1, keys do
      if amount > 0 then
        used[k] = redis.call('INCRBY', KEYS[k], ARGV[at])
        redis.call('EXPIRE', KEYS[k], ARGV[1 + k])
      end
    end
    return {step, blocked, unpack(used)}
  end
  at = at + keys + 1
end
return {0, blocked, unpack(used)}
"""
_ADD = """
local used = {}
for k = 1, #KEYS do
  local now = redis.call('INCRBY', KEYS[k], ARGV[1])
  if now < 0 then
    redis.call('SET', KEYS[k], 0)
    now = 0
  end
  redis.call('EXPIRE', KEYS[k], ARGV[1 + k])
  used[k] = now
end
return used
"""
_SEED = "if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then " + (
    "redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end return 1"
)


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted under `key`, for `seconds` after its last change."""

    key: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder: so many nano-dollars, and the limit that each counter then may not exceed (-1: none)."""

    amount: int
    limits: Sequence[int]


@dataclass(frozen=True, slots=True)
class Taken:
    """Which step was taken (its index, None if none fitted), the counter that blocked the first step (None if it was
    taken), and what every counter stands at now."""

    step: int | None
    blocked: int | None
    used: tuple[int, ...]


class Counters(Protocol):
    """Where counters live."""

    async def take(self, counters: Sequence[Counter], steps: Sequence[Step]) -> Taken:
        """Reserve the first step that fits, in one move."""
        ...

    async def add(self, counters: Sequence[Counter], amount: int) -> None:
        """Add *amount* (it may be negative) to every counter; none falls below zero."""
        ...

    async def seed(self, counter: Counter, amount: int) -> None:
        """Make sure that the counter stands at *amount* at least: what was spent before the start."""
        ...


class LocalCounters:
    """Counters of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: dict[str, tuple[int, float]] = {}

    async def take(self, counters: Sequence[Counter], steps: Sequence[Step]) -> Taken:
        """Reserve the first step that fits."""
        used = [self._get(counter) for counter in counters]
        blocked: int | None = None
        for index, step in enumerate(steps):
            over = [k for k, limit in enumerate(step.limits) if limit >= 0 and used[k] + step.amount > limit]
            if not over:
                if step.amount:
                    used = [self._set(counter, now + step.amount) for counter, now in zip(counters, used, strict=True)]
                return Taken(index, blocked, tuple(used))
            blocked = over[0] if blocked is None else blocked
        return Taken(None, blocked, tuple(used))

    async def add(self, counters: Sequence[Counter], amount: int) -> None:
        """Add *amount* to every counter."""
        for counter in counters:
            self._set(counter, max(0, self._get(counter) + amount))

    async def seed(self, counter: Counter, amount: int) -> None:
        """*amount* at least."""
        self._set(counter, max(amount, self._get(counter)))

    def put(self, counters: Sequence[Counter], used: Sequence[int]) -> None:
        """Set the counters to what another store told."""
        for counter, now in zip(counters, used, strict=True):
            self._set(counter, now)

    def _get(self, counter: Counter) -> int:
        used, until = self._used.get(counter.key, (0, 0.0))
        return used if self._clock() < until else 0

    def _set(self, counter: Counter, used: int) -> int:
        now = self._clock()
        if len(self._used) > 10_000:
            # Sessions and users come and go.
            self._used = {key: entry for key, entry in self._used.items() if now < entry[1]}
        self._used[counter.key] = (used, now + counter.seconds)
        return used


class SharedCounters:
    """Counters in Redis, for all replicas. While it is away each replica goes on alone from what it last heard."""

    def __init__(self, url: str, announce: Callable[[str], None] = lambda reason: None, root: str = ROOT) -> None:
        self._connection = Connection(url)
        self._announce = announce
        self._root = root
        self._alone = LocalCounters()
        self._away = False

    async def take(self, counters: Sequence[Counter], steps: Sequence[Step]) -> Taken:
        """Reserve the first step that fits, over all replicas."""
        keys = self._keys(counters)
        arguments: list[int] = [len(steps), *(counter.seconds for counter in counters)]
        for step in steps:
            arguments += [step.amount, *step.limits]
        reply = await self._run(lambda redis: redis.eval(_TAKE, len(keys), *keys, *arguments))
        if (
            reply is None
            or len(reply) != 2 + len(keys)
            or not (0 <= reply[0] <= len(steps) and 0 <= reply[1] <= len(keys))
        ):
            return await self._alone.take(counters, steps)
        number, blocked, *used = reply
        self._alone.put(counters, used)
        return Taken(number - 1 if number else None, blocked - 1 if blocked else None, tuple(used))

    async def add(self, counters: Sequence[Counter], amount: int) -> None:
        """Add *amount* to every counter."""
        keys = self._keys(counters)
        seconds = [counter.seconds for counter in counters]
        used = await self._run(lambda redis: redis.eval(_ADD, len(keys), *keys, amount, *seconds))
        if used is None or len(used) != len(keys):
            await self._alone.add(counters, amount)
        else:
            self._alone.put(counters, used)

    async def seed(self, counter: Counter, amount: int) -> None:
        """*amount* at least."""
        (key,) = self._keys([counter])
        await self._run(lambda redis: redis.eval(_SEED, 1, key, amount, counter.seconds))
        await self._alone.seed(counter, amount)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    def _keys(self, counters: Sequence[Counter]) -> list[str]:
        return [self._root + counter.key for counter in counters]

    async def _run(self, work: "Callable[..., object]") -> "list[int] | None":
        try:
            reply = await self._connection.run(work)
        except TierError as error:
            if not self._away:
                self._away = True
                self._announce(f"{error} Budgets are kept by each server alone meanwhile.")
            return None
        self._away = False
        whole = isinstance(reply, list) and all(isinstance(one, int) for one in reply)
        return reply if whole else []
