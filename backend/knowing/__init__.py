"""The room that finds what is known: passages of the user's documents."""

from dataclasses import dataclass
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


class Knowledge(Protocol):
    """The door of this room."""

    async def search(self, text: str, k: int = 4) -> list[Passage]:
        """The *k* passages that fit *text* best, best first; empty when nothing fits.

        Raises `backend.fallback.EngineError` when the store cannot be asked.
        """
        ...
