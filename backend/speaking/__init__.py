"""The room that turns a line of text into sound."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

SAMPLE_RATE = 24_000
"""Every voice delivers mono 16-bit PCM at this rate (Hz); it is what Edge sends, and plenty for speech."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is to be spoken.

    `language` is a BCP 47 tag ("en-US"); `voice` names an engine's voice or is empty for the engine's
    default in that language; `rate` and `pitch` are relative, -0.5 to 1.0, 0 meaning unchanged.
    """

    language: str = "en-US"
    voice: str = ""
    rate: float = 0.0
    pitch: float = 0.0


@dataclass(frozen=True, slots=True)
class Pcm:
    """Sound: little-endian int16 mono at `SAMPLE_RATE`, of any length; the chunks of a line leave no gap."""

    data: bytes


@dataclass(frozen=True, slots=True)
class WordMark:
    """A word of the line with the time at which it is spoken, in seconds of the delivered sound."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class PhoneMark:
    """A phone in ARPAbet as the voice itself timed it, in seconds of the delivered sound."""

    start: float
    end: float
    phone: str


Spoken = Pcm | WordMark | PhoneMark


class Voice(Protocol):
    """The door of this room.

    An engine may also have `async prepare()`: it loads what the first line would wait for, off the event loop,
    and raises `EngineError` when it already knows that it cannot speak. `say` works without it.
    """

    @property
    def name(self) -> str:
        """A short stable name for notices, ledger and metrics: "edge", "espeak"."""
        ...

    def say(self, text: str, style: Style) -> AsyncIterator[Spoken]:
        """Speak *text* (clean prose, see `spoken.py`; one clause or sentence), streaming; nothing at all comes
        for text without a letter or digit.

        Leading and trailing silence is already trimmed. Marks arrive no later than the sound they belong to
        where the engine makes that possible. Raises `backend.fallback.EngineError` when it cannot speak.
        Closing the iterator releases the engine at once.
        """
        ...
