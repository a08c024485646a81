"""How loud the audio is, ten milliseconds at a time, and where somebody speaks."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

FRAME = 0.01
"""Seconds per frame."""

FLOOR = 60.0
"""RMS (of int16 samples) below which nothing is speech: about -55 dBFS."""
BELOW_PEAK = 0.05
"""Speech is at most 26 dB below the loudest of its recent past."""
PEAK_DECAY = 0.999
"""Per frame; the memory of the loudest fades by half in about 7 s."""
MIN_PAUSE = 8
"""Frames; shorter silences are mostly the closures of stops."""


class Activity:
    """RMS per frame and whether it is speech, as the audio arrives."""

    def __init__(self, rate: int) -> None:
        self.rms = array("f")
        self.peaks = array("f")
        self._size = max(1, round(rate * FRAME))
        self._rest: NDArray[np.int16] = np.empty(0, np.int16)
        self._peak = FLOOR

    def feed(self, samples: NDArray[np.int16]) -> None:
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        count = len(joined) // self._size
        whole = joined[: count * self._size].reshape(count, self._size).astype(np.float32)
        # The mean is taken out, so a constant offset is not loudness.
        for value in (whole - whole.mean(axis=1, keepdims=True)).std(axis=1).tolist() if count else ():
            self._peak = max(self._peak * PEAK_DECAY, value, FLOOR)
            self.rms.append(value)
            self.peaks.append(self._peak)
        self._rest = joined[count * self._size :].copy()

    def __len__(self) -> int:
        return len(self.rms)

    def loud(self, frame: int) -> bool:
        return self.rms[frame] > max(FLOOR, BELOW_PEAK * self.peaks[frame])

    def level(self, start: int, end: int) -> float:
        """Loudest of the frames relative to the recent peak, 0 to 1; 0 where nobody speaks."""
        best = 0.0
        for frame in range(start, min(end, len(self))):
            if self.loud(frame):
                best = max(best, self.rms[frame] / self.peaks[frame])
        return best

    def next_sound(self, frame: int) -> int:
        """The first frame from `frame` on with speech; the end of the audio if there is none."""
        frame = max(0, frame)
        while frame < len(self) and not self.loud(frame):
            frame += 1
        return frame

    def next_pause(self, start: int, end: int) -> int | None:
        """The first frame in `start` to `end` at which a pause begins."""
        silent = 0
        for frame in range(max(0, start), min(end + MIN_PAUSE, len(self))):
            silent = 0 if self.loud(frame) else silent + 1
            if silent == MIN_PAUSE:
                return frame - MIN_PAUSE + 1
        return None
