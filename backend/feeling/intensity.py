"""How strongly a sentence is put: "a bit" against "very", capitals, exclamation marks."""

import re

_AMPLIFIERS = re.compile(
    r"\b(?:very|really|so|such|extremely|absolutely|totally|completely|incredibly|deeply|utterly|terribly|too)\b", re.I
)
_DOWNTONERS = re.compile(
    r"\b(?:a bit|a little|slightly|somewhat|kind of|kinda|sort of|fairly|mildly|not very|not too|not so)\b", re.I
)
_SHOUTED = re.compile(r"\b[A-Z]{3,}\b")
_MARKS = re.compile(r"!")
_STRETCHED = re.compile(r"([a-z])\1{2,}", re.I)

# In nats on neutral's logit: chosen by hand on the training set, small enough to leave calibration alone.
_STEP = 0.25
_PLACEHOLDERS = re.compile(r"\[(?:NAME|RELIGION)\]")


def intensity(text: str) -> float:
    """From -1 (toned down) over 0 (plain) to 1 (very strong)."""
    text = _PLACEHOLDERS.sub("", text)
    toned_down = len(_DOWNTONERS.findall(text))
    plain = _DOWNTONERS.sub("", text)
    shouted = _SHOUTED.findall(plain)
    strength = (
        len(_AMPLIFIERS.findall(plain))
        + min(len(_MARKS.findall(plain)), 3) / 2
        + (len(shouted) > 1)
        + bool(_STRETCHED.search(plain))
        - toned_down
    )
    return max(-1.0, min(1.0, strength / 2))


def neutral_shift(text: str) -> float:
    """What to add to the logit of neutral: strong words make it less likely, toned-down ones more."""
    return -_STEP * intensity(text)
