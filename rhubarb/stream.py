"""Mouth cues while the audio arrives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rhubarb.activity import FRAME, Activity
from rhubarb.emit import MIN_CUE, Emitter
from rhubarb.model import MouthCue, Phone, Word
from rhubarb.plan import Plan
from rhubarb.rules import whole_centiseconds
from rhubarb.spread import by_loudness, by_pace, by_words

REDRAW = 10
"""Frames of new audio after which the mouth is drawn again; chunks may be smaller."""
LOOKAHEAD = 25
"""Centiseconds of known phones behind a final cue: the rules anticipate vowels by up to 20."""
AHEAD = 0.2
"""Seconds beyond the fed audio that `tail` shows."""
MAX_PHONES = 40_000


class Stream:
    """Mouth cues for one spoken text while its audio arrives.

    `text` is what is said, `rate` the sample rate of the audio in Hz, `language` a BCP 47 tag. Not for use by
    two threads at once; different streams are independent.

    Whatever times are known are used: the voice's phones (`phone`), else its words (`word`), else the pace of
    typical speech, halted by pauses, else loudness alone.
    """

    def __init__(self, text: str, rate: int = 24000, language: str = "en-US") -> None:
        self._rate = max(1, int(rate))
        self._plan = Plan(text, language)
        self._activity = Activity(self._rate)
        self._emitter = Emitter()
        self._given: list[Phone] = []
        self._odd = b""
        self._samples = 0
        self._drawn = 0
        self._finished = False

    def word(self, word: Word) -> None:
        """A word's time as the voice gives it, before or after its sound. In order."""
        self._plan.anchor(word)

    def phone(self, phone: Phone) -> None:
        """A phone's time as the voice gives it, before or after its sound. In order; nothing else counts."""
        after = self._given[-1].end if self._given else 0.0
        if len(self._given) < MAX_PHONES and max(0.0, after - 0.05) <= phone.start < phone.end < 1e6:
            self._given.append(phone)

    def feed(self, pcm: bytes) -> list[MouthCue]:
        """Take the next audio (int16, mono, native byte order, any length) and return the newly final cues.

        They follow those returned before without a gap and will not change. Never raises on audio.
        """
        if self._finished:
            return []
        self._take(pcm)
        if len(self._activity) - self._drawn < REDRAW:
            return []
        self._drawn = len(self._activity)
        end = round(self._known() / FRAME)
        phones = self._phones()
        ahead = max([end, *(round(phone.end * 100) for phone in phones[-1:])])
        return self._emitter.final(phones, end - LOOKAHEAD, min(ahead, end + 100))

    def tail(self) -> list[MouthCue]:
        """Cues from the end of the final ones to a little beyond the fed audio, as they look now."""
        if self._finished:
            return []
        return self._emitter.rest(self._phones(), round((self._duration() + AHEAD) * 100))

    def finish(self) -> list[MouthCue]:
        """No more audio comes: the remaining cues, final, to the end of the audio."""
        if self._finished:
            return []
        self._finished = True
        duration = self._duration()
        if not duration:
            return []
        end = max(MIN_CUE, whole_centiseconds(duration))
        cues = self._emitter.rest(self._phones(), end)
        if cues:
            last = cues[-1]
            cues[-1] = MouthCue(last.start, max(last.end, duration), last.shape)
        return cues

    def close(self) -> None:
        """Give back what the stream holds. `finish` does so too; may be called at any time, also twice."""
        self._finished = True

    def _take(self, pcm: bytes) -> None:
        data = self._odd + pcm
        whole = len(data) & ~1
        self._odd = data[whole:]
        samples: NDArray[np.int16] = np.frombuffer(data[:whole], np.int16)
        self._samples += len(samples)
        self._activity.feed(samples)

    def _duration(self) -> float:
        return self._samples / self._rate

    def _known(self) -> float:
        """Seconds up to which the phones will not move much."""
        return self._duration()

    def _phones(self) -> list[Phone]:
        if self._given:
            return self._given
        if self._plan.reached:
            return by_words(self._plan, self._activity)
        if self._plan.words:
            return by_pace(self._plan.words, self._activity)
        return by_loudness(self._activity)
