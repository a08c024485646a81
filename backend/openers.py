"""The first sound of an answer that is not there yet: "Well,", as people say it while they find the rest.

People leave 0.2 s between turns (Levinson & Torreira 2015); a model and a voice together take longer than that, so
nothing that the model says can come in time. People bridge it the same way (Clark & Fox Tree 2002, on "uh" and "um"
as announcements of a delay). An opener commits to nothing, so it may come sooner than an answer might: whoever only
paused hears what a listener says anyway.

When one is said: the words were spoken; they are a question, a request, or something told, of three words or more;
nothing of the answer can be heard yet; and nobody who answers at once does (small talk, kept answers, the offline
mind). Which one: by the kind of what was said, long enough for the wait that answers took lately, and not the one of
last time. After `MOST_IN_A_ROW` turns with one comes a turn without. One that is not rendered is not said.
"""

import asyncio
import tomllib
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from backend.fallback import EngineError, Route
from backend.hearing.endofturn import completeness
from backend.hearing.grammar import grammar
from backend.rendered import Lines, RenderedLine, whole
from backend.rendering import PAUSES, Piece
from backend.speaking import Style, Voice
from backend.thinking.smalltalk import is_small_talk
from backend.urgency import Urgency
from backend.words import words

Kind = Literal["question", "request", "statement"]

LEAST_WORDS = 3
MOST_IN_A_ROW = 3
"""Turns with an opener after which one goes without: what comes every time is a tic."""
NATURAL = 0.4
"""Seconds of quiet behind an opener that still sound like one breath."""
USUAL_WAIT = 0.6
"""Seconds that answers take, as long as none was seen."""
STYLES = 16
"""Voices of which openers are kept in memory, about 250 kB each."""
_TABLE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Opener:
    """A few words, rendered."""

    text: str
    line: RenderedLine


@cache
def _table() -> dict[str, dict[Kind, tuple[str, ...]]]:
    languages = tomllib.loads(_TABLE.read_text("utf-8"))
    return {name: {kind: tuple(texts) for kind, texts in kinds.items()} for name, kinds in languages.items()}


def openers(language: str) -> dict[Kind, tuple[str, ...]]:
    """The openers of *language* (a BCP 47 tag) by what they answer; none where we know none."""
    return _table().get(language.split("-", 1)[0].lower(), {})


def kind_of(text: str, language: str) -> Kind | None:
    """What *text* is, None where an opener would be out of place."""
    said, rules = words(text), grammar(language)
    if len(said) < LEAST_WORDS or is_small_talk(text) or " ".join(said) in rules.answers:
        return None
    if text.rstrip().endswith("?") or rules.question(said):
        return "question"
    if rules.request(said):
        return "request"
    return "statement" if completeness(text, language) == "statement" else None


class Rendered:
    """The openers of a process, rendered ahead in each voice that somebody speaks with."""

    def __init__(
        self,
        lines: Lines,
        urgency: Urgency,
        start: Callable[[Coroutine[None, None, None]], asyncio.Task[None]] | None = None,
    ) -> None:
        self._lines = lines
        self._urgency = urgency
        self._start = start or asyncio.create_task
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready: OrderedDict[tuple[str | None, Style], dict[str, RenderedLine]] = OrderedDict()

    def of(self, style: Style, voices: Route[Voice]) -> dict[str, RenderedLine]:
        """Those that can be said at once, by the voice that serves now; begins to render them if nobody has."""
        key = (voices.serving, style)
        if key not in self._ready:
            ready = self._ready[key] = {}
            while len(self._ready) > STYLES:
                self._ready.popitem(last=False)
            task = self._start(self._render(key, ready, voices))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._ready.move_to_end(key)
        return self._ready[key]

    def end(self) -> None:
        """Nobody will speak any more."""
        for task in list(self._tasks):
            task.cancel()

    async def _render(
        self, key: tuple[str | None, Style], ready: dict[str, RenderedLine], voices: Route[Voice]
    ) -> None:
        voice, style = key
        for text in dict.fromkeys(text for texts in openers(style.language).values() for text in texts):
            while self._urgency.anyone:
                await self._urgency.step()
            try:
                line = await self._one(text, style, voices)
            except EngineError:
                line = None
            if line is None or line.voice != voice:
                # The voice is away, and the chain has told why; whoever speaks next tries again.
                self._ready.pop(key, None)
                return
            ready[text] = line

    async def _one(self, text: str, style: Style, voices: Route[Voice]) -> RenderedLine:
        rendering = self._lines.render(text, style, voices, PAUSES["clause"])
        pieces: list[Piece] = []
        async with aclosing(rendering.pieces()) as stream:
            async for piece in stream:
                pieces.append(piece)
        return whole(rendering.voice, pieces)


class Opening:
    """One conversation's openers: which one, if any."""

    def __init__(self, rendered: Rendered) -> None:
        self._rendered = rendered
        self._recent: list[str] = []
        self._in_a_row = 0
        self._wait = USUAL_WAIT
        self.utterance = 0
        """The numbered utterance that was answered with one last: once is enough."""

    def choose(
        self, text: str, style: Style, voices: Route[Voice], utterance: int = 0, begun: str = ""
    ) -> Opener | None:
        """What to say first to *text*; counts as said. *begun* is the answer as far as it is written."""
        kind = kind_of(text, style.language)
        if kind is None or (utterance and utterance == self.utterance):
            return None
        ready = self._rendered.of(style, voices)
        texts = [one for one in openers(style.language).get(kind, ()) if one in ready and not starts_with(begun, one)]
        if self._in_a_row >= MOST_IN_A_ROW or not (texts := [one for one in texts if one not in self._recent[-1:]]):
            self._in_a_row = 0
            return None
        long_enough = [one for one in texts if ready[one].seconds >= self._wait - NATURAL]
        chosen = min(long_enough, key=self._age) if long_enough else max(texts, key=lambda one: ready[one].seconds)
        self._recent = [*(one for one in self._recent if one != chosen), chosen]
        self._in_a_row += 1
        self.utterance = utterance
        return Opener(chosen, ready[chosen])

    def prepare(self, style: Style, voices: Route[Voice]) -> None:
        """Somebody begins to speak: see that there are openers when they are done."""
        if openers(style.language):
            self._rendered.of(style, voices)

    def took(self, seconds: float) -> None:
        """An answer's own first sound came so long after the turn had been taken."""
        self._wait += (seconds - self._wait) / 2

    def _age(self, text: str) -> int:
        return self._recent.index(text) if text in self._recent else -1


def starts_with(text: str, opener: str) -> bool:
    """Whether *text* begins with the words of *opener*."""
    wanted = words(opener)
    return words(text)[: len(wanted)] == wanted


class Unrepeated:
    """Takes the opener out of an answer that begins with the same words: `feed` its tokens, then `flush`."""

    def __init__(self, opener: Callable[[], str]) -> None:
        self._opener = opener
        self._held = ""
        self._open = True

    def feed(self, text: str) -> str:
        """What of the answer is certain not to repeat the opener."""
        if not self._open:
            return text
        self._held += text
        wanted = _plain(self._opener())
        # The word behind must have begun, or "So" might be the beginning of "Something".
        return "" if wanted and wanted.startswith(_plain(self._held)) else self.flush()

    def flush(self) -> str:
        """The rest, once the stream has ended or it is clear."""
        held, self._held, self._open = self._held, "", False
        wanted = _plain(self._opener())
        after = _after(held, wanted) if wanted else None
        if after is None:
            return held
        rest = held[after:].lstrip(" ,.;:!-–—…")
        return rest[:1].upper() + rest[1:]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _after(text: str, wanted: str) -> int | None:
    """Where the letters of *wanted* end at the beginning of *text*, if a word ends there; None otherwise."""
    left = wanted
    for at, letter in enumerate(text.lower()):
        if not left:
            return None if letter.isalnum() else at
        if letter.isalnum():
            if letter != left[0]:
                return None
            left = left[1:]
    return None


def silent(piece: Piece) -> Piece:
    """*piece* as the history knows it: its time, and no word."""
    return replace(piece, pcm=b"", words=())
