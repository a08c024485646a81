"""Written text to the words as they are spoken."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from rhubarb.text import english, other
from rhubarb.text.spoken import Spoken

__all__ = ["MAX_CHARACTERS", "Spoken", "spoken"]

MAX_CHARACTERS = 40_000
"""More than an hour of speech; what comes after is left out."""

_PAUSES = frozenset('.,;:!?…—–\n()[]"“”。、！？，；：।؟،')


def spoken(text: str, language: str = "en-US") -> list[Spoken]:
    """The words of `text` as they are said, in order, each with the characters it comes from.

    `pause` marks those with punctuation after them, where a voice may halt.
    """
    text = text[:MAX_CHARACTERS]
    # Control characters and lone surrogates are no text; spaces keep every position where it is.
    text = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} and char != "\n" else char for char in text)
    read = english.words if language.lower().startswith("en") else other.words
    found = [Spoken(word, start, end) for start, end, words in read(text) for word in words]
    last = [Spoken("", len(text), len(text))] if found else []
    return [
        Spoken(word.word, word.start, word.end, pause=after.start > word.start and _pauses(text, word, after))
        for word, after in pairwise(found + last)
    ]


def _pauses(text: str, word: Spoken, after: Spoken) -> bool:
    return not after.word or any(char in _PAUSES for char in text[word.end : after.start])
