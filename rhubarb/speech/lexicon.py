"""PocketSphinx's own English dictionary (134,000 words), searched where it lies on disk.

The file is sorted by word, so a look-up is a binary search over the mapped file: no parsing, no memory.
"""

from __future__ import annotations

import mmap
from functools import cache, lru_cache
from pathlib import Path

Pronunciation = tuple[str, ...]


@lru_cache(maxsize=4096)
def look_up(word: str) -> tuple[Pronunciation, ...]:
    """All pronunciations of a lower-case word, the usual one first; empty if it is not there."""
    pages = _pages()
    if pages is None or not word.isascii():
        return ()
    wanted = word.encode()
    low, high = 0, len(pages)
    while low < high:
        middle = pages.rfind(b"\n", low, (low + high) // 2) + 1 or low
        if _key(pages, middle) < wanted:
            low = pages.find(b"\n", middle) + 1 or high
        else:
            high = middle
    found: list[Pronunciation] = []
    while low < len(pages) and _key(pages, low) == wanted:
        end = pages.find(b"\n", low)
        end = len(pages) if end < 0 else end
        found.append(tuple(pages[low:end].decode().split()[1:]))
        low = end + 1
    return tuple(found)


def _key(pages: mmap.mmap, start: int) -> bytes:
    """The word of the line at `start`, without the number of its variant: 'read(2)' is 'read'."""
    word = pages[start : pages.find(b" ", start)]
    return word[: word.rindex(b"(")] if word.endswith(b")") else word


@cache
def _pages() -> mmap.mmap | None:
    try:
        import pocketsphinx  # noqa: PLC0415 - the import takes 20 ms

        path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (ImportError, OSError):
        return None
