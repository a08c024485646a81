"""Samples to the feature vectors PocketSphinx's acoustic model was trained on, as they arrive.

Mel cepstra of 25.6 ms windows every 10 ms with noise removed, their mean subtracted, and their first and
second differences: the front end of CMU Sphinx with the settings of the model's `feat.params`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FRAMES_PER_SECOND = 100
WINDOW_SECONDS = 0.025625
PRE_EMPHASIS = 0.97
FILTERS, LOWEST, HIGHEST = 25, 130.0, 6800.0
CEPSTRA = 13
LIFTER = 22
LOG_FLOOR = 1e-4
BLOCK = 10
"""Frames that share a mean, so that it does not matter how the audio is cut."""
DELAY = 3
"""Frames of future the second differences need."""

# The noise tracker's constants (CMU Sphinx, fe_noise).
POWER_MEMORY, NOISE_RISE, NOISE_FALL, PEAK_MEMORY, MASKED = 0.7, 0.995, 0.5, 0.85, 0.2
MAX_GAIN, SMOOTH = 20.0, 4

# The mean to start from, and how many frames of speech it weighs.
MEAN = np.array(
    [47.8, 2.6, 9.5, 15.5, 0.3, 0.6, 2.2, -4.5, -1.5, -1.3, 4.3, 3.2, 3.4],
    np.float32,
)
MEAN_WEIGHT = 100.0


NOTHING = np.zeros((0, 3 * CEPSTRA), np.float32)


class Features:
    """Streaming features at `rate` Hz."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._front = front_end(rate)
        self._samples = np.zeros(0, np.float32)
        self._last = 0.0
        self._origin = 0  # sample number of self._samples[0]
        self._frames = 0  # frames made so far
        self._noise = NoiseRemoval()
        self._sum = MEAN * MEAN_WEIGHT
        self._count = MEAN_WEIGHT
        self._cepstra = self._waiting = np.zeros((0, CEPSTRA), np.float32)

    def feed(self, samples: NDArray[np.int16], last: bool = False) -> Floats:
        """The features (frames x 39) that became complete; the last of them with `last`."""
        waiting = np.concatenate((self._waiting, self._windows(samples)))
        ready = len(waiting) if last else len(waiting) - len(waiting) % BLOCK
        self._waiting = waiting[ready:]
        starts = range(0, ready, BLOCK)
        blocks = [self._block(waiting[at : min(at + BLOCK, ready)], last and at + BLOCK >= ready) for at in starts]
        if last and not blocks:
            blocks = [self._block(waiting[:0], last)]
        return np.concatenate(blocks) if blocks else NOTHING

    def _block(self, fresh: Floats, last: bool) -> Floats:
        if len(fresh):
            self._sum = self._sum + fresh.sum(axis=0)
            self._count += len(fresh)
            # The first frame stands in for what came before it.
            fresh = np.concatenate((fresh[:1].repeat(DELAY, 0), fresh)) if not len(self._cepstra) else fresh
            self._cepstra = np.concatenate((self._cepstra, fresh))
        if last and len(self._cepstra):
            self._cepstra = np.concatenate((self._cepstra, self._cepstra[-1:].repeat(DELAY, 0)))
        cepstra = self._cepstra
        count = len(cepstra) - 2 * DELAY
        if count <= 0:
            return NOTHING

        def at(shift: int) -> Floats:
            return cepstra[DELAY + shift : DELAY + shift + count]

        mean = (self._sum / self._count).astype(np.float32)
        result = np.concatenate((at(0) - mean, at(2) - at(-2), (at(3) - at(-1)) - (at(1) - at(-3))), axis=1)
        self._cepstra = cepstra[count:]
        return result

    def _windows(self, samples: NDArray[np.int16]) -> Floats:
        front = self._front
        new = samples.astype(np.float32)
        if len(new):
            emphasized = new - PRE_EMPHASIS * np.concatenate(([np.float32(self._last)], new[:-1]))
            self._last = float(new[-1])
            self._samples = np.concatenate((self._samples, emphasized))
        starts = []
        while True:
            start = round(self._frames * self._rate / FRAMES_PER_SECOND) - self._origin
            if start + front.size > len(self._samples):
                break
            starts.append(start)
            self._frames += 1
        if not starts:
            return np.zeros((0, CEPSTRA), np.float32)
        windows = self._samples[np.add.outer(np.asarray(starts), np.arange(front.size))] * front.window
        spectrum = np.fft.rfft(windows, front.fft, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        mel = self._noise.clean(power @ front.filters)
        keep = round(self._frames * self._rate / FRAMES_PER_SECOND) - self._origin
        self._samples = self._samples[keep:]
        self._origin += keep
        cepstra: Floats = np.log(mel + LOG_FLOOR) @ front.cosines
        return cepstra


class FrontEnd:
    """The constant matrices for one sample rate."""

    def __init__(self, rate: int) -> None:
        self.size = round(rate * WINDOW_SECONDS)
        self.fft = 1 << (self.size - 1).bit_length()
        self.window = np.hamming(self.size).astype(np.float32)
        self.filters = _mel_filters(rate, self.fft)
        order = np.arange(CEPSTRA)
        cosines = np.cos(np.pi / FILTERS * np.outer(np.arange(FILTERS) + 0.5, order))
        scale = np.where(order == 0, np.sqrt(1 / FILTERS), np.sqrt(2 / FILTERS))
        lifter = 1 + LIFTER / 2 * np.sin(order * np.pi / LIFTER)
        self.cosines = (cosines * scale * lifter).astype(np.float32)


@cache
def front_end(rate: int) -> FrontEnd:
    return FrontEnd(rate)


def _mel_filters(rate: int, fft: int) -> Floats:
    """Triangles of unit area, evenly spaced in mel, their corners on FFT bins."""

    def mel(hertz: float) -> float:
        return float(2595 * np.log10(1 + hertz / 700))

    width = rate / fft
    edges = 700 * (10 ** (np.linspace(mel(LOWEST), mel(HIGHEST), FILTERS + 2) / 2595) - 1)
    edges = np.floor(edges / width + 0.5) * width
    hertz = np.arange(fft // 2 + 1) * width
    filters = np.zeros((len(hertz), FILTERS), np.float32)
    for index in range(FILTERS):
        low, middle, high = edges[index : index + 3]
        rise, fall = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
        filters[:, index] = np.maximum(0, np.minimum(rise, fall)) * 2 / (high - low)
    return filters


class NoiseRemoval:
    """Follows the steady noise in each mel band and takes it out."""

    def __init__(self) -> None:
        self._state: tuple[Floats, Floats, Floats, Floats] | None = None

    def clean(self, frames: Floats) -> Floats:
        return np.array([self._one(frame) for frame in frames], np.float32)

    def _one(self, frame: Floats) -> Floats:
        power, noise, floor, peak = self._state or (
            frame, frame / MAX_GAIN, frame / MAX_GAIN, np.zeros_like(frame),
        )  # fmt: skip
        power = POWER_MEMORY * power + (1 - POWER_MEMORY) * frame
        noise = _envelope(power, noise)
        signal = np.maximum(power - noise, 1.0)
        floor = _envelope(signal, floor)
        peak = (peak * PEAK_MEMORY).astype(np.float32)
        masked = np.where(signal < PEAK_MEMORY * peak, np.float32(MASKED) * peak, signal)
        peak = np.maximum(peak, signal)
        signal = np.maximum(masked, floor)
        gain = (signal / np.maximum(power, 1e-9)).clip(1 / MAX_GAIN, MAX_GAIN)
        self._state = power, noise, floor, peak
        smoothed: Floats = frame * (_SMOOTHING @ gain)
        return smoothed


def _envelope(value: Floats, low: Floats) -> Floats:
    memory = np.where(value >= low, np.float32(NOISE_RISE), np.float32(NOISE_FALL))
    return (memory * low + (1 - memory) * value).astype(np.float32)


def _smoothing() -> Floats:
    band = np.abs(np.subtract.outer(np.arange(FILTERS), np.arange(FILTERS))) <= SMOOTH
    result: Floats = (band / band.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


_SMOOTHING = _smoothing()
