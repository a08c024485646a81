"""Two small data structures the steps share: rules in time, and the track they are drawn on.

Times are whole centiseconds. A track is a plain string with one shape letter per centisecond, which makes
'which shape lasts longest in this window' a `str.count`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Rule(NamedTuple):
    """From `start` to `end` the mouth may take any of `shapes`.

    `vowel` says whether the phone behind it is a vowel; `phone_start` and `phone_end` are the whole phone's
    (a diphthong has two rules, a stop has one for its closure too).
    """

    start: int
    end: int
    shapes: str
    vowel: bool = False
    phone_start: int = 0
    phone_end: int = 0


class Run(NamedTuple):
    """A stretch of a track that holds one value."""

    start: int
    end: int
    value: str

    @property
    def length(self) -> int:
        return self.end - self.start


def runs(track: str, origin: int = 0) -> Iterator[Run]:
    """The stretches of equal letters in `track`, whose first letter stands at `origin`."""
    start = 0
    while start < len(track):
        value = track[start]
        # lstrip finds the end of the run in C.
        end = len(track) - len(track[start:].lstrip(value))
        yield Run(origin + start, origin + end, value)
        start = end


def overwrite(track: str, start: int, end: int, shape: str) -> str:
    """`track` with `shape` from `start` to `end` (indices into the track)."""
    return track[:start] + shape * (end - start) + track[end:]
