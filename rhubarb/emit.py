"""Turning phones that are still moving into cues that never do."""

from __future__ import annotations

from collections.abc import Sequence

from rhubarb.model import MouthCue, Phone
from rhubarb.rules import draw, tidy
from rhubarb.rules.allowed import rules
from rhubarb.rules.static import vary
from rhubarb.rules.track import Run, runs

MIN_CUE = 2
"""Centiseconds; nothing shorter is ever given out."""
LONG = 100
"""A shape held longer than this is given out in pieces, so that a long silence does not hold back its cue."""
MEMORY = 200
"""Centiseconds before the edge that still influence what comes after."""
EFFORT = 4000
"""Centiseconds of track that may be tried to enliven a static mouth: 3 ms of work."""


class Emitter:
    """Keeps the edge up to which cues are final; redraws what lies behind it."""

    def __init__(self) -> None:
        self.edge = 0
        self._shape = "X"

    def final(self, phones: Sequence[Phone], until: int, end: int) -> list[MouthCue]:
        """The cues from the edge on that end by `until` (centiseconds), drawn with everything up to `end`.

        The edge moves behind them.
        """
        given: list[Run] = []
        for run in self._draw(phones, end):
            if run.end > until:
                if until - run.start >= LONG:
                    given.append(Run(run.start, until, run.value))
                break
            given.append(run)
        if given:
            self.edge, self._shape = given[-1].end, given[-1].value
        return _cues(given)

    def rest(self, phones: Sequence[Phone], end: int) -> list[MouthCue]:
        """The cues from the edge to `end`, as they look now."""
        return _cues(self._draw(phones, end))

    def _draw(self, phones: Sequence[Phone], end: int) -> list[Run]:
        if end <= self.edge:
            return []
        since = max(0, self.edge - MEMORY)
        timed = [phone for phone in tidy(phones, end) if phone.end > since]
        origin = 0 if since == 0 else min([phone.start for phone in timed[:1]] + [since])
        shapes = vary(rules(timed, origin, end), draw, EFFORT)[self.edge - origin :]
        return list(runs(visible(shapes, self._shape), self.edge))


def visible(shapes: str, before: str = "") -> str:
    """`shapes` without anything too short to be a cue: it goes to what stands before it, else after it."""
    result = ""
    for run in runs(shapes):
        if run.length >= MIN_CUE:
            result += run.value * (run.end - len(result))
        elif result:
            result += result[-1] * run.length
    # Nothing was long enough: the whole is one cue.
    return result if result else (before or shapes[:1]) * len(shapes)


def _cues(given: list[Run]) -> list[MouthCue]:
    return [MouthCue(run.start / 100, run.end / 100, run.value) for run in given]
