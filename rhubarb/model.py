"""What flows through the library: words, phones and mouth cues, all in seconds."""

from __future__ import annotations

from dataclasses import dataclass

SHAPES = "ABCDEFGHX"
"""Rhubarb's mouth shapes: A closed, B teeth, C open, D wide, E rounded, F puckered, G F/V, H L, X idle."""


@dataclass(frozen=True, slots=True)
class MouthCue:
    """The mouth takes `shape` (A-H or X) from `start` to `end` seconds."""

    start: float
    end: float
    shape: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A speech sound from `start` to `end` seconds.

    `phone` is an ARPAbet symbol without stress (AA ... ZH), or one of Schwa, Noise, Breath, Cough, Smack,
    SIL. Anything else is treated as Noise.
    """

    start: float
    end: float
    phone: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the voice spoke it, from `start` to `end` seconds of the audio fed so far or yet to come."""

    start: float
    end: float
    text: str
