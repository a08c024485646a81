"""A conversation as a pure state machine: events in, effects out, no clock, no sockets, no tasks.

`session.py` is its shell. Everything that decides *what* happens stands here, so that it can be tested over
every order of events; everything about *how* stands there.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from backend import wire
from backend.words import is_unspaced

Origin = Literal["greeting", "typed", "heard"]
Word = wire.PlacedWord

_END = 0.05
"""Seconds before its end at which a line counts as heard: reports of the playback are that coarse."""


@dataclass(slots=True)
class LineSaid:
    """A line as it was sent to the client: enough to tell which of its words were heard.

    `text` is what was shown; `spoken` is what the voice was given.
    """

    text: str
    spoken: str
    words: list[Word] = field(default_factory=list)
    seconds: float = 0.0
    complete: bool = False

    def heard(self, seconds: float) -> str:
        """The words of the line that had begun after *seconds* of it were played."""
        if self.complete and seconds >= self.seconds - _END:
            return self.text
        begun = [word for word in self.words if word[0] < seconds]
        if any(at >= 0 for *_, at in self.words):
            return self._until(begun)
        # This voice names no word as it is written, or none at all: the share counts.
        written = self.text.split()
        if self.words:
            share = len(begun) / (len(self.words) if self.complete else max(len(self.words), len(written)))
        else:
            share = seconds / self.seconds if self.seconds else 0.0
        return " ".join(written[: int(share * len(written) + 0.5)])

    def cut(self) -> None:
        """End the line behind its last word that was sent whole: the next server says what follows."""
        written = self.spoken.split()
        whole = sum(1 for _, end, *_ in self.words if end <= self.seconds)
        share = whole / max(len(self.words), len(written)) if self.words else 0.0
        self.spoken = " ".join(written[: int(share * len(written))])
        self.text = self._until(self.words[:whole]) if self.spoken else ""
        self.complete = True

    def _until(self, words: list[Word]) -> str:
        """What is written up to the last of *words*, its token included."""
        end = max((at + len(text) for *_, text, at in words if at >= 0), default=0)
        if end and not is_unspaced(self.text[min(end, len(self.text)) - 1]):
            while end < len(self.text) and not self.text[end].isspace():
                end += 1
        return self.text[:end].rstrip()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One finished turn: what the person said, and what they heard in return."""

    asked: str
    heard: str
    turn: int = field(default=0, compare=False)
    """Its number: what was summed up is known by it."""


# What the shell reports, besides the messages of the client


@dataclass(frozen=True, slots=True)
class LineBegun:
    """The turn begins to send a line: as it is shown, and as it is spoken."""

    turn: int
    line: int
    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class LineGrew:
    """More of a line was sent: words with their times, and the seconds of it so far."""

    turn: int
    line: int
    words: tuple[Word, ...]
    seconds: float
    last: bool


@dataclass(frozen=True, slots=True)
class Paused:
    """The person has been quiet for long enough behind these words of a numbered utterance."""

    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class TurnOver:
    """The turn has sent everything that it will send."""

    turn: int


Event = wire.Typed | wire.Heard | wire.Interrupt | wire.Playback | LineBegun | LineGrew | Paused | TurnOver


# What the shell is told to do


@dataclass(frozen=True, slots=True)
class Begin:
    """Start a turn with this history."""

    turn: int
    origin: Origin
    text: str
    history: tuple[Exchange, ...]
    utterance: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """Cancel the turn's work and drop everything of it that was not sent yet."""

    turn: int


@dataclass(frozen=True, slots=True)
class Tell:
    """Send a message to the client."""

    message: wire.Cancelled | wire.Error


@dataclass(frozen=True, slots=True)
class Hint:
    """The person may still be speaking, these are the words so far: a chance to look things up early.

    *corrected*: they had been taken to be done with the beginning of these words, and were not.
    """

    text: str
    utterance: int = 0
    quiet: float = 0.0
    speaking: bool | None = None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A turn whose server is gone, and what was spoken of it."""

    turn: int
    origin: Origin
    asked: str
    history: tuple[Exchange, ...]
    spoken: tuple[str, ...]


Effect = Begin | Stop | Tell | Hint


@dataclass(slots=True)
class _Current:
    """The turn that is being answered or still being heard."""

    turn: int
    origin: Origin
    asked: str
    sending: bool = True
    lines: dict[int, LineSaid] = field(default_factory=dict)
    line: int = 0
    played: float = 0.0

    def heard(self) -> str:
        """The answer as far as it was really heard."""
        full = [said.text for number, said in sorted(self.lines.items()) if number < self.line]
        here = self.lines.get(self.line)
        return " ".join(filter(None, [*full, here.heard(self.played) if here else ""]))

    def played_out(self) -> bool:
        """Whether everything that was sent has been heard."""
        last = max(self.lines, default=None)
        return last is None or (self.line == last and self.played >= self.lines[last].seconds - _END)


@dataclass(frozen=True, slots=True)
class _Taken:
    """The numbered utterance that was taken to be over last, and the turn that answers it."""

    utterance: int
    asked: str
    turn: int


class Conversation:
    """One person's conversation. `history` holds what was really heard, newest last, at most *turns* exchanges."""

    def __init__(self, turns: int = 12) -> None:
        self.history: list[Exchange] = []
        self.turn = 0
        self.closed: tuple[int, str] | None = None
        """The turn that was closed last, and what was heard of it."""
        self._turns = turns
        self._current: _Current | None = None
        self._revision = -1
        self._taken: _Taken | None = None

    @property
    def live(self) -> int | None:
        """The turn whose frames may still go out, None between turns: everything older is stale."""
        return self._current.turn if self._current else None

    @property
    def ahead_seconds(self) -> float:
        """Seconds of the current turn that were sent and not played yet, as far as the client said."""
        current = self._current
        if current is None:
            return 0.0
        waiting = sum(said.seconds for number, said in current.lines.items() if number >= current.line)
        return max(0.0, waiting - current.played)

    def foreseen(self) -> tuple[int, tuple[Exchange, ...]]:
        """The number and the history that a turn would have if it began now."""
        history = list(self.history)
        if self._current is not None and (self._current.asked or self._current.heard()):
            history.append(Exchange(self._current.asked, self._current.heard(), self._current.turn))
        return self.turn + 1, tuple(history[-self._turns or len(history) :])

    def state(self) -> dict[str, Any]:
        """All of it as JSON, for another server."""
        return {
            "history": [asdict(exchange) for exchange in self.history],
            "turn": self.turn,
            "current": asdict(self._current) if self._current else None,
        }

    @classmethod
    def of(cls, state: dict[str, Any], turns: int = 12) -> "Conversation":
        """What `state` gave."""
        conversation = cls(turns)
        conversation.history = [Exchange(**exchange) for exchange in state["history"]]
        conversation.turn = state["turn"]
        if (current := state["current"]) is not None:
            # JSON knows no numbers as keys and no tuples.
            lines = {
                int(number): LineSaid(**said | {"words": [tuple(word) for word in said["words"]]})
                for number, said in current["lines"].items()
            }
            conversation._current = _Current(**current | {"lines": lines})
        return conversation

    def broken_off(self) -> Broken | None:
        """The turn that somebody else has to go on with; what was sent of its last line counts as the whole line."""
        current = self._current
        if current is None or not current.sending:
            return None
        if current.lines and not (last := current.lines[max(current.lines)]).complete:
            last.cut()  # a word that was cut in its middle is said again
        spoken = [said.spoken for _, said in sorted(current.lines.items())]
        return Broken(current.turn, current.origin, current.asked, tuple(self.history), tuple(spoken))

    def greet(self) -> list[Effect]:
        """The page has opened: begin with a greeting, if nothing else is going on."""
        return [] if self._current or self.history else [self._begin("greeting", "")]

    def on(self, event: Event) -> list[Effect]:
        """What follows from *event*. Never raises; what comes late or out of order is ignored or refused."""
        match event:
            case wire.Typed(text=text):
                return self._utterance("typed", text)
            case wire.Heard():
                return self._heard(event)
            case Paused(utterance=utterance, text=text):
                return self._utterance("heard", text, utterance)
            case wire.Interrupt():
                return self._interrupt(event)
            case wire.Playback():
                self._play(event.turn, event.line, event.played_ms / 1000)
            case LineBegun() | LineGrew():
                self._line(event)
            case TurnOver(turn=turn):
                if self._current and self._current.turn == turn:
                    self._current.sending = False
        return []

    def forget_revisions(self) -> None:
        """A page has connected that may count from the start."""
        self._revision = -1
        self._taken = None

    def _begin(self, origin: Origin, text: str, utterance: int = 0) -> Begin:
        self.turn += 1
        self._current = _Current(self.turn, origin, text)
        if utterance:
            self._taken = _Taken(utterance, text, self.turn)
        return Begin(self.turn, origin, text, tuple(self.history), utterance)

    def _heard(self, event: wire.Heard) -> list[Effect]:
        taken = self._taken
        before: list[Effect] = []
        corrected = False
        if taken is not None and 0 < event.utterance <= taken.utterance:
            # A recogniser says the same again when it settles; more words mean that they were not done.
            if event.utterance < taken.utterance or len(_bare(event.text)) <= len(_bare(taken.asked)):
                return []
            before, corrected = self._withdraw(taken), True
        if event.final:
            self._revision = -1
            return [*before, *self._utterance("heard", event.text, event.utterance)]
        if event.revision <= self._revision or not event.text.strip():
            return before
        self._revision = event.revision
        hint = Hint(event.text, event.utterance, event.quiet_ms / 1000, event.speaking, corrected)
        return [*before, hint]

    def _withdraw(self, taken: _Taken) -> list[Effect]:
        """The turn that answers *taken* came too early: it ends, and its words are about to be said in full."""
        self._taken = None
        effects = self._end() if self._current and self._current.turn == taken.turn else []
        if self.history and self.history[-1].asked == taken.asked:
            early = self.history.pop()
            if early.heard:
                self.history.append(replace(early, asked=""))
        return effects

    def _utterance(self, origin: Origin, text: str, utterance: int = 0) -> list[Effect]:
        text = " ".join(text.split())
        if not any(letter.isalnum() for letter in text):
            problem = wire.Error(code="empty", text="There were no words in that message.", retryable=True)
            return [Tell(problem)]
        return [*self._end(), self._begin(origin, text, utterance)]

    def _interrupt(self, event: wire.Interrupt) -> list[Effect]:
        if event.turn > self.turn:
            return [Tell(wire.Error(code="unknown_turn", text=f"There is no turn {event.turn} yet."))]
        if self._current is None or event.turn != self._current.turn:
            return []
        self._play(event.turn, event.line, event.played_ms / 1000)
        return self._end()

    def close(self) -> None:
        """Nobody will come back."""
        self._end()

    def _end(self) -> list[Effect]:
        """Close the current turn, keeping what was heard of it."""
        current, self._current = self._current, None
        if current is None:
            return []
        heard = current.heard()
        self.closed = (current.turn, heard)
        if current.asked or heard:
            self.history.append(Exchange(current.asked, heard, current.turn))
            del self.history[: -self._turns or None]
        if not current.sending and current.played_out():
            return []
        return [Stop(current.turn), Tell(wire.Cancelled(turn=current.turn, heard=heard))]

    def _play(self, turn: int, line: int, seconds: float) -> None:
        current = self._current
        if current is None or current.turn != turn:
            return
        said = current.lines.get(line)
        # A client can't have heard what was not sent, and time does not run backwards.
        if said is not None and (line, seconds) > (current.line, current.played):
            # What is claimed beyond what was sent counts once it has been sent: a client without sound goes by the
            # line's estimated length, and reports once.
            current.line, current.played = line, seconds

    def _line(self, event: LineBegun | LineGrew) -> None:
        current = self._current
        if current is None or current.turn != event.turn:
            return
        if isinstance(event, LineBegun):
            current.lines[event.line] = LineSaid(event.text, event.spoken)
        elif (said := current.lines.get(event.line)) is not None:
            said.words.extend(event.words)
            said.seconds = event.seconds
            said.complete = event.last


def _bare(text: str) -> list[str]:
    """The words of *text* without case and marks."""
    return ["".join(filter(str.isalnum, word)).lower() for word in text.split()]
