"""What the avatar's face answers to the person's feeling, and how that meets the feeling of its own line.

The rule: keep company, don't mirror. Joy is shared. Sadness and fear are met with concern, anger and disgust with
calm attention; an assistant that scowls back makes matters worse (Brave, Nass & Hutchinson 2005: empathic agents are
liked and trusted more than self-oriented ones). Its own words come first, but not gaily to someone who suffers.
"""

from typing import NamedTuple

from backend.feeling import Emotion, Label


class Expression(NamedTuple):
    """What the face shows: a label and its strength from 0 to 1. Concern is drawn as mild sadness."""

    label: Label
    strength: float


CALM = Expression("neutral", 0.0)

# The answer to a feeling of full confidence.
_ANSWERS: dict[Label, Expression] = {
    "joy": Expression("joy", 0.7),
    "sadness": Expression("sadness", 0.5),
    "fear": Expression("sadness", 0.4),
    "anger": Expression("sadness", 0.2),
    "disgust": CALM,
    "surprise": Expression("surprise", 0.35),
    "neutral": CALM,
}
# The most that a line of the avatar's own may show; a person's assistant has no rage.
_MOST: dict[Label, float] = {
    **{"joy": 1.0, "sadness": 0.7, "surprise": 0.8},
    **{"fear": 0.4, "anger": 0.25, "disgust": 0.3, "neutral": 0.0},
}
_PAINFUL = frozenset({"sadness", "fear", "anger"})
# Below this the classifier guesses, and the face keeps still.
_FLOOR = 0.4
# What is left of a smile before someone who suffers, and of the answer to their feeling while the line has none.
_SMILE_LEFT = 0.3
_LINGERING = 0.5


def listening(person: Emotion) -> Expression:
    """The face while the person has just spoken and nothing has been said yet."""
    answer = _ANSWERS[person.label]
    return _shown(answer.label, answer.strength * _certainty(person))


def expression(person: Emotion, line: Emotion) -> Expression:
    """The face while the avatar speaks a line that reads as *line* to a person whose words read as *person*."""
    answer = listening(person)
    own = _MOST[line.label] * _certainty(line)
    if own == 0:
        return _shown(answer.label, answer.strength * _LINGERING)
    if line.label == "joy" and person.label in _PAINFUL:
        own *= 1 - (1 - _SMILE_LEFT) * _certainty(person)
    return _shown(line.label, own)


def _certainty(emotion: Emotion) -> float:
    return max(0.0, min(1.0, (emotion.confidence - _FLOOR) / (1 - _FLOOR)))


def _shown(label: Label, strength: float) -> Expression:
    return Expression(label, round(strength, 3)) if strength > 0 else CALM
