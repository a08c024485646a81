"""Those who look on: metrics and traces are told what happened, and never what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Seen:
    """A turn from outside: no text, no name. `marks` are milliseconds since its start; `began` is seconds since the
    epoch. `sound` seconds were sent; a player that began with the first piece ran dry for `starved` of them."""

    session: str
    number: int
    origin: str
    why: str
    answered_by: str
    began: float
    marks: Mapping[str, float | None]
    sound: float = 0.0
    starved: float = 0.0
    nano: int = 0
    tokens: int = 0


class Watcher(Protocol):
    """Is told of every turn when it has been sent, or was broken off. Must not wait and must not raise."""

    def turn(self, seen: Seen) -> None:
        """A turn is over."""
        ...


class Pace:
    """Plays along: how long a listener without any buffer but what was sent would have heard nothing."""

    def __init__(self) -> None:
        self.sound = 0.0
        self.starved = 0.0
        self._due: float | None = None

    def sent(self, seconds: float, now: float) -> None:
        """*seconds* of sound were sent at *now*."""
        if self._due is not None:
            self.starved += max(0.0, now - self._due)
        self._due = max(now, self._due or now) + seconds
        self.sound += seconds
