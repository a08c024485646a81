"""From a sentence to hashed word and character n-grams.

Shared by training and by reading, so that both always see the same features.
"""

import re
import zlib
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Fingerprints = NDArray[np.uint32]

# Longer texts are read by their first and last parts: an utterance's feeling sits at its ends, and time stays bounded.
MAX_CHARS = 600

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\ufe0f": None, "\u200d": None})
_ELONGATED = re.compile(r"(.)\1{2,}", re.DOTALL)
_STRETCHED = re.compile(r"([^\W\d_])\1\1")
_TOKEN = re.compile(r"\[name\]|\[religion\]|[^\W_]+(?:'[^\W\d_]+)?|[!?]+|\.\.+|[^\w\s]")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_SPACES = re.compile(r"\s+")
_NEGATIONS = frozenset(
    {
        *("not", "no", "never", "nothing", "hardly", "barely", "without", "nobody", "none", "nor", "neither"),
        *("cannot", "cant", "dont", "didnt", "doesnt", "isnt", "wasnt", "wont"),
    }
)
_CLAUSE_ENDS = frozenset(".!?,;:")
# A negation reaches over "very happy" in "not very happy"; longer reaches read no better on GoEmotions.
_NEGATION_REACH = 2
# Placeholders of the training data, and no shouting.
_NOT_SHOUTED = frozenset({"NAME", "RELIGION"})

_CHAR_GRAMS = (2, 3, 4, 5)
_MULTIPLIER = np.uint32(0x9E3779B1)  # odd, 2^32 / golden ratio: Knuth's multiplicative hashing


def clip(text: str) -> str:
    """*text* without its middle where it is longer than `MAX_CHARS`."""
    if len(text) <= MAX_CHARS:
        return text
    half = MAX_CHARS // 2
    return f"{text[:half]} {text[-half:]}"


def normalise(text: str) -> str:
    """Lower case, plain quotes, single spaces, no letter more than three times in a row."""
    return _SPACES.sub(" ", _ELONGATED.sub(r"\1\1\1", text.translate(_QUOTES).lower())).strip()


def tokens(normalised: str) -> list[str]:
    """Words, runs of `!`, `?` or dots, and every other mark or emoji by itself."""
    return _TOKEN.findall(normalised)


def is_negation(token: str) -> bool:
    return token in _NEGATIONS or token.endswith("n't")


def negated(words: list[str]) -> list[bool]:
    """Which of *words* stand under a negation of their own clause."""
    marks, reach = [], 0
    for word in words:
        under = bool(reach and word[0].isalpha())
        marks.append(under)
        reach -= under
        if word[0] in _CLAUSE_ENDS:
            reach = 0
        elif is_negation(word):
            reach = _NEGATION_REACH
    return marks


def word_grams(text: str) -> list[str]:
    """Words, pairs of words with the sentence's ends, stretched words as they are written, and shouted words.

    A word under a negation counts only as `¬word` and in its pairs: else "happy" outweighs any "not".
    """
    words = tokens(normalise(text))
    bounded = ["<s>", *words, "</s>"]
    grams = [f"¬{word}" if under else word for word, under in zip(words, negated(words), strict=True)]
    grams.extend(f"{a} {b}" for a, b in pairwise(bounded))
    # "baaad" is "bad" as well, and "goood" "good".
    for word in words:
        if _STRETCHED.search(word):
            grams.extend((_STRETCHED.sub(r"\1", word), _STRETCHED.sub(r"\1\1", word)))
    shouted = [word for word in _CAPITALS.findall(text) if word not in _NOT_SHOUTED]
    grams.extend(f"^{word.lower()}" for word in shouted)
    if len(shouted) > 2:
        grams.append("^^")
    return grams


def word_fingerprints(text: str) -> Fingerprints:
    """One 32-bit hash for each of `word_grams`."""
    return np.fromiter((zlib.crc32(gram.encode("utf-8", "replace")) for gram in word_grams(text)), np.uint32)


def char_fingerprints(text: str) -> Fingerprints:
    """One 32-bit hash for each run of 2 to 5 characters that does not cross a space, negated words left out."""
    normalised = normalise(text)
    words = tokens(normalised)
    marks = negated(words)
    if any(marks):
        normalised = " ".join(word for word, under in zip(words, marks, strict=True) if not under)
    padded = f" {normalised} "
    codes = np.frombuffer(padded.encode("utf-32-le", "replace"), np.uint32)
    spaces = np.concatenate(([0], np.cumsum(codes == 32)))
    found = []
    hashed = codes * _MULTIPLIER
    for n in _CHAR_GRAMS:
        if len(codes) < n:
            break
        hashed = (hashed[:-1] ^ (hashed[:-1] >> np.uint32(15))) * _MULTIPLIER + codes[n - 1 :]
        count = len(hashed)
        # Spaces strictly inside the window of n characters.
        inside = spaces[n - 1 : n - 1 + count] - spaces[1 : 1 + count]
        found.append((hashed[inside == 0] ^ np.uint32(n * 0x51ED27)) * _MULTIPLIER)
    return np.concatenate(found) if found else np.empty(0, np.uint32)
