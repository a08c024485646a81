"""Lip sync in Rhubarb's mouth shapes, in process and streaming.

    cues(pcm, rate, text)           mouth cues for audio and what is said in it
    Stream(text, rate).feed(pcm)    the same while the audio arrives
    animate(phones)                 Rhubarb's animation rules alone

Times are in seconds; shapes are A to H and X.
"""

from rhubarb.model import SHAPES, MouthCue, Phone, Word
from rhubarb.rules import animate
from rhubarb.stream import Stream
from rhubarb.whole import cues

__all__ = ["SHAPES", "MouthCue", "Phone", "Stream", "Word", "animate", "cues"]
