"""What the fake voice service says: real speech, the true times of its words, and MP3 as Edge sends it."""

import functools
import re
from dataclasses import dataclass

import lameenc
import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from backend.speaking.synthesizer import RATE, Event, Manner, synthesize

SAMPLE_RATE = 24_000
BYTES_PER_SECOND = 48_000 // 8
LEADING, TRAILING = 0.1, 0.8
"""Seconds of silence around every utterance; Edge sends about that much."""

_TOKEN = re.compile(r"\S+")
_EDGE_PUNCTUATION = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it is truly spoken, in seconds of the sound that was encoded."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Speech:
    """An utterance: its sound (int16 at `SAMPLE_RATE`), its words and the sound as MP3."""

    sound: npt.NDArray[np.int16]
    words: tuple[Word, ...]
    mp3: bytes

    @property
    def seconds(self) -> float:
        return len(self.sound) / SAMPLE_RATE


@functools.lru_cache(maxsize=2048)
def speak(text: str, voice: str = "en-us", words_per_minute: int = 175, pitch: int = 50) -> Speech:
    """Say *text*. Blocks some 20 ms per second of speech the first time; remembers what it said.

    Text without a single letter or digit gives no sound at all, as with Edge.
    """
    if not any(character.isalnum() for character in text):
        return Speech(np.empty(0, np.int16), (), b"")
    blocks: list[npt.NDArray[np.int16]] = []
    events: list[Event] = []

    def collect(block: npt.NDArray[np.int16], more: list[Event]) -> bool:
        blocks.append(block)
        events.extend(more)
        return True

    synthesize(text, Manner(voice, words_per_minute, pitch), collect)
    raw = np.concatenate(blocks)
    loud = np.flatnonzero(np.abs(raw) > 30)
    begin, end = int(loud[0]), int(loud[-1]) + 1
    sound = resample_poly(raw[begin:end].astype(np.float64), SAMPLE_RATE // 150, RATE // 150)
    silence = (np.zeros(round(LEADING * SAMPLE_RATE)), np.zeros(round(TRAILING * SAMPLE_RATE)))
    padded = np.concatenate((silence[0], sound, silence[1]))
    pcm = np.clip(np.rint(padded), -32768, 32767).astype(np.int16)
    return Speech(pcm, _words(text, events, begin, end), mp3(pcm))


def _words(text: str, events: list[Event], begin: int, end: int) -> tuple[Word, ...]:
    """One word per stretch between blanks: espeak-ng splits "23" and "it's" into several, Edge doesn't."""
    tokens = list(_TOKEN.finditer(text))
    starts: dict[int, int] = {}
    for event in events:
        index = next((i for i, token in enumerate(tokens) if token.end() > event.position), None)
        if event.kind == "word" and index is not None:
            starts.setdefault(index, max(event.at, begin))
    pauses = [event.at for event in events if event.kind == "phone" and not event.phone]
    stops = sorted({*starts.values(), *pauses, end})
    words: list[Word] = []
    for index, start in starts.items():
        label = _EDGE_PUNCTUATION.sub("", tokens[index].group())
        if label:
            stop = next(at for at in stops if at > start)
            seconds = [(at - begin) / RATE + LEADING for at in (start, stop)]
            words.append(Word(seconds[0], seconds[1], label))
    return tuple(words)


def mp3(pcm: npt.NDArray[np.int16]) -> bytes:
    """24 kHz, 48 kbit/s, constant, mono, and without the header in which LAME notes its delay: as Edge."""
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(SAMPLE_RATE)
    encoder.set_channels(1)
    encoder.set_bit_rate(48)
    encoder.set_quality(7)
    encoder.set_vbr(0)
    encoder.silence()
    encoded = bytes(encoder.encode(pcm.tobytes())) + bytes(encoder.flush())
    head = encoded[:200]
    if b"Xing" in head or b"Info" in head:  # its own frame, silent, 144 bytes at this rate
        encoded = encoded[144:]
    return encoded
