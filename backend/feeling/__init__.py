"""The room that reads emotion from text, on the CPU."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

Label = Literal["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"]
LABELS: tuple[Label, ...] = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


@dataclass(frozen=True, slots=True)
class Emotion:
    """One of Ekman's six emotions or neutral, with a calibrated confidence from 0 to 1."""

    label: Label
    confidence: float
    scores: dict[Label, float] = field(default_factory=dict)


NEUTRAL = Emotion("neutral", 0.0)


class Feeling(Protocol):
    """The door of this room."""

    def read(self, text: str) -> Emotion:
        """The emotion that *text* carries. Never raises and never blocks for longer than a millisecond or so."""
        ...
