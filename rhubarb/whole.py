"""Mouth cues for audio that is there as a whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rhubarb.model import MouthCue
from rhubarb.stream import Stream


def cues(pcm: bytes | NDArray[np.int16], rate: int, text: str, language: str = "en-US") -> list[MouthCue]:
    """Mouth cues for `pcm` (int16 mono samples at `rate` Hz, as bytes or array) in which `text` is said.

    The cues are sorted, touch each other and cover the whole duration. Empty audio has none. Never raises on
    audio.
    """
    stream = Stream(text, rate, language)
    data = pcm if isinstance(pcm, bytes) else np.ascontiguousarray(pcm, np.int16).tobytes()
    stream.take(data)
    return stream.finish()
