"""A word as it is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spoken:
    """`word` in lower case; characters `start` to `end` of the text are what it comes from."""

    word: str
    start: int
    end: int
    pause: bool = False


def listed(text: str) -> list[str]:
    """The words of a table written as running text."""
    return text.split()
