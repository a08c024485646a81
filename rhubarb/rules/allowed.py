"""Step 1: which mouth shapes each phone allows, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rhubarb.rules.track import Rule

ANY = "ABCDEFGHX"
OPEN = "BCDEFGH"
IDLE = "X"

VOWELS = frozenset(("AO", "AA", "IY", "UW", "EH", "IH", "UH", "AH", "Schwa", "AE", "EY", "AY", "OW", "AW", "OY", "ER"))

# One set of shapes for the whole phone, however long it lasts.
STEADY = {
    "AO": "E", "AA": "D", "IY": "B", "IH": "B", "UW": "F", "UH": "F", "W": "F", "EH": "C", "AE": "C",
    "Schwa": "BC", "M": "A", "F": "G", "V": "G",
    "CH": "BF", "JH": "BF", "TH": "BF", "DH": "BF", "S": "BF", "Z": "BF", "SH": "BF", "ZH": "BF",
    "N": "BCFH", "NG": "BCEF", "R": "BEF", "Y": "BCF", "HH": ANY,
    "Breath": "C", "Cough": "C", "Smack": "C", "Noise": "B",
}  # fmt: skip

# Below the limit (centiseconds) the first set, from it on the second.
BY_LENGTH = {"AH": (20, "C", "D"), "ER": (7, "BC", "E"), "L": (20, "BEFH", "H")}

# Diphthongs: the limit, then the two halves below it, then from it on.
DIPHTHONGS = {
    "EY": (0, "", "CB"),
    "AY": (20, "CB", "DB"),
    "OW": (0, "", "EF"),
    "AW": (30, "CE", "DE"),
    "OY": (0, "", "EB"),
}

# Stops: what the mouth does while it closes, before the phone; then what the release allows.
STOPS = {"P": ("A", ANY), "B": ("A", ANY), "T": ("BF", OPEN), "D": ("BF", OPEN), "K": ("BCEFH", OPEN),
         "G": ("BCEFH", OPEN)}  # fmt: skip

SCHWA_BELOW = 6
CLOSURE_MIN, CLOSURE_MAX = 4, 12


class Timed(NamedTuple):
    """A phone in whole centiseconds."""

    start: int
    end: int
    phone: str


def known(phone: str, length: int) -> str:
    """The phone as the tables name it: a short AH is a schwa, an unknown sound is noise."""
    if phone == "AH" and length < SCHWA_BELOW:
        return "Schwa"
    return phone if phone in VOWELS or phone in STEADY or phone in BY_LENGTH or phone in STOPS else "Noise"


def rules(phones: Sequence[Timed], start: int, end: int) -> list[Rule]:
    """Contiguous rules from `start` to `end` for `phones`, which are sorted and do not overlap."""
    drawn: list[Rule] = []
    position, previous = start, 0
    for phone in phones:
        if phone.start > position:
            drawn.append(Rule(position, phone.start, IDLE))
            previous = phone.start - position
        _draw(drawn, phone, previous, start)
        position, previous = phone.end, phone.end - phone.start
    if position < end:
        drawn.append(Rule(position, end, IDLE))
    return drawn


def _draw(drawn: list[Rule], timed: Timed, previous: int, origin: int) -> None:
    start, end, _ = timed
    length = end - start
    phone = known(timed.phone, length)
    vowel = phone in VOWELS
    if phone in DIPHTHONGS:
        limit, below, above = DIPHTHONGS[phone]
        halves = below if length < limit else above
        middle = start + int(length * 0.6)
        for piece in (
            Rule(start, middle, halves[0], vowel, start, end),
            Rule(middle, end, halves[1], vowel, start, end),
        ):
            drawn += [piece] if piece.end > piece.start else []
        return
    if phone in STOPS:
        closure, shapes = STOPS[phone]
        lead = min(max(previous // 2, CLOSURE_MIN), CLOSURE_MAX)
        _close(drawn, max(start - lead, origin), Rule(0, start, closure, False, start, end))
    elif phone in BY_LENGTH:
        limit, below, above = BY_LENGTH[phone]
        shapes = below if length < limit else above
    else:
        shapes = STEADY[phone]
    drawn.append(Rule(start, end, shapes, vowel, start, end))


def _close(drawn: list[Rule], at: int, closure: Rule) -> None:
    """Let `closure` overwrite everything from `at` on."""
    while drawn and drawn[-1].start >= at:
        drawn.pop()
    if drawn and drawn[-1].end > at:
        drawn[-1] = drawn[-1]._replace(end=at)
    if at < closure.end:
        drawn.append(closure._replace(start=at))
