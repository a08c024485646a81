"""How far an answer has come: enough for another server to say the rest of it, nothing twice and all of it."""

from dataclasses import dataclass, field
from typing import Any

from backend import wire


@dataclass(slots=True)
class Progress:
    """Kept by the session while a turn is sent. `thought`: its words are complete, only speaking is left."""

    turn: int = 0
    written: list[str] = field(default_factory=list)
    thought: bool = False
    sources: list[wire.Source] = field(default_factory=list)
    line: int = -1
    chunk: int = 0
    open: bool = False
    """The line's last chunk has not been sent."""

    def sent(self, message: wire.Sent | wire.Audio) -> None:
        """*message* of the turn was queued."""
        match message:
            case wire.Text():
                self.written.append(message.delta)
            case wire.Line():
                self.line, self.chunk, self.open = message.line, 0, bool(message.voice)
            case wire.Audio():
                self.chunk, self.open = message.chunk + 1, not message.flags & wire.Flags.LAST

    def state(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "turn": self.turn,
            "written": "".join(self.written),
            "thought": self.thought,
            "sources": [source.model_dump() for source in self.sources],
            "line": self.line,
            "chunk": self.chunk,
            "open": self.open,
        }

    @classmethod
    def of(cls, state: dict[str, Any]) -> "Progress":
        """What `state` gave."""
        sources = [wire.Source.model_validate(source) for source in state["sources"]]
        return cls(**state | {"written": [state["written"]], "sources": sources})


@dataclass(frozen=True, slots=True)
class SoFar:
    """What of an answer has been given before: its words as written, the `letters` of it that were spoken (blanks do
    not count), and the number of lines that took."""

    written: str
    letters: int = 0
    lines: int = 0
    thought: bool = False
    sources: tuple[wire.Source, ...] = ()


def letters(text: str) -> int:
    """How many characters that are no blanks."""
    return sum(not character.isspace() for character in text)


def without(text: str, count: int) -> tuple[str, int]:
    """*text* without its first *count* letters, and how many of these it did not have."""
    for index, character in enumerate(text):
        if count == 0 and not character.isspace():
            return text[index:], 0
        count -= not character.isspace()
    return "", count
