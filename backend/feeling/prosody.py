"""How a feeling sounds: changes of rate and pitch for the voice.

Directions after Murray & Arnott (1993) and Scherer (2003): joy and anger faster and higher, sadness slower and
lower, fear faster and higher still, disgust slower and lower. Sizes are ours, a fraction of what actors do, since the
avatar reads the same voice all day.
"""

from typing import NamedTuple

from backend.feeling import Emotion, Label


class Prosody(NamedTuple):
    """Relative changes, 0 meaning unchanged: a rate of 0.06 is 6 % faster, a pitch of 0.04 4 % higher."""

    rate: float
    pitch: float


# Edge accepts rates from half to double and pitches from half to one and a half (SSML `prosody`).
EDGE_RATE = (-0.5, 1.0)
EDGE_PITCH = (-0.5, 0.5)

_FULL: dict[Label, Prosody] = {
    "anger": Prosody(0.04, 0.02),
    "disgust": Prosody(-0.04, -0.03),
    "fear": Prosody(0.06, 0.05),
    "joy": Prosody(0.05, 0.06),
    "neutral": Prosody(0.0, 0.0),
    "sadness": Prosody(-0.08, -0.05),
    "surprise": Prosody(0.03, 0.07),
}
# Under this confidence a guess is no better than a coin: the voice stays as it is.
_FLOOR = 0.5
# In steps, so that the cache of rendered lines meets the same style again.
_STEP = 0.01


def prosody(emotion: Emotion, rate: float = 0.0, pitch: float = 0.0) -> Prosody:
    """The person's own *rate* and *pitch*, coloured by *emotion*, within Edge's limits."""
    strength = max(0.0, min(1.0, (emotion.confidence - _FLOOR) / (1 - _FLOOR)))
    full = _FULL[emotion.label]
    return Prosody(
        _within(rate + _stepped(full.rate * strength), *EDGE_RATE),
        _within(pitch + _stepped(full.pitch * strength), *EDGE_PITCH),
    )


def _stepped(change: float) -> float:
    return round(change / _STEP) * _STEP


def _within(value: float, least: float, most: float) -> float:
    return round(max(least, min(most, value)), 4)
