"""Mouth cues for audio that is there as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from rhubarb.model import MouthCue, Word
from rhubarb.samples import Pcm
from rhubarb.stream import Stream


def cues(pcm: Pcm, rate: int, text: str, language: str = "en-US", *, words: Iterable[Word] = ()) -> list[MouthCue]:
    """Mouth cues for `pcm` (int16 mono samples at `rate` Hz, as bytes or array) in which `text` is said.

    `words` are the voice's own word times, if there are any. The cues are sorted, touch each other and cover
    the whole duration. Empty audio has none. Never raises on audio.
    """
    stream = Stream(text, rate, language)
    for word in words:
        stream.word(word)
    stream.take(pcm)
    return stream.finish()
