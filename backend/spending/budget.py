"""Budgets: how much a turn, a session, a person, a day and a month may cost, and what happens near the limit.

Before a turn its dearest possible price is reserved; afterwards the reservation becomes what it really took. So a
limit holds whatever happens at the same time and on however many servers. Near a limit the ladder is stepped down:
the strong model, the small one, then the offline mind, which costs nothing; or, if so wished, nothing at all.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Literal

from backend.spending.counters import Counter, Counters, Step
from backend.spending.money import show

Level = Literal["strong", "small", "offline", "stop"]
LADDER: tuple[Level, ...] = ("strong", "small")
NEAR = 0.8
"""The part of a limit that the strong model may use; the rest is left for more answers of the small one."""
DAY = 86_400
SCOPES = {
    "session": "this conversation",
    "user": "you today",
    "day": "everyone today",
    "month": "everyone this month",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in nano-dollars, 0 for none. `user` is per person and day; `day` and `month` are for all together.

    `stop`: at a limit refuse to answer, instead of answering for nothing.
    """

    turn: int = 0
    session: int = 0
    user: int = 0
    day: int = 0
    month: int = 0
    near: float = NEAR
    stop: bool = False


class Grant:
    """What a turn may use. `settle` once it is known what it took; `why` is empty unless it was stepped down."""

    def __init__(self, level: Level, reserved: int, taking: "Taking", why: str = "", scope: str = "") -> None:
        self.level = level
        self.reserved = reserved
        self.why = why
        self.scope = scope
        self._taking = taking
        self._settled = False

    async def settle(self, spent: int) -> None:
        """It took *spent* nano-dollars. Only the first call counts; without one the whole reservation stays spent."""
        if self._settled:
            return
        self._settled = True
        if spent != self.reserved:
            await self._taking.store.add(self._taking.counters, spent - self.reserved)


@dataclass(frozen=True, slots=True)
class Taking:
    """Where a reservation was taken."""

    store: Counters
    counters: list[Counter]


class Budget:
    """Admits turns. One for the whole server; *clock* is seconds since the epoch (UTC days and months)."""

    def __init__(self, limits: Limits, store: Counters, clock: Callable[[], float] = time.time) -> None:
        self._limits = limits
        self._store = store
        self._clock = clock

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        limits = self._limits
        return any((limits.turn, limits.session, limits.user, limits.day, limits.month))

    async def admit(self, session: str, user: str, wanted: Level, prices: Mapping[Level, int]) -> Grant:
        """The dearest level from *wanted* down that fits; *prices* are the most that a turn can cost at each."""
        counters, limits = self._scopes(session, user)
        ladder = [level for level in LADDER[LADDER.index(wanted) :] if level in prices] if wanted in LADDER else []
        affordable = [level for level in ladder if not self._limits.turn or prices[level] <= self._limits.turn]
        steps = [Step(prices[level], self._caps(level, limits)) for level in affordable]
        taken = await self._store.take(counters, steps)
        if taken.step is not None:
            level, reserved = affordable[taken.step], steps[taken.step].amount
        else:
            level, reserved = ("stop" if self._limits.stop and ladder else "offline"), 0
        taking = Taking(self._store, counters)
        if level == wanted or not ladder:
            return Grant(level, reserved, taking)
        scope = "turn" if taken.blocked is None else list(limits)[taken.blocked]
        return Grant(level, reserved, taking, self._why(level, scope), scope)

    async def seed(self, day: int, month: int) -> None:
        """What was spent today and this month before this server started, from what is kept."""
        counters, limits = self._scopes("", "")
        for counter, scope in zip(counters, limits, strict=True):
            if scope in {"day", "month"}:
                await self._store.seed(counter, day if scope == "day" else month)

    def _scopes(self, session: str, user: str) -> tuple[list[Counter], dict[str, int]]:
        """The counters that have a limit, and the limits by scope, in the same order."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        today, month = now.strftime("%Y-%m-%d"), now.strftime("%Y-%m")
        every = {
            "session": Counter(f"session:{_digest(session)}", DAY),
            "user": Counter(f"user:{_digest(user)}:{today}", 2 * DAY),
            "day": Counter(f"day:{today}", 2 * DAY),
            "month": Counter(f"month:{month}", 40 * DAY),
        }
        limits = {scope: limit for scope in every if (limit := getattr(self._limits, scope))}
        return [every[scope] for scope in limits], limits

    def _caps(self, level: Level, limits: dict[str, int]) -> list[int]:
        share = self._limits.near if level == "strong" else 1.0
        return [int(limit * share) for limit in limits.values()]

    def _why(self, level: Level, scope: str) -> str:
        """For the person: what ran out, and what that means."""
        if scope == "turn":
            reason = f"One answer may cost {show(self._limits.turn)} at most"
        else:
            limit = show(getattr(self._limits, scope))
            reason = f"The budget of {limit} for {SCOPES[scope]} is {'nearly ' if level == 'small' else ''}used up"
        consequence = {
            "small": "a smaller model answers now.",
            "offline": "I answer from documents alone now, which costs nothing.",
            "stop": "I cannot answer any more until it is renewed.",
        }
        return f"{reason}: {consequence[level]}"


def _digest(name: str) -> str:
    """Neither a user's name nor a session's token belongs into a store's keys."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
