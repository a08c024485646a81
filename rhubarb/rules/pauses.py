"""Step 4: what the mouth does between words: hold, relax, or close."""

from __future__ import annotations

from rhubarb.rules.neighbours import triples
from rhubarb.rules.rough import relax
from rhubarb.rules.track import overwrite, runs

HOLD_BELOW = 12
RELAX_UP_TO = 35


def pause_shape(previous: str, following: str, length: int) -> str:
    """The shape for a pause of `length` centiseconds between two shapes."""
    if length < HOLD_BELOW:
        return previous
    if length > RELAX_UP_TO:
        return "X"
    shape = relax(previous)
    while shape == following:
        relaxed = relax(shape)
        if relaxed == shape:
            return "X"
        shape = relaxed
    return shape


def pauses(track: str) -> str:
    """`track` with its idle stretches between shapes filled."""
    result = track
    for previous, pause, following in triples(list(runs(track))):
        if pause.value == "X":
            shape = pause_shape(previous.value, following.value, pause.length)
            result = overwrite(result, pause.start, pause.end, shape)
    return result
