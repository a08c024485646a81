"""One person's microphone: stretches of speech come in as frames, words go out while they speak and when they end.

The browser cuts the silence; a stretch begins when speech does and ends with a frame that says so. What lies longer
back than whisper's window is transcribed for good and forgotten, so that a listener holds half a minute at most.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.fallback import EngineError
from backend.hearing import RATE, Ears
from backend.hearing.silence import quietest, samples, trimmed

SECOND = RATE * 2
"""Bytes."""
PARTIAL_EVERY = 1 * SECOND
"""New sound after which words are guessed again, while a worker is free."""
SETTLED_AFTER, SEARCH = 24, 6
"""Seconds of sound at which its beginning is settled, cut at the quietest place of the last six."""
STRETCHES = 4
"""Stretches of one person that may wait; more means that the server is far behind, and the oldest is dropped."""

Said = Callable[[int, str, bool], None]
"""(stretch, words so far, whether they are final)"""


@dataclass(slots=True)
class _Stretch:
    number: int
    pcm: bytearray = field(default_factory=bytearray)
    settled: str = ""
    guess: str = ""
    guessed: int = 0
    """Bytes of `pcm` that `guess` was made from."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    def text(self, more: str) -> str:
        return " ".join(filter(None, [self.settled, more]))


class Listener:
    """Feed it frames; `run` until the conversation ends."""

    def __init__(self, ears: Ears, said: Said, failed: Callable[[EngineError], None], language: str = "en-US") -> None:
        self.language = language
        self._ears = ears
        self._said = said
        self._failed = failed
        self._stretches: dict[int, _Stretch] = {}
        self._begun = asyncio.Event()

    def feed(self, number: int, pcm: bytes, last: bool) -> None:
        """More sound (16 kHz, int16) of the stretch *number*; *last*: the person fell silent."""
        stretch = self._stretches.get(number)
        if stretch is None:
            stretch = self._stretches[number] = _Stretch(number)
            if len(self._stretches) > STRETCHES:
                del self._stretches[next(iter(self._stretches))]
            self._begun.set()
        # A stretch whose sound comes faster than it is heard can't grow without end.
        if len(stretch.pcm) < 2 * SETTLED_AFTER * SECOND:
            stretch.pcm += pcm
        stretch.grown.set()
        if last:
            stretch.ended.set()

    async def run(self) -> None:
        """Hear one stretch after the other, until cancelled."""
        while True:
            await self._begun.wait()
            self._begun.clear()
            while self._stretches:
                number, stretch = next(iter(self._stretches.items()))
                try:
                    await self._hear(stretch)
                except EngineError as error:
                    self._failed(error)
                    self._said(number, stretch.text(""), True)
                self._stretches.pop(number, None)

    async def _hear(self, stretch: _Stretch) -> None:
        while stretch.number in self._stretches:
            if not stretch.ended.is_set():
                await stretch.grown.wait()
                stretch.grown.clear()
            if len(stretch.pcm) >= SETTLED_AFTER * SECOND:
                await self._settle(stretch)
            elif stretch.ended.is_set():
                self._said(stretch.number, stretch.text(await self._rest(stretch)), True)
                return
            elif len(stretch.pcm) - stretch.guessed >= PARTIAL_EVERY and self._ears.idle:
                await self._guess(stretch)

    async def _settle(self, stretch: _Stretch) -> None:
        sound = samples(bytes(stretch.pcm))
        at = 2 * quietest(sound, (SETTLED_AFTER - SEARCH) * RATE, SETTLED_AFTER * RATE)
        heard = await self._ears.hear(bytes(stretch.pcm[:at]), self.language)
        stretch.settled, stretch.guess, stretch.guessed = stretch.text(heard.text), "", 0
        del stretch.pcm[:at]
        self._said(stretch.number, stretch.settled, False)

    async def _guess(self, stretch: _Stretch) -> None:
        length = len(stretch.pcm)
        job = asyncio.ensure_future(self._ears.hear(bytes(stretch.pcm), self.language))
        end = asyncio.ensure_future(stretch.ended.wait())
        try:
            await asyncio.wait({job, end}, return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                stretch.guess, stretch.guessed = job.result().text, length
                if stretch.guess:
                    self._said(stretch.number, stretch.text(stretch.guess), False)
        finally:
            # Once it has ended, the whole is wanted, and soon: a guess would be in its way.
            job.cancel()
            end.cancel()

    async def _rest(self, stretch: _Stretch) -> str:
        """The words since what is settled; a guess counts where only silence came after it."""
        if stretch.guessed and not len(trimmed(samples(bytes(stretch.pcm[stretch.guessed :])))):
            return stretch.guess
        return (await self._ears.hear(bytes(stretch.pcm), self.language)).text
