"""Lip sync in Rhubarb's mouth shapes, in process and streaming.

    cues(pcm, rate, text)           mouth cues for audio and what is said in it
    Stream(text, rate).feed(pcm)    the same while the audio arrives
    animate(phones)                 Rhubarb's animation rules alone

Times are in seconds; shapes are A to H and X.
"""

from contextlib import suppress

from rhubarb import espeak as _espeak
from rhubarb.ear.model import load as _load
from rhubarb.model import SHAPES, MouthCue, Phone, Word
from rhubarb.rules import animate
from rhubarb.stream import Stream
from rhubarb.whole import cues

__all__ = ["SHAPES", "MouthCue", "Phone", "Stream", "Word", "animate", "cues", "warm"]


def warm() -> None:
    """Load what the first stream would otherwise load: 0.1 to 0.3 s, best spent in a thread at the start."""
    with suppress(_espeak.EspeakError, ImportError, OSError, ValueError):
        _load()
        cues(bytes(4800), 24000, "warm zwarmily")
