"""The room that turns sound into words (when the browser cannot do it itself)."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words heard; `confidence` from 0 to 1."""

    text: str
    confidence: float = 1.0


class Ears(Protocol):
    """The door of this room."""

    async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
        """Transcribe little-endian int16 mono PCM at 16 kHz. Raises `backend.fallback.EngineError`."""
        ...
