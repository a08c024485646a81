"""How much one person, and one address, may ask for in a minute: turns, seconds of speech, new conversations.

Each is a token bucket that holds a minute's worth. What an address may is ten times as much, since a whole office can
stand behind one. Who sits at the server's own machine is not limited.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend.settings import Settings

Kind = Literal["turns", "audio_seconds", "conversations"]

OFFICE = 10
KEPT = 20_000
"""Buckets kept; beyond that the one used longest ago is forgotten, which only ever lets somebody in."""
MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Allowances:
    """The buckets of one server."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.refused: dict[Kind, int] = {"turns": 0, "audio_seconds": 0, "conversations": 0}
        self._a_minute: dict[Kind, float] = {
            "turns": settings.turns_per_minute,
            "audio_seconds": settings.audio_seconds_per_minute,
            "conversations": settings.conversations_per_minute,
        }
        self._clock = clock
        self._buckets: OrderedDict[tuple[Kind, str], _Bucket] = OrderedDict()

    def of(self, owner: str, address: str) -> "Allowance":
        """What *owner* may who comes from *address* (empty: at this machine, without limits)."""
        return Allowance(self, owner, address)

    def take(self, kind: Kind, owner: str, address: str, amount: float) -> bool:
        """Whether *amount* more is allowed now, to the person and to the address; taken from both or from neither."""
        if not address or not (most := self._a_minute[kind]):
            return True
        person, office = self._bucket(kind, f"person {owner}", most), self._bucket(kind, f"at {address}", most * OFFICE)
        if person.level < amount or office.level < amount:
            self.refused[kind] += 1
            return False
        person.level -= amount
        office.level -= amount
        return True

    def _bucket(self, kind: Kind, name: str, most: float) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault((kind, name), _Bucket(most, now))
        self._buckets.move_to_end((kind, name))
        if len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        bucket.level = min(most, bucket.level + (now - bucket.at) * most / MINUTE)
        bucket.at = now
        return bucket


@dataclass(frozen=True, slots=True)
class Allowance:
    """One person's share, as a conversation sees it."""

    every: Allowances
    owner: str
    address: str

    def turn(self) -> bool:
        """Whether they may ask once more now."""
        return self.every.take("turns", self.owner, self.address, 1)

    def audio(self, seconds: float) -> bool:
        """Whether so much more of their speech is taken now."""
        return self.every.take("audio_seconds", self.owner, self.address, seconds)

    def conversation(self) -> bool:
        """Whether they may begin another conversation now."""
        return self.every.take("conversations", self.owner, self.address, 1)
