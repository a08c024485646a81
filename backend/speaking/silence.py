"""Trimming of silence around a line as it streams."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from backend.speaking import SAMPLE_RATE, Pcm, PhoneMark, Spoken, WordMark

Samples = npt.NDArray[np.int16]

_THRESHOLD = 33
"""-60 dBFS: below the softest consonants of a voice at normal level, above coding noise."""
_LEAD = round(0.020 * SAMPLE_RATE)
"""Kept before the first sound, so that a soft onset is whole."""
_TAIL = round(0.060 * SAMPLE_RATE)
"""Kept after the last sound, so that a soft ending is whole."""
_FADE = round(0.004 * SAMPLE_RATE)
_HELD = SAMPLE_RATE
"""How much silence is held back, at least, to see whether the line goes on; Edge's own tail is 0.8 s."""


class Trimmer:
    """Leaves out the silence before and after a line; pauses within it stay.

    `offset` is how many seconds were left out before the line, None as long as nothing was heard: a mark at
    t belongs to t - offset of what is given out.
    """

    def __init__(self) -> None:
        self.offset: float | None = None
        self._seen = 0
        self._held: list[Samples] = []
        self._held_length = 0

    def feed(self, samples: Samples) -> Samples:
        """What can be given out now."""
        loud = np.flatnonzero((samples > _THRESHOLD) | (samples < -_THRESHOLD))
        self._seen += len(samples)
        if len(loud) == 0:
            self._held.append(samples)
            self._held_length += len(samples)
            return self._spill()
        if self.offset is None:
            before = np.concatenate([*self._held, samples])
            first = len(before) - len(samples) + int(loud[0])
            start = max(0, first - _LEAD)
            self.offset = (self._seen - len(before) + start) / SAMPLE_RATE
            out = _faded(before[start:], np.linspace(0.0, 1.0, min(_FADE, len(before) - start)), 0)
        else:
            out = np.concatenate([*self._held, samples])
        silent = len(samples) - 1 - int(loud[-1])
        self._hold(out[len(out) - silent :])
        return out[: len(out) - silent]

    def finish(self) -> Samples:
        """The end of the line."""
        if self.offset is None:
            return np.empty(0, np.int16)
        tail = np.concatenate(self._held)[:_TAIL] if self._held else np.empty(0, np.int16)
        fade = np.linspace(1.0, 0.0, min(_FADE, len(tail)))
        return _faded(tail, fade, len(tail) - len(fade))

    def _spill(self) -> Samples:
        """Bounds what is held: before the line only the lead is needed, within it a long pause goes out."""
        limit = _LEAD if self.offset is None else _HELD
        if self._held_length <= 2 * limit:
            return np.empty(0, np.int16)
        held = np.concatenate(self._held)
        self._hold(held[-limit:])
        return held[:-limit] if self.offset is not None else np.empty(0, np.int16)

    def _hold(self, samples: Samples) -> None:
        self._held, self._held_length = [samples], len(samples)


def _faded(samples: Samples, gains: npt.NDArray[np.float64], at: int) -> Samples:
    if len(gains) == 0:
        return samples
    faded = samples.copy()
    faded[at : at + len(gains)] = np.rint(faded[at : at + len(gains)] * gains)
    return faded


class Line:
    """A line on its way out: its sound trimmed, its marks moved along with it and never later than the sound.

    `mark` takes marks in seconds of the untrimmed sound.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        """How much sound was given out."""
        self._trimmer = Trimmer()
        self._marks: list[WordMark | PhoneMark] = []

    def mark(self, mark: WordMark | PhoneMark) -> None:
        self._marks.append(mark)

    def feed(self, samples: Samples) -> list[Spoken]:
        return self._out(self._trimmer.feed(samples))

    def finish(self) -> list[Spoken]:
        return self._out(self._trimmer.finish())

    def _out(self, samples: Samples) -> list[Spoken]:
        offset = self._trimmer.offset
        if offset is None:
            return []
        out: list[Spoken] = [
            replace(mark, start=max(0.0, mark.start - offset), end=max(0.0, mark.end - offset)) for mark in self._marks
        ]
        self._marks.clear()
        self.seconds += len(samples) / SAMPLE_RATE
        if len(samples):
            out.append(Pcm(samples.astype("<i2", copy=False).tobytes()))
        return out
