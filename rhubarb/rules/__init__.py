"""Rhubarb's animation rules, as a pipeline of small steps.

The behaviour is that of Rhubarb Lip Sync (Daniel Wolf, MIT licence), reproduced frame for frame:
allowed shapes -> rough pass -> timing -> pauses -> tweens, again with varied vowels where a shape stands
still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rhubarb.model import MouthCue, Phone
from rhubarb.rules.allowed import Timed, rules
from rhubarb.rules.pauses import pauses
from rhubarb.rules.rough import rough
from rhubarb.rules.static import vary
from rhubarb.rules.timing import optimize
from rhubarb.rules.track import Rule, runs
from rhubarb.rules.tweens import tweens

EXTENDED = "GHX"
_STAND_IN = {"G": "A", "H": "C", "X": "A"}


def draw(steps: Sequence[Rule]) -> str:
    """Rules to track: one shape per centisecond."""
    return tweens(pauses(optimize(rough(steps))))


def track(phones: Iterable[Phone], duration: float | None = None) -> str:
    """The shapes for `phones`, one letter per centisecond, for `duration` seconds or until the last phone."""
    timed = tidy(phones, None if duration is None else whole_centiseconds(duration))
    last = max((phone.end for phone in timed), default=0)
    end = last if duration is None else whole_centiseconds(duration)
    return vary(rules(timed, 0, end), draw) if end > 0 else ""


def animate(phones: Iterable[Phone], duration: float | None = None, extended_shapes: str = EXTENDED) -> list[MouthCue]:
    """Mouth cues for `phones`, by Rhubarb's rules.

    The cues are sorted, touch each other and cover 0 to `duration` seconds (the end of the last phone if not
    given). Silence is dropped; phones out of order or overlapping are sorted and cut. `extended_shapes` are
    those of G, H and X that the face has: A, C and A stand for the others.
    """
    cues = [MouthCue(run.start / 100, run.end / 100, run.value) for run in runs(track(phones, duration))]
    if cues and duration is not None:
        # Rhubarb counts whole centiseconds; the last cue reaches the end all the same.
        cues[-1] = MouthCue(cues[-1].start, max(cues[-1].end, duration), cues[-1].shape)
    return stand_in(cues, extended_shapes)


def stand_in(cues: Sequence[MouthCue], extended_shapes: str) -> list[MouthCue]:
    """`cues` for a face that has only `extended_shapes` of G, H and X."""
    result: list[MouthCue] = []
    for cue in cues:
        shape = cue.shape if cue.shape in extended_shapes else _STAND_IN.get(cue.shape, cue.shape)
        if result and result[-1].shape == shape:
            result[-1] = MouthCue(result[-1].start, cue.end, shape)
        else:
            result.append(MouthCue(cue.start, cue.end, shape))
    return result


def centiseconds(seconds: float) -> int:
    """Rounded to whole centiseconds."""
    return round(seconds * 100)


def whole_centiseconds(seconds: float) -> int:
    """The whole centiseconds in a duration."""
    return int(seconds * 100 + 1e-6)


def tidy(phones: Iterable[Phone], end: int | None = None) -> list[Timed]:
    """Phones in whole centiseconds, in order, not overlapping, within 0 to `end`, without silence."""
    result: list[Timed] = []
    position = 0
    for phone in sorted(phones, key=lambda item: item.start):
        start = max(centiseconds(phone.start), position)
        stop = centiseconds(phone.end) if end is None else min(centiseconds(phone.end), end)
        if stop > start:
            position = stop
            if phone.phone not in SILENCE:
                result.append(Timed(start, stop, phone.phone))
    return result


SILENCE = frozenset(("SIL", "<sil>", "", "X", "_"))
