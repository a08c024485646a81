"""One pass or two? Our aligner hears a line once, as it streams; PocketSphinx's own decoder needs all of it, twice.

Both read the same acoustic model. What they find is compared with the phones that the built-in voice itself says it
made.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.speaking import SAMPLE_RATE, PhoneMark
from rhubarb import Phone
from rhubarb.ear.ear import Ear
from rhubarb.plan import Plan

FRAME = 0.01
_SAME = {"Schwa": "AH", "ER": "AH", "SIL": ""}
"""Vowels that the one writes differently from the other."""


def one_pass(pcm: bytes, text: str) -> list[Phone]:
    """What our aligner hears of *text* in *pcm*."""
    plan = Plan(text, "en-US")
    ear = Ear([word.variants for word in plan.words], [word.spoken.pause for word in plan.words], SAMPLE_RATE)
    ear.feed(np.frombuffer(pcm, np.int16), last=True)
    return [Phone(item.start, item.end, item.phone) for item in ear.heard(final=True)]


def two_passes(pcm: bytes, text: str) -> list[Phone]:
    """What PocketSphinx's decoder hears: the words first, then their phones. Empty where it finds no way."""
    import pocketsphinx  # noqa: PLC0415  (its decoder is needed for nothing else)

    plan = Plan(text, "en-US")
    decoder = pocketsphinx.Decoder(
        lm=None, samprate=SAMPLE_RATE, bestpath=False, beam=1e-80, pbeam=1e-80, wbeam=1e-60, loglevel="FATAL"
    )
    for word in plan.words:
        if decoder.lookup_word(word.spoken.word) is None:
            decoder.add_word(word.spoken.word, " ".join(word.phones).replace("Schwa", "AH"), True)
    decoder.set_align_text(" ".join(word.spoken.word for word in plan.words))
    _run(decoder, pcm)
    if decoder.hyp() is None:
        return []
    decoder.set_alignment()
    _run(decoder, pcm)
    alignment = decoder.get_alignment()  # its iterators do not keep it alive
    # A frame is named by its middle: 10 ms later than its beginning.
    return [
        Phone(phone.start * FRAME + FRAME, (phone.start + phone.duration) * FRAME + FRAME, phone.name)
        for word in alignment
        for phone in word
    ]


def _run(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def agreement(found: Sequence[Phone], true: Sequence[PhoneMark], seconds: float) -> float:
    """The part of the line's hundredths of a second, 0 to 1, in which both name the same phone."""
    ours, theirs = _frames(found, seconds), _frames(true, seconds)
    return sum(one == other for one, other in zip(ours, theirs, strict=True)) / max(1, len(ours))


def _frames(phones: Sequence[Phone | PhoneMark], seconds: float) -> list[str]:
    frames = [""] * int(seconds / FRAME)
    for phone in phones:
        for at in range(max(0, round(phone.start / FRAME)), min(len(frames), round(phone.end / FRAME))):
            frames[at] = _SAME.get(phone.phone, phone.phone)
    return frames
