"""The room that finds what is known: passages of the user's documents."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document: its text, where it stands, and how well it fits the question (0 to 1)."""

    id: str
    text: str
    title: str
    heading: str
    source: str
    score: float


@dataclass(slots=True)
class Took:
    """What a search took, for the bill; filled in while it goes."""

    tier: str = ""
    """The tier of the cache that had it, "flight" when somebody was just asking the same; empty when it was made."""
    model: str = ""
    """The embedding model, where there is one."""
    embedded: list[str] = field(default_factory=list)
    """Texts that it gave a vector just now, which is paid for."""
    passing: bool = False
    """Something was missing that will not be the next time: what was found is not worth keeping."""


class Knowledge(Protocol):
    """The door of this room."""

    @property
    def name(self) -> str:
        """What answers now, for people and metrics: "embedded+vectors", "aisearch"."""
        ...

    async def search(self, text: str, k: int = 4, *, took: Took | None = None) -> list[Passage]:
        """The *k* passages that fit *text* best, best first; empty when nothing fits. *took* is told what it took.

        Raises `backend.fallback.EngineError` when the store cannot be asked.
        """
        ...

    async def version(self) -> str:
        """The state of the base: what was made from it is good as long as this stays the same."""
        ...
