"""The voice that is always there: espeak-ng in this process, without network, key or model."""

import asyncio
import math
import re
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backend.fallback import EngineError, UnsuitableError
from backend.speaking import SAMPLE_RATE, PhoneMark, Spoken, Style, WordMark
from backend.speaking.resampling import Resampler
from backend.speaking.silence import Line
from backend.speaking.synthesizer import RATE, Event, Manner, Sink, synthesize
from rhubarb.espeak import EspeakError
from rhubarb.speech.ipa import arpabet

_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="espeak")
"""One thread is all that the library's global state allows."""

_PIECE = 240
"""Characters given to the library at once: bounds the memory of a line, and how long it keeps its lock."""

_ALIASES = {
    "en-gb": "en",
    "zh": "cmn",
    "zh-hk": "yue",
    "no": "nb",
    "es-mx": "es-419",
    "iw": "he",
    "hbs": "hr",
}
"""BCP 47 tags for which espeak-ng's file has another name."""


class EspeakVoice:
    """espeak-ng behind the `Voice` door. It marks words and phones.

    *variant* colours the voice (a file of espeak-ng's `voices/!v`). Of 14 of them "f2" was by far the clearest:
    PocketSphinx's recogniser missed 25 % of its words in English, of the uncoloured voice 83 %, and speaking a
    little slower than espeak-ng's usual 175 words a minute helped again (155: 14 %, 178: 34 %).
    """

    name = "espeak"

    def __init__(self, *, variant: str = "f2", words_per_minute: int = 160) -> None:
        self._variant = variant
        self._words_per_minute = words_per_minute

    async def prepare(self) -> None:
        """Load the library and its data off the loop, so that the first line does not wait for it."""
        async for _ in self.say("a", Style()):
            pass

    async def say(self, text: str, style: Style) -> AsyncIterator[Spoken]:
        """See `backend.speaking.Voice`. Sound comes word by word, each after its marks."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[list[Spoken] | None] = asyncio.Queue()
        stop = threading.Event()
        utterance = _Utterance()
        voices = self._candidates(style)

        def deliver(items: list[Spoken] | None) -> bool:
            if not stop.is_set():
                loop.call_soon_threadsafe(queue.put_nowait, items)
            return not stop.is_set()

        def speak(piece: str, last: bool) -> None:
            if stop.is_set():
                return
            utterance.begin(piece)

            def sink(block: npt.NDArray[np.int16], events: list[Event]) -> bool:
                items = utterance.take(block, events)
                return deliver(items) if items else not stop.is_set()

            _with_first(voices, piece, self._manner(style), sink)
            if not stop.is_set():
                deliver(utterance.end(last))

        try:
            pieces = _pieces(text)
            for index, piece in enumerate(pieces):
                # The next piece waits until this one was taken: no line grows without bounds.
                job = loop.run_in_executor(_WORKER, speak, piece, index == len(pieces) - 1)
                job.add_done_callback(lambda job: deliver(None) if not job.cancelled() else None)
                while (items := await queue.get()) is not None:
                    for item in items:
                        yield item
                await job
        except EspeakError as error:
            reason = "The built-in voice could not be loaded."
            raise EngineError(reason, "Install the package espeakng-loader again.") from error
        except LookupError as error:
            reason = f"The built-in voice does not speak {style.language}."
            raise UnsuitableError(reason, "Choose another language.") from error
        finally:
            stop.set()

    def _manner(self, style: Style) -> Manner:
        speed = round(self._words_per_minute * (1.0 + style.rate))
        # espeak-ng's pitch of 0, 50 and 99 is half, once and twice the voice's own.
        pitch = round(50 + 50 * math.log2(max(0.5, 1.0 + style.pitch)))
        return Manner("", max(80, min(450, speed)), max(0, min(99, pitch)))

    def _candidates(self, style: Style) -> list[str]:
        """Voices to try: first the one asked for (which may be another engine's), then the language's."""
        tag = style.language.lower().replace("_", "-")
        found: list[str] = []
        if re.fullmatch(r"[a-z]{2,3}(-[\w-]+)?(\+[\w ]+)?", style.voice):
            found.append(style.voice)
        for name in (tag, tag.partition("-")[0]):
            found.extend(f"{voice}+{self._variant}" for voice in (_ALIASES.get(name), name) if voice)
        return found


def _with_first(voices: list[str], text: str, manner: Manner, sink: Sink) -> None:
    for voice in voices[:-1]:
        try:
            return synthesize(text, replace(manner, voice=voice), sink)
        except LookupError:
            continue
    return synthesize(text, replace(manner, voice=voices[-1]), sink)


_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+")
_AROUND = re.compile(r"^\W+|\W+$")


def _pieces(text: str) -> list[str]:
    """*text* in sentences, the longer ones cut between words; nothing without a letter or digit."""
    pieces: list[str] = []
    for sentence in _SENTENCE.split(text):
        rest = sentence
        while len(rest) > _PIECE:
            cut = rest.rfind(" ", 0, _PIECE)
            cut = cut if cut > 0 else _PIECE
            pieces.append(rest[:cut])
            rest = rest[cut:]
        pieces.append(rest)
    return [piece.strip() for piece in pieces if any(map(str.isalnum, piece))]


@dataclass(slots=True)
class _Open:
    """A word or phone that has begun and not ended."""

    start: int
    label: str = ""
    position: int = 0
    stop: int | None = None
    """Where a pause ended a word; which text it covers is only known when the next one begins."""


class _Utterance:
    """Turns espeak-ng's blocks and events into sound and marks; samples are counted over all pieces."""

    def __init__(self) -> None:
        self._line = Line()
        self._resampler = Resampler(RATE, SAMPLE_RATE)
        self._waiting = np.empty(0, np.int16)
        self._given = 0
        self._base = 0
        self._text = ""
        self._word: _Open | None = None
        self._phone: _Open | None = None

    @property
    def _now(self) -> int:
        return self._given + len(self._waiting)

    def begin(self, text: str) -> None:
        self._text, self._base = text, self._now

    def take(self, block: npt.NDArray[np.int16], events: list[Event]) -> list[Spoken]:
        self._waiting = np.concatenate((self._waiting, block))
        for event in events:
            at = self._base + event.at
            if event.kind == "phone":
                self._close_phone(at)
                if event.phone:
                    self._phone = _Open(at, event.phone)
                elif self._word and self._word.stop is None:
                    self._word.stop = at
            elif self._word is None or self._begins_word(event.position):
                self._close_word(at, event.position)
                self._word = _Open(at, position=event.position)
        # What belongs to an open word or phone waits for the next one, so that the mark goes first.
        return self._give(min(part.start for part in (self._word, self._phone, _Open(self._now)) if part))

    def end(self, last: bool) -> list[Spoken]:
        self._close_phone(self._now)
        self._close_word(self._now, None)
        items = self._give(self._now)
        if last:
            items += self._line.feed(self._resampler.finish()) + self._line.finish()
        return items

    def _begins_word(self, position: int) -> bool:
        """espeak-ng speaks "23" as two words: only what follows a blank (or an ideograph) is a new one."""
        before = self._text[max(0, position - 1) : position]
        return not before or before.isspace() or ord(before) > 0x2E7F

    def _give(self, until: int) -> list[Spoken]:
        count = max(0, until - self._given)
        ready, self._waiting = self._waiting[:count], self._waiting[count:]
        self._given += len(ready)
        return self._line.feed(self._resampler.feed(ready))

    def _close_word(self, at: int, following: int | None) -> None:
        """Ends the open word. Several in one ("of the" is one to espeak-ng) share its time by letters."""
        word, self._word = self._word, None
        if word is None:
            return
        at = max(word.start, at if word.stop is None else word.stop)
        written = self._text[word.position : following]
        labels = [label for part in written.split() if (label := _AROUND.sub("", part))]
        letters = sum(map(len, labels))
        start, step = word.start / RATE, (at - word.start) / RATE / max(1, letters)
        for label in labels:
            self._line.mark(WordMark(start, start + len(label) * step, label))
            start += len(label) * step

    def _close_phone(self, at: int) -> None:
        phone, self._phone = self._phone, None
        phones = arpabet([phone.label]) if phone else []
        if phone is None or not phones:
            return
        step = (at - phone.start) / RATE / len(phones)
        for index, name in enumerate(phones):
            start = phone.start / RATE + index * step
            self._line.mark(PhoneMark(start, start + step, name))
