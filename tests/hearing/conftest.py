"""A recogniser for tests that hears how long sound is, and speech made by espeak-ng."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from backend.hearing import RATE, Transcript

WEIGHTLESS = Path(__file__).parent / "data" / "for-tests-ggml-tiny.en.bin"
"""whisper.cpp's own test model: it loads and runs, and having no weights it transcribes nothing."""


def tone(seconds: float, level: float = 0.3) -> bytes:
    """A sound that is no silence."""
    t = np.arange(int(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * 220 * t) * level * 32767).astype("<i2").tobytes()


def quiet(seconds: float) -> bytes:
    """Silence with a little noise in it."""
    noise = np.random.default_rng(1).normal(0, 20, int(seconds * RATE))
    return noise.astype("<i2").tobytes()


@dataclass
class CountingEars:
    """Says how many tenths of a second it was given."""

    name: str = "counting"
    idle: bool = True
    takes: float = 0.0
    heard: list[int] = field(default_factory=list)

    def ready(self, language: str) -> bool:
        return True

    async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
        await asyncio.sleep(self.takes)
        self.heard.append(len(pcm16k))
        return Transcript(f"{len(pcm16k) * 10 // (2 * RATE)}")


@pytest.fixture
def ears() -> CountingEars:
    return CountingEars()
