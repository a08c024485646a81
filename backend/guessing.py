"""Answers begun before the person is known to be done: on words that look complete, and kept back until they are.

A guess is a whole turn whose results are held; nothing else knows of it. When the person turns out to have said those
words, what is held goes out at once and the turn goes on as any other. When they said something else, or nothing more,
it is dropped, and what it took is billed there and then, as speculation.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from backend import wire
from backend.billing import Dropped
from backend.conversation import Begin, Exchange, Hint
from backend.hearing.endofturn import completeness
from backend.hearing.grammar import grammar
from backend.rendering import Piece
from backend.rooms import Outlet
from backend.speaking.wording import Wording
from backend.spending.ledger import Bill
from backend.turn import Turn
from backend.words import words

MOST = 2
"""Guesses for one utterance."""
LEAST = 3
"""Words of a guess at least, where nobody can tell whether the person still speaks: "what" begins many questions."""
STABLE = 0.35
"""Seconds that words must stand there where nobody can tell whether the person still speaks: the next one would be
said by then (`attention.WORD`)."""
UNSURE = 0.4
"""Seconds of quiet before words are believed that may be all, but do not have to: half of the pauses within a turn are
over by then (Campione & Veronis 2002), and each wrong guess costs a prompt."""


class Held:
    """The outlet of a guess: keeps what is sent, and the first line at most, until it is `open`ed."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.behind: Outlet | None = None
        self._kept: list[Callable[[Outlet], None]] = []
        self._full = False

    def open(self, behind: Outlet) -> None:
        """From now on everything goes to *behind*, what was kept first."""
        self.behind = behind
        for one in self._kept:
            one(behind)
        self._kept.clear()
        self.opened.set()

    def _pass(self, one: Callable[[Outlet], None]) -> None:
        if self.behind is None:
            self._kept.append(one)
        else:
            one(self.behind)

    def send(self, message: wire.Sent | wire.Audio) -> None:
        """Keep or pass on *message*."""
        self._pass(lambda outlet: outlet.send(message))

    def begun(self, line: int, wording: Wording) -> None:
        """Keep or pass on."""
        self._pass(lambda outlet: outlet.begun(line, wording))

    def grew(self, line: int, piece: Piece, words: Sequence[wire.PlacedWord] = ()) -> None:
        """Keep or pass on; one line is enough while nobody listens."""
        self._full = self._full or piece.last
        self._pass(lambda outlet: outlet.grew(line, piece, words))

    def thought(self, sources: list[wire.Source]) -> None:
        """Keep or pass on."""
        self._pass(lambda outlet: outlet.thought(sources))

    async def room(self) -> None:
        """Wait while enough is kept, or, later, while enough is on its way."""
        if self._full:
            await self.opened.wait()
        if self.behind is not None:
            await self.behind.room()

    def ahead(self) -> float:
        """Seconds sent and not played yet."""
        return self.behind.ahead() if self.behind else 0.0


@dataclass(slots=True)
class Guess:
    """A turn on its way that nobody asked for yet."""

    begin: Begin
    dropped: Dropped
    held: Held = field(default_factory=Held)
    turn: Turn | None = None
    bill: Bill | None = None
    task: asyncio.Task[None] | None = None


class Guesses:
    """One conversation's guesses; at most one is on its way. *start* runs a guess and returns its task.

    *foreseen* gives the number and the history that a turn would have if it began now.
    """

    def __init__(
        self,
        start: Callable[[Guess], asyncio.Task[None]],
        foreseen: Callable[[], tuple[int, tuple[Exchange, ...]]],
    ) -> None:
        self.language = "en-US"
        self._dropped = Dropped()
        self._start = start
        self._foreseen = foreseen
        self._guess: Guess | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._utterance = 0
        self._made = 0

    def hint(self, hint: Hint) -> None:
        """The words so far: guess, or give up a guess that they contradict."""
        if hint.utterance != self._utterance:
            self._utterance, self._made = hint.utterance, 0
        if self._guess is not None and self._same(hint.text, self._guess.begin.text[: len(hint.text)]):
            return  # the same, or its beginning once more: recognisers go back before they go on
        self.drop()
        delay = self._delay(hint)
        if self._made < MOST and delay is not None:
            self._timer = asyncio.get_running_loop().call_later(delay, self._make, hint)

    def _delay(self, hint: Hint) -> float | None:
        """Seconds after which the words are worth a guess, None while they are not."""
        kind = completeness(hint.text, self.language)
        if hint.speaking is None:
            return STABLE if kind == "complete" and len(hint.text.split()) >= LEAST else None
        # A detector hears that they go on: whatever the words look like, they are not all.
        if hint.speaking or kind in {"open", "trailing"}:
            return None
        return 0.0 if kind == "complete" else UNSURE

    def _make(self, hint: Hint) -> None:
        self._made += 1
        turn, history = self._foreseen()
        text = " ".join(hint.text.split())
        self._guess = Guess(Begin(turn, "heard", text, history, hint.utterance), self._dropped)
        self._guess.task = self._start(self._guess)

    def dropped(self) -> Dropped:
        """Those that came to nothing since this was last asked."""
        dropped, self._dropped = self._dropped, Dropped()
        return dropped

    @property
    def silent(self) -> Turn | None:
        """The guess that is on its way and has nothing to be heard yet."""
        turn = self._guess.turn if self._guess is not None else None
        return turn if turn is not None and turn.silent else None

    def take(self, begin: Begin) -> Guess | None:
        """The guess that answers *begin*, if there is one; every other is dropped."""
        guess, self._guess = self._guess, None
        self._cancel_timer()
        if guess is None or guess.task is None or guess.task.done():
            return None
        foreseen = guess.begin
        # One that has not even begun is no gain, and must not be left behind.
        fits = (
            guess.turn is not None
            and (foreseen.turn, foreseen.history) == (begin.turn, begin.history)
            and begin.origin == "heard"
        )
        if fits and self._same(begin.text, foreseen.text):
            return guess
        guess.task.cancel()
        return None

    def drop(self) -> None:
        """The words went on, or will never be finished."""
        self._cancel_timer()
        guess, self._guess = self._guess, None
        if guess is not None and guess.task is not None:
            guess.task.cancel()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _same(self, one: str, other: str) -> bool:
        """Whether two versions ask the same: politeness and fillers aside, word for word."""
        rules = grammar(self.language)
        idle = rules.closers | rules.fillers
        return [w for w in words(one) if w not in idle] == [w for w in words(other) if w not in idle]
