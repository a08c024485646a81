"""Hears what a voice delivers, and compares it with what it should be."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from backend.speaking import SAMPLE_RATE, Pcm, PhoneMark, Spoken, WordMark

Sound = npt.NDArray[np.int16]
LOUD = 33
"""What counts as sound: -60 dBFS."""


@dataclass
class Heard:
    """All that came, in seconds and samples of the delivered sound."""

    chunks: list[Sound] = field(default_factory=list)
    words: list[WordMark] = field(default_factory=list)
    phones: list[PhoneMark] = field(default_factory=list)
    late: list[WordMark | PhoneMark] = field(default_factory=list)
    """Marks that came after the sound they belong to."""

    @property
    def sound(self) -> Sound:
        return np.concatenate([np.empty(0, np.int16), *self.chunks])

    @property
    def seconds(self) -> float:
        return len(self.sound) / SAMPLE_RATE

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    def take(self, item: Spoken) -> None:
        if isinstance(item, Pcm):
            self.chunks.append(np.frombuffer(item.data, "<i2"))
            return
        if item.start < self.seconds - 0.001:
            self.late.append(item)
        if isinstance(item, WordMark):
            self.words.append(item)
        else:
            self.phones.append(item)


async def hear(items: AsyncIterator[Spoken], heard: Heard | None = None) -> Heard:
    heard = Heard() if heard is None else heard
    async for item in items:
        heard.take(item)
    return heard


def edges(sound: Sound) -> tuple[float, float]:
    """Where sound begins and ends, in seconds."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > LOUD)
    return float(loud[0]) / SAMPLE_RATE, float(loud[-1] + 1) / SAMPLE_RATE


def lag(sound: Sound, reference: Sound) -> tuple[float, float]:
    """Where in *reference* (seconds) *sound* begins, and how alike they are from there on (1: the same)."""
    size = 1 << int(np.ceil(np.log2(len(sound) + len(reference))))
    a, b = np.fft.rfft(sound.astype(float), size), np.fft.rfft(reference.astype(float), size)
    correlation = np.fft.irfft(b * np.conj(a), size)
    shift = int(np.argmax(correlation))
    if shift > size // 2:
        shift -= size
    aligned = np.zeros(len(sound))
    source = reference.astype(float)[max(0, shift) : max(0, shift + len(sound))]
    aligned[max(0, -shift) : max(0, -shift) + len(source)] = source
    norm = float(np.linalg.norm(aligned) * np.linalg.norm(sound.astype(float)))
    return shift / SAMPLE_RATE, float(aligned @ sound.astype(float)) / norm
