"""Mouth and words of a line that no voice of ours says: by how long such words usually take.

For the browser's own voice, whose sound never comes here, and which tells little about its timing.
"""

import re

import numpy as np

from backend.rendering import Cues, Word3, caption_seconds, compact
from backend.speaking import SAMPLE_RATE
from rhubarb import Stream, Word

_PAUSE = {",": 3, ";": 4, ":": 4, ".": 6, "!": 6, "?": 6, "…": 6}
"""A pause takes as long as so many letters: at 15 letters a second 0.2 to 0.4 s."""
_EDGE = re.compile(r"^\W+|\W+$")


def estimated(text: str, language: str) -> tuple[Cues, tuple[Word3, ...]]:
    """(mouth cues, words with their times) of *text*, over `caption_seconds` of it."""
    words = _words(text, caption_seconds(text))
    stream = Stream(text, SAMPLE_RATE, language, listen=False)
    for start, end, word in words:
        stream.word(Word(start, end, word))
    # Noise, as silence would close the mouth: there is sound, only not here.
    length = int(caption_seconds(text) * SAMPLE_RATE)
    sound = np.random.default_rng(0).normal(0, 3_000, length).clip(-32_768, 32_767).astype("<i2")
    cues = stream.feed(sound.tobytes())
    return compact(cues + stream.finish()), words


def _words(text: str, seconds: float) -> tuple[Word3, ...]:
    written = text.split()
    weights = [(max(1, len(_EDGE.sub("", word))) + 1, _PAUSE.get(word[-1], 0)) for word in written]
    whole = sum(map(sum, weights)) or 1
    words, passed = [], 0
    for word, (letters, pause) in zip(written, weights, strict=True):
        start, end = passed / whole * seconds, (passed + letters) / whole * seconds
        if label := _EDGE.sub("", word):
            words.append((round(start, 3), round(end, 3), label))
        passed += letters + pause
    return tuple(words)
