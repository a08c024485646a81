"""Step 5: in-between shapes where the mouth would otherwise jump."""

from __future__ import annotations

from rhubarb.rules.neighbours import pairs
from rhubarb.rules.track import Run, overwrite, runs

MIN_TWEEN, MAX_TWEEN = 4, 8

# (from, to): the shape between, and whether it takes its time from the first, from both, or from the second.
# Mostly one way only: a mouth pops open at once and closes slowly.
TWEENS = {
    ("D", "A"): ("C", "early"),
    ("D", "G"): ("C", "early"),
    ("D", "B"): ("C", "centred"),
    ("D", "X"): ("C", "late"),
    ("C", "F"): ("E", "centred"),
    ("F", "C"): ("E", "centred"),
    ("D", "F"): ("E", "centred"),
    ("H", "F"): ("E", "late"),
    ("F", "H"): ("E", "early"),
}


def tween(first: Run, second: Run) -> Run | None:
    """The in-between shape for two neighbours, if there is one and time for it."""
    found = TWEENS.get((first.value, second.value))
    if found is None:
        return None
    shape, place = found
    if place == "early":
        length = min(first.length // 3, MAX_TWEEN)
        start = first.end - length
    elif place == "late":
        length = min(second.length // 3, MAX_TWEEN)
        start = second.start
    else:
        length = min(first.length // 4, second.length // 4, MAX_TWEEN)
        start = first.end - length // 2
    return Run(start, start + length, shape) if length >= MIN_TWEEN else None


def tweens(track: str) -> str:
    """`track` with the in-between shapes drawn in."""
    result = track
    for first, second in pairs(list(runs(track))):
        found = tween(first, second)
        if found:
            result = overwrite(result, found.start, found.end, found.value)
    return result
