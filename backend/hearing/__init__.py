"""The room that turns sound into words (when the browser cannot do it itself), and knows when a person is done."""

from dataclasses import dataclass
from typing import Protocol

RATE = 16_000
"""Samples a second that ears take: int16, little-endian, mono."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words heard; `confidence` from 0 to 1."""

    text: str
    confidence: float = 1.0


class Ears(Protocol):
    """The door of this room."""

    @property
    def name(self) -> str:
        """The engine's name, for the person who asks who listens."""
        ...

    @property
    def idle(self) -> bool:
        """Whether sound would be heard at once: partial results are not worth queueing for."""
        ...

    def ready(self, language: str) -> bool:
        """Whether there is a model for *language*."""
        ...

    async def fetch(self, language: str) -> None:
        """Bring a model for *language*. Raises `backend.fallback.EngineError`."""
        ...

    async def warm(self, language: str) -> None:
        """Load what is there, so that the first words do not wait for it."""
        ...

    async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
        """Transcribe little-endian int16 mono PCM at 16 kHz. Raises `backend.fallback.EngineError`."""
        ...
