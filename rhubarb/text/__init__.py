"""Written text to the words as spoken."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PAUSE = re.compile(r"[.,;:!?…—\n。、！？।]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as it is said; `start` and `end` say which characters of the text it comes from."""

    word: str
    start: int
    end: int
    pause: bool = False


def spoken(text: str, language: str = "en-US") -> list[Spoken]:
    """The words of `text` in order. `pause` marks those with punctuation after them."""
    found = list(_WORD.finditer(text))
    words: list[Spoken] = []
    for index, match in enumerate(found):
        after = text[match.end() : found[index + 1].start() if index + 1 < len(found) else len(text)]
        word = match.group().lower().replace("’", "'")
        words.append(
            Spoken(word, match.start(), match.end(), bool(_PAUSE.search(after)) or index + 1 == len(found))
        )
    return words
