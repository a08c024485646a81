"""How a conversation listens: sound to words where the server hears, words and quiet to the end of a turn.

Decided here and not in the browser, at no cost in time: the words travel to the server anyway, and the quiet is
waited for where the last of them arrived. So there is one rule for all ears, and the answer that was begun on a guess
lies where the decision falls.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from backend import wire
from backend.allowance import Allowance
from backend.conversation import Hint, Paused
from backend.fallback import EngineError
from backend.hearing import RATE, Ears
from backend.hearing.endofturn import Pauses, hold, wait
from backend.hearing.listener import Listener

WORD = 0.35
"""Seconds that the next word may already be under way."""
LETTER = 0.065
"""Seconds that a letter takes to say, at 150 words a minute: what is left between two versions was a pause."""
NO_EARS = "This server has no ears of its own."
INSTALL = "Whoever runs it can install them: pip install 'visavis[whisper]'"


class Quiet:
    """Waits behind the words of an utterance until the person must be done, then says so.

    *soon* is asked a little earlier where the words lack nothing: True when it has taken the turn.
    """

    def __init__(
        self,
        paused: Callable[[Paused], None],
        soon: Callable[[Paused], bool] = lambda paused: False,
        *,
        language: str = "en-US",
    ) -> None:
        self.language = language
        self.pauses = Pauses()
        self._paused = paused
        self._soon = soon
        self._timer: asyncio.TimerHandle | None = None
        self._utterance = 0
        self._words: list[str] = []
        self._changed = 0.0

    def hint(self, hint: Hint) -> None:
        """These are the words so far."""
        if not hint.utterance:
            return  # who does not number utterances says itself when they end
        loop = asyncio.get_running_loop()
        now, words = loop.time(), hint.text.lower().split()
        same = hint.utterance == self._utterance and words == self._words
        if not same:
            self._learn(hint, words, now)
            self._changed = now - hint.quiet
        self._utterance, self._words = hint.utterance, words
        self.stop()
        if not hint.speaking:
            quiet = max(hint.quiet, now - self._changed)
            # Where nobody can tell whether they speak, the next word may be half said already.
            unknown = WORD if hint.speaking is None else 0.0
            whole = wait(hint.text, self.language, self.pauses) + unknown - quiet
            paused = Paused(hint.utterance, hint.text)
            early = hold(hint.text, self.language)
            if early is None or (early := early + unknown - quiet) >= whole:
                self._wait(whole, paused)
            else:
                self._timer = loop.call_later(max(0.0, early), self._early, paused, loop.time() + whole)

    def _early(self, paused: Paused, due: float) -> None:
        if not self._soon(paused):
            self._wait(due - asyncio.get_running_loop().time(), paused)

    def _wait(self, delay: float, paused: Paused) -> None:
        self._timer = asyncio.get_running_loop().call_later(max(0.0, delay), self._paused, paused)

    def _learn(self, hint: Hint, words: list[str], now: float) -> None:
        """They went on: how long had they been quiet?"""
        more = words[len(self._words) :]
        if hint.utterance == self._utterance and more:
            said = len("".join(more)) * LETTER
            self.pauses.went_on(now - self._changed - hint.quiet - said, interrupted=hint.corrected)

    def stop(self) -> None:
        """They are not quiet any more, or it does not matter."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Hearing:
    """The server's own ears, for one conversation."""

    def __init__(
        self,
        ears: Ears | None,
        tell: Callable[[wire.EarsState | wire.Transcript | wire.Error], None],
        group: asyncio.TaskGroup,
        allowance: Allowance,
        *,
        may_fetch: bool,
    ) -> None:
        self.language = "en-US"
        self._ears = ears
        self._tell = tell
        self._group = group
        self._allowance = allowance
        self._may_fetch = may_fetch
        self._listener: Listener | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._seconds = 0.0

    @property
    def name(self) -> str:
        """The ears' name, empty where there are none to be had."""
        ears = self._ears
        return ears.name if ears and (ears.ready(self.language) or self._may_fetch) else ""

    def heard_since(self) -> float:
        """Seconds of sound taken since this was last asked."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def listen(self) -> None:
        """Somebody is going to speak: make ready, and tell whether we are."""
        self._start(self._make_ready())

    async def _make_ready(self) -> None:
        ears, language = self._ears, self.language
        if ears is None:
            self._tell(wire.EarsState(state="missing", text=NO_EARS, action=INSTALL))
            return
        try:
            if not ears.ready(language) and self._may_fetch:
                self._tell(wire.EarsState(state="fetching", text="I am fetching what I need to hear you. Please type."))
                await ears.fetch(language)
            await ears.warm(language)
        except EngineError as error:
            self._tell(wire.EarsState(state="missing", text=error.reason, action=error.remedy))
        else:
            self._tell(wire.EarsState(state="ready"))

    def sound(self, audio: wire.Audio) -> None:
        """A frame of the microphone."""
        if self._ears is None or (self._listener is None and not self._ears.ready(self.language)):
            self._tell(wire.Error(code="unexpected_sound", text=f"{NO_EARS} Send words."))
            return
        seconds = len(audio.pcm) / 2 / RATE
        if not self._allowance.audio(seconds):
            text = "That was a lot of speech at once. Please wait a moment, or type."
            self._tell(wire.Error(code="too_much_speech", text=text, retryable=True))
            return
        if self._listener is None:
            self._listener = Listener(self._ears, self._said, self._failed)
            self._start(self._listener.run())
        self._seconds += seconds
        self._listener.language = self.language
        self._listener.feed(audio.turn, audio.pcm, bool(audio.flags & wire.Flags.LAST))

    def _said(self, stretch: int, text: str, final: bool) -> None:
        self._tell(wire.Transcript(stretch=stretch, text=text[: wire.TEXT_LIMIT], final=final))

    def _failed(self, error: EngineError) -> None:
        text = " ".join(filter(None, [error.reason, error.remedy]))
        self._tell(wire.Error(code="not_heard", text=text, retryable=True))

    def _start(self, job: "asyncio._CoroutineLike[None]") -> None:
        task = self._group.create_task(job, name="hearing")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """Nobody will speak any more."""
        for task in list(self._tasks):
            with suppress(RuntimeError):
                task.cancel()
