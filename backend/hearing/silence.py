"""Where there is sound at all: whisper invents words for silence, so it is never given any."""

import numpy as np
from numpy.typing import NDArray

from backend.hearing import RATE

FRAME = RATE // 50
"""20 ms."""
QUIET = 10 ** (-48 / 20)
"""Frames below -48 dBFS hold no speech that a close microphone with gain control has heard."""
LEAST = 3
"""Frames with sound that speech has at least: a click has fewer."""
MARGIN = 10
"""Frames kept around sound (0.2 s): the soft beginnings and ends of words."""


def samples(pcm: bytes) -> NDArray[np.float32]:
    """int16 PCM as floats from -1 to 1."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float32) / np.float32(32768)


def trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """*sound* from its first to its last audible frame, with a margin; empty when there is nothing to hear."""
    whole = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    loud = np.flatnonzero(np.sqrt(np.mean(np.square(whole), axis=1)) > QUIET)
    if len(loud) < LEAST:
        return sound[:0]
    return sound[max(0, loud[0] - MARGIN) * FRAME : (loud[-1] + 1 + MARGIN) * FRAME]


def quietest(sound: NDArray[np.float32], start: int, end: int) -> int:
    """The sample between *start* and *end* with the least sound around it: where long speech is best cut."""
    part = sound[start:end]
    whole = part[: len(part) // FRAME * FRAME].reshape(-1, FRAME)
    return start + (int(np.argmin(np.sum(np.square(whole), axis=1))) * FRAME if len(whole) else 0)
