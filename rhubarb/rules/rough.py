"""Step 2: one shape for every rule, closest to what stands before it, vowels anticipated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from rhubarb.rules.track import Rule

# For each shape, all shapes from the most to the least similar.
SIMILAR = {
    "A": "AXGBCHEDF", "B": "BGAXCHEDF", "C": "CHBGDAXEF", "D": "DCHBGAXEF", "E": "ECHBGAXDF",
    "F": "FBGAXCHED", "G": "GABCHXEDF", "H": "HCBGDAXEF", "X": "XAGBCHEDF",
}  # fmt: skip

_RELAXED = dict(zip("ABCDEFGHX", "ABBCCBXBX", strict=True))
_BASIC = {"G": "A", "H": "C", "X": "A"}

ANTICIPATION = 20
"""Centiseconds before a vowel within which the mouth may already move towards it."""


@cache
def closest(reference: str, allowed: str) -> str:
    """The shape out of `allowed` that is most like `reference`."""
    return next(shape for shape in SIMILAR[reference] if shape in allowed)


def relax(shape: str) -> str:
    """What the mouth falls back to after `shape`."""
    return _RELAXED[shape]


def basic(shape: str) -> str:
    """The one of the six basic shapes that `shape` resembles."""
    return _BASIC.get(shape, shape)


def rough(rules: Sequence[Rule]) -> str:
    """The track that draws one shape per rule."""
    shapes: list[str] = []
    reference = "X"
    anticipated_from = -1
    for index, rule in enumerate(rules):
        shape = closest(reference, rule.shapes)
        shapes.append(shape)
        if rule.vowel and len(rule.shapes) == 1:
            _anticipate(rules, shapes, index, anticipated_from)
            anticipated_from = rule.start
            reference = shape
        else:
            reference = relax(shape)
    return "".join(shape * (rule.end - rule.start) for shape, rule in zip(shapes, rules, strict=True))


def _anticipate(rules: Sequence[Rule], shapes: list[str], vowel: int, barrier: int) -> None:
    """Re-pick the shapes that lead to rule `vowel`, back to the rule that starts at `barrier`."""
    target = reference = shapes[vowel]
    for index in range(vowel - 1, -1, -1):
        start = rules[index].start
        if start == barrier or rules[vowel].start - start > ANTICIPATION:
            return
        shapes[index] = reference = closest(reference, rules[index].shapes)
        if basic(reference) != basic(target):
            return
