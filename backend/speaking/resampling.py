"""Change of sample rate in a stream, without a click where the chunks meet."""

from math import gcd

import numpy as np
import numpy.typing as npt

_HALF_WIDTH = 24
"""Input samples on either side that shape one output sample; with `_BETA` the stop band lies below -80 dB."""
_BETA = 8.0
_PASSED = 0.94
"""Where the low-pass sits, as a share of the lower Nyquist frequency: above it lies nothing of speech."""


class Resampler:
    """Mono int16 from *source* to *target* Hz, chunk by chunk; the result does not depend on the chunks.

    A polyphase filter (Kaiser-windowed sinc) written as one small matrix: `down` samples in and their
    neighbours give `up` samples out, so that a chunk costs a single product. `feed` holds back a few
    milliseconds until the samples after it are known; `finish` gives them out. The delay of the filter is
    already taken off: sound at t seconds stays at t.
    """

    def __init__(self, source: int, target: int) -> None:
        common = gcd(source, target)
        self._up, self._down = target // common, source // common
        self._matrix = _matrix(self._up, self._down)
        self._pending: npt.NDArray[np.float32] = np.zeros(_HALF_WIDTH, np.float32)
        self._taken = self._given = 0

    def feed(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """All that is certain after *samples* (any number of them)."""
        self._taken += len(samples)
        return self._run(samples.astype(np.float32))

    def finish(self) -> npt.NDArray[np.int16]:
        """The rest, so that the whole is as long as what was fed; the resampler is spent after it."""
        left = round(self._taken * self._up / self._down) - self._given
        return self._run(np.zeros(2 * _HALF_WIDTH + self._down, np.float32))[:left]

    def _run(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
        pending = np.concatenate((self._pending, samples))
        width = self._matrix.shape[0]
        count = (len(pending) - width) // self._down + 1 if len(pending) >= width else 0
        self._pending = pending[count * self._down :]
        if not count:
            return np.empty(0, np.int16)
        blocks = np.lib.stride_tricks.sliding_window_view(pending, width)[:: self._down][:count]
        made = (blocks @ self._matrix).ravel()
        self._given += len(made)
        # Silence stays exact silence; what overshoots is clipped, never wrapped around.
        whole: npt.NDArray[np.int16] = np.clip(np.rint(made), -32768, 32767).astype(np.int16)
        return whole


def _matrix(up: int, down: int) -> npt.NDArray[np.float32]:
    """Column n: the weights that `down` samples with their neighbours have in output sample n of a block."""
    rows = np.arange(down + 2 * _HALF_WIDTH)[:, None] - _HALF_WIDTH
    distance = rows - np.arange(up)[None, :] * (down / up)
    cutoff = _PASSED * min(1.0, up / down)
    inside = np.clip(1.0 - (distance / _HALF_WIDTH) ** 2, 0.0, None)
    weights = cutoff * np.sinc(cutoff * distance) * np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    weights[np.abs(distance) > _HALF_WIDTH] = 0.0
    return np.asarray(weights / weights.sum(axis=0), np.float32)
