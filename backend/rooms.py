"""What a turn is made with, what it is asked, and where its results go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from backend import wire
from backend.bases import Base
from backend.fallback import Chain, Route, Step
from backend.feeling.feelings import Feelings
from backend.hearing import Ears
from backend.knowing import Knowledge
from backend.openers import Opener
from backend.progress import SoFar
from backend.rendering import Piece
from backend.speaking import Style, Voice
from backend.speaking.wording import Wording
from backend.thinking import Message, Mind
from backend.urgency import Urgency

Rung = Literal["canned", "small", "strong"]


@dataclass(frozen=True, slots=True)
class Engines:
    """What turns are made with, one set for all conversations."""

    minds: Chain[Mind]
    voices: Chain[Voice]
    base: Base
    feeling: Feelings
    urgency: Urgency = field(default_factory=Urgency)
    ears: Ears | None = None

    def rooms(self, announce: Callable[[Step], None]) -> "Rooms":
        """The engines as one conversation sees them; *announce* hears when one of them gives way to another."""
        return Rooms(
            self.minds.route(announce),
            self.voices.route(announce),
            self.base.knowledge,
            self.feeling,
            self.urgency,
            announce,
        )


@dataclass(frozen=True, slots=True)
class Rooms:
    """One conversation's way through the engines."""

    minds: Route[Mind]
    voices: Route[Voice]
    knowledge: Knowledge
    feeling: Feelings
    urgency: Urgency
    announce: Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What a turn is asked. `canned` is an answer that needs no thinking (the greeting)."""

    turn: int
    origin: Literal["greeting", "typed", "heard"]
    text: str
    history: tuple[Message, ...] = ()
    summary: str = ""
    """What was said before `history`, in short."""
    style: Style = field(default_factory=Style)
    max_tokens: int = 220
    canned: str = ""
    most: Rung = "strong"
    """The dearest rung that the budgets allow; "canned" leaves only the offline mind."""
    utterance: int = 0
    """The numbered utterance that it answers."""
    so_far: SoFar | None = None
    """What another server gave of this answer before it was gone."""
    opener: Opener | None = None
    """What to say if the answer is not there at once."""


class Outlet(Protocol):
    """Where a turn's results go: the session's writer."""

    def send(self, message: wire.Sent | wire.Audio) -> None:
        """Queue *message* as part of this turn."""
        ...

    def begun(self, line: int, wording: Wording) -> None:
        """A line is about to be sent."""
        ...

    def grew(self, line: int, piece: Piece, words: Sequence[wire.PlacedWord] = ()) -> None:
        """*piece* of it was sent, with these new words."""
        ...

    def thought(self, sources: list[wire.Source]) -> None:
        """The words are complete; they stand on *sources*."""
        ...

    async def room(self) -> None:
        """Wait until little enough is waiting to be played."""
        ...

    def ahead(self) -> float:
        """Seconds that were sent and not played yet."""
        ...
