"""Counts tokens well enough to keep a budget, without a model's own tokenizer."""

import re

_PIECE = re.compile(r"[A-Za-z]+|\d{1,3}|[^\W\dA-Za-z]|[^\w\s]|\s{2,}")
LETTERS_PER_TOKEN = 6
"""English words up to this length are nearly always one token in today's vocabularies of 100k and more."""
LONGEST = 24
"""Letters that a token stands for at most, white space beside it included."""


def count_tokens(text: str) -> int:
    """Roughly how many tokens *text* takes; rather a few more than a large vocabulary would need."""
    total = 0
    for piece in _PIECE.findall(text):
        total += -(-len(piece) // LETTERS_PER_TOKEN) if piece.isascii() and piece.isalpha() else 1
    return total


def cut_to_tokens(text: str, most: int) -> str:
    """*text* cut at a sentence or word border, so that it takes *most* tokens at most."""
    text = text[: most * LONGEST]  # whoever sends a megabyte does not make us count it
    if count_tokens(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_tokens(text[:middle]) <= most else (low, middle - 1)
    cut = text[:low]
    end = max(cut.rfind(mark) + 1 for mark in (". ", "! ", "? ", "。", "\n"))
    return (cut[:end] if end > len(cut) // 2 else cut[: cut.rfind(" ") if " " in cut else low]).rstrip()
