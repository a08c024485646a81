"""The room that finds the words of the answer."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from backend.fallback import Step


def _untold(model: str, count: Callable[[], int]) -> None:
    """The default `taken`."""


def _unheard(_: Step) -> None:
    """For those who do not want to know."""


@dataclass(frozen=True, slots=True)
class Message:
    """One earlier turn's half. For the assistant: only what was really heard."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage offered to the mind, numbered from 1 in the order given."""

    title: str
    text: str
    source: str
    score: float
    heading: str = ""
    """The path of headings above it: "Guide > Install > Linux"."""

    @property
    def place(self) -> str:
        """Where it stands, as one says it: "Guide, Install, Linux". Headings that ask something are left out."""
        parts = [self.title.replace(" > ", ", "), *(part.strip() for part in self.heading.split(" > "))]
        return ", ".join(dict.fromkeys(part for part in parts if part and not part.endswith("?"))) or self.title


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a mind is told for one answer."""

    question: str
    history: tuple[Message, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    language: str = "en-US"
    max_tokens: int = 220
    summary: str = ""
    """What was said before `history`, in short."""
    said: str = ""
    """The beginning of this very answer, where another mind has to go on with it."""
    most: Literal["canned", "small", "strong"] = "strong"
    """The dearest rung that may answer: what a budget still allows."""
    in_depth: bool = False
    """The person asked for more depth."""
    task: str = ""
    """Work behind the conversation: these instructions take the place of persona and rules, and `question` is the
    material, whole. Neither examples nor tools go with it."""
    taken: Callable[[str, Callable[[], int]], None] = _untold
    """Told when a model has taken the prompt, which is paid for from then on: the model's name, and a function that
    counts the prompt's tokens where no usage will tell them (the answer is cut or interrupted)."""
    announce: Callable[[Step], None] = _unheard
    """Told when a mind inside a mind gives way to another, so that the person can be."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer, as it streams."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the answer took; the last item of a stream. `estimated` when the provider gave no figures."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    estimated: bool = False
    choice: str = ""
    """Why this model, where a router chose it: "small: a short question of fact"."""


class Mind(Protocol):
    """The door of this room."""

    @property
    def name(self) -> str:
        """A short stable name for notices, ledger and metrics: "offline", "openai"."""
        ...

    def answer(self, prompt: Prompt) -> AsyncIterator[Token | Usage]:
        """Stream the answer to *prompt*, then its `Usage`.

        Raises `backend.fallback.EngineError`. Closing the iterator really stops the work behind it.
        """
        ...
