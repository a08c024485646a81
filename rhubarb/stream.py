"""Mouth cues while the audio arrives."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from rhubarb import ladder
from rhubarb.activity import Activity
from rhubarb.ear.ear import MIN_RATE, Ear
from rhubarb.emit import MEMORY, MIN_CUE, Emitter
from rhubarb.model import MouthCue, Phone, Word
from rhubarb.plan import Plan, Planned
from rhubarb.rules import whole_centiseconds
from rhubarb.samples import Pcm, as_bytes

REDRAW = 0.1
"""Seconds of audio after which the mouth is drawn again, however the audio is cut."""
REDRAW_UNHEARD = 0.4
"""The same for who does not listen: nothing but word times can change what is drawn, and `tail` shows it at once."""
LOOKAHEAD = 60
"""Centiseconds that a final cue lies behind the audio: the ear settles within 20, the rules look ahead 20, and
shape changes are laid out from the end of a stretch of open mouth. `tail` shows what is not final yet."""
AHEAD = 0.2
"""Seconds beyond the fed audio that `tail` shows."""
MAX_PHONES = 40_000
MAX_WORDS = 400
"""Words the ear follows; more are spread by pace."""


class Stream:
    """Mouth cues for one spoken text while its audio arrives.

    `text` is what is said, `rate` the sample rate of the audio in Hz, `language` a BCP 47 tag; `listen` False
    does without hearing. Not for use by two threads at once; different streams are independent.

    Whatever is known is used: the voice's phones (`phone`); else what is heard, moved into the voice's word
    times (`word`) if there are any; where the audio is not the text, the word times alone, or the pace of
    typical speech; else loudness.
    """

    def __init__(self, text: str, rate: int = 24000, language: str = "en-US", *, listen: bool = True) -> None:
        self._rate = max(1, int(rate))
        self._text, self._language = text, language
        self._made: Plan | None = None
        self._followed: list[Planned] = []
        self._activity = Activity(self._rate)
        self._emitter = Emitter()
        self._ear: Ear | None = None
        self._deaf = not listen or self._rate < MIN_RATE
        self._given: list[Phone] = []
        self._odd = b""
        self._samples = 0
        self._step = max(1, round(self._rate * (REDRAW if listen else REDRAW_UNHEARD)))
        self._finished = False

    def word(self, word: Word) -> None:
        """A word's time as the voice gives it, before or after its sound. In order."""
        if not self._finished:
            self._plan.anchor(word)

    def phone(self, phone: Phone) -> None:
        """A phone's time as the voice gives it, before or after its sound. In order; nothing else counts."""
        after = self._given[-1].end if self._given else 0.0
        if len(self._given) < MAX_PHONES and max(0.0, after - 0.05) <= phone.start < phone.end < 1e6:
            self._given.append(phone)

    def feed(self, pcm: Pcm) -> list[MouthCue]:
        """Take the next audio (int16, mono, native byte order, any length) and return the newly final cues.

        They follow those returned before without a gap and will not change. Never raises on audio. Takes
        about 1.5 ms per 100 ms of audio; use `afeed` for large pieces on an event loop.
        """
        cues: list[MouthCue] = []
        rest = memoryview(as_bytes(pcm))
        while rest and not self._finished:
            size = 2 * (self._step - self._samples % self._step) - len(self._odd)
            self._take(bytes(rest[:size]))
            rest = rest[size:]
            if self._samples % self._step == 0 and not self._odd:
                cues += self._draw()
        return cues

    def take(self, pcm: Pcm) -> None:
        """Take audio like `feed`, without asking for cues yet."""
        if not self._finished:
            self._take(as_bytes(pcm))

    def _take(self, pcm: bytes) -> None:
        data = self._odd + pcm
        whole = len(data) & ~1
        self._odd = data[whole:]
        samples: NDArray[np.int16] = np.frombuffer(data[:whole], np.int16)
        self._samples += len(samples)
        self._activity.feed(samples)
        self._listen(samples)

    async def afeed(self, pcm: Pcm) -> list[MouthCue]:
        """`feed` in slices, between which the event loop runs on."""
        cues: list[MouthCue] = []
        data = as_bytes(pcm)
        for start in range(0, len(data), 2 * self._step):
            cues += self.feed(data[start : start + 2 * self._step])
            await asyncio.sleep(0)
        return cues

    def tail(self) -> list[MouthCue]:
        """Cues from the end of the final ones to a little beyond the fed audio, as they look now."""
        if self._finished:
            return []
        return self._emitter.rest(self._phones(), round((self._duration() + AHEAD) * 100))

    def finish(self) -> list[MouthCue]:
        """No more audio comes: the remaining cues, final, to the end of the audio."""
        if self._finished:
            return []
        duration = self._duration()
        cues: list[MouthCue] = []
        if duration:
            end = max(MIN_CUE, whole_centiseconds(duration))
            cues = self._emitter.rest(self._phones(final=True), end)
            if cues:
                last = cues[-1]
                cues[-1] = MouthCue(last.start, max(last.end, duration), last.shape)
        self.close()
        return cues

    def close(self) -> None:
        """Let go of what the stream holds. `finish` does so too; may be called at any time, also twice."""
        self._finished = True
        self._ear = None
        self._given = []
        self._made, self._followed = None, []
        self._activity = Activity(self._rate)

    def _draw(self) -> list[MouthCue]:
        phones = self._phones()
        known = len(self._activity)
        ahead = round(max((phone.end for phone in phones), default=0.0) * 100)
        return self._emitter.final(phones, known - LOOKAHEAD, min(max(known, ahead), known + 100))

    def _listen(self, samples: NDArray[np.int16], last: bool = False) -> None:
        if self._ear is None and not self._deaf and not self._given:
            # The plan may get further words from the voice; the ear's numbers are those of this list.
            self._followed = words = self._plan.words[:MAX_WORDS]
            with suppress(ImportError, OSError, ValueError):
                if words:
                    variants, pauses = [word.variants for word in words], [word.spoken.pause for word in words]
                    self._ear = Ear(variants, pauses, self._rate)
            self._deaf = self._ear is None
        if self._ear is not None:
            self._ear.feed(samples, last)

    @property
    def _plan(self) -> Plan:
        # Made when it is needed: a voice that gives its phones never does.
        if self._made is None:
            self._made = Plan(self._text, self._language)
        return self._made

    def _duration(self) -> float:
        return self._samples / self._rate

    def _phones(self, *, final: bool = False) -> list[Phone]:
        if self._given:
            return self._given
        since = max(0.0, (self._emitter.edge - MEMORY) / 100)
        if self._ear is None:
            return ladder.unheard(self._plan, self._activity, since)
        if final:
            self._listen(np.empty(0, np.int16), last=True)
        return ladder.heard(self._plan, self._followed, self._ear, self._activity, since, final=final)
