"""Words of languages other than English: cut out of the text, read by espeak-ng, numbers too."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

# Small kana and the long mark belong to the character before them.
_ATTACHED = frozenset("ぁぃぅぇぉゃゅょゎっァィゥェォャュョヮッーｰ゛゜")
_SYMBOLS = frozenset("%€$£¥₹°&+=@")


def words(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Start, end and words of every readable piece of `text`."""
    start: int | None = None
    for at, char in enumerate(text):
        if _readable(text, at):
            # Scripts without spaces are cut into syllables.
            if start is not None and _unspaced(char) and char not in _ATTACHED:
                yield start, at, [text[start:at].lower()]
                start = at
            start = at if start is None else start
        elif start is not None:
            yield start, at, [text[start:at].lower()]
            start = None
    if start is not None:
        yield start, len(text), [text[start:].lower()]


def _readable(text: str, at: int) -> bool:
    char = text[at]
    if unicodedata.category(char)[0] in "LMN" or char in _SYMBOLS or char in "\u200c\u200d":
        return True
    if char in "'’.,:" and 0 < at < len(text) - 1:
        # Inside a word an apostrophe, inside a number a separator.
        before, after = text[at - 1], text[at + 1]
        return before.isdigit() and after.isdigit() if char in ".,:" else before.isalpha() and after.isalpha()
    return False


def _unspaced(char: str) -> bool:
    return "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff"
