"""One line, rendered: sound, mouth cues and word times together, as they come."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import cast

from backend import wire
from backend.fallback import BrokenOffError, EngineError, Route
from backend.speaking import SAMPLE_RATE, Pcm, PhoneMark, Spoken, Style, Voice, WordMark
from rhubarb import MouthCue, Phone, Stream, Word

SAMPLE_BYTES = 2
FIRST_BYTES = int(0.02 * SAMPLE_RATE) * SAMPLE_BYTES
"""The first chunk leaves as soon as there are 20 ms of it: it is what the person waits for."""
CHUNK_BYTES = int(0.1 * SAMPLE_RATE) * SAMPLE_BYTES
"""100 ms: small enough to start with, ..."""
LONG_CHUNK_BYTES = 2 * CHUNK_BYTES
"""... and twice that once a second is under way, for half the frames."""
PAUSES = {"clause": 0.06, "sentence": 0.24, "paragraph": 0.36}
"""Seconds of quiet after a line. Between sentences people leave 0.2-0.4 s; the voice's own silence is trimmed."""
SPEAKING_RATE = 14.0
"""Letters a second, for the time that a caption without sound stays; about 160 words a minute."""

Word3 = tuple[float, float, str]
"""start, end, text"""
Cues = list[tuple[float, wire.Shape]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line ready to be sent: cues from `since` on replace those sent before; `words` are new.

    `seconds` is the length of the line so far, this piece included.
    """

    pcm: bytes
    since: float
    until: float
    cues: Cues
    words: tuple[Word3, ...]
    seconds: float
    last: bool


class Rendering:
    """One line on its way from text to pieces. `voice` is the engine that spoke last, empty if none could."""

    def __init__(self, text: str, style: Style, voices: Route[Voice], pause: float, *, listen: bool = True) -> None:
        self.text = text
        self.voice = ""
        self._style = style
        self._voices = voices
        self._pause = pause
        self._stream = Stream(text, SAMPLE_RATE, style.language, listen=listen)
        self._words: list[Word3] = []
        self._words_sent = 0
        self._said = 0
        self._since = 0.0
        self._bytes = 0
        self.cpu = 0.0
        """Seconds of this thread's CPU time that the lip sync took."""

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """The line as it is spoken; the last piece has `last` set.

        Raises `EngineError` only when no voice could say any of it.
        """
        held = bytearray()
        async for pcm in self._sound():
            held += pcm
            while len(held) >= self._least():
                size = min(len(held), self._most())
                yield self._piece(bytes(held[:size]), last=False)
                del held[:size]
        held += bytes(int(self._pause * SAMPLE_RATE) * SAMPLE_BYTES)
        yield self._piece(bytes(held), last=True)

    def _least(self) -> int:
        return self._most() if self._bytes else FIRST_BYTES

    def _most(self) -> int:
        return CHUNK_BYTES if self._bytes < SAMPLE_RATE * SAMPLE_BYTES else LONG_CHUNK_BYTES

    async def _sound(self) -> AsyncGenerator[bytes, None]:
        """The PCM of the whole line; where a voice breaks off, the next one says the rest."""
        text, begin = self.text, 0.0
        while text:
            try:
                async with aclosing(self._voices.stream(partial(self._say, text))) as items:
                    async for item in items:
                        if isinstance(item, Pcm):
                            self._said += len(item.data)
                            yield item.data
                        else:
                            self._mark(item, begin)
                return
            except BrokenOffError:
                text = self._rest()
                begin = self._said / SAMPLE_BYTES / SAMPLE_RATE
            except EngineError:
                if not self._said:
                    raise
                return

    def _say(self, text: str, voice: Voice) -> AsyncIterator[Spoken]:
        self.voice = voice.name
        return voice.say(text, self._style)

    def _rest(self) -> str:
        """What is left to say after a voice broke off: from the last word on that was not fully heard."""
        sound = self._said / SAMPLE_BYTES / SAMPLE_RATE
        done = sum(1 for _, end, _ in self._words if end <= sound)
        return " ".join(self.text.split()[done:])

    def _mark(self, mark: WordMark | PhoneMark, begin: float) -> None:
        start, end = mark.start + begin, mark.end + begin
        if isinstance(mark, WordMark):
            self._words.append((round(start, 3), round(end, 3), mark.text))
            self._stream.word(Word(start, end, mark.text))
        else:
            self._stream.phone(Phone(start, end, mark.phone))

    def _piece(self, pcm: bytes, *, last: bool) -> Piece:
        self._bytes += len(pcm)
        seconds = self._bytes / SAMPLE_BYTES / SAMPLE_RATE
        began = time.thread_time()
        final = self._stream.feed(pcm)
        final = final + self._stream.finish() if last else final
        tail = [] if last else self._stream.tail()
        self.cpu += time.thread_time() - began
        since, self._since = self._since, final[-1].end if final else self._since
        cues = [*final, *tail]
        words = tuple(self._words[self._words_sent :])
        self._words_sent = len(self._words)
        return Piece(pcm, since, cues[-1].end if cues else seconds, compact(cues), words, seconds, last)


def compact(cues: list[MouthCue]) -> Cues:
    """*cues* as they go over the wire: [start, shape], each lasting until the next."""
    return [(round(cue.start, 6), cast(wire.Shape, cue.shape)) for cue in cues]


def caption_seconds(text: str) -> float:
    """How long a caption without sound stays, in seconds."""
    return max(1.0, len(text) / SPEAKING_RATE)
