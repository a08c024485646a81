"""The recorded utterances the tests are checked against, and how to compare mouth tracks."""

from __future__ import annotations

import json
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from rhubarb import MouthCue, Phone, Word

DATA = Path(__file__).parent / "data"
NAMES = sorted(path.name.split(".")[0] for path in DATA.glob("*.wav"))
NATURAL = ("flite", "fest")
"""Voices made from recordings; espeak's is a formant synthesizer, on which Rhubarb's ear fails."""


@dataclass(frozen=True, slots=True)
class Utterance:
    name: str
    voice: str
    text: str
    duration: float
    rate: int
    pcm: bytes
    rhubarb_phones: list[Phone]
    true_phones: list[Phone]
    true_words: list[Word]
    rhubarb: list[MouthCue]
    truth: list[MouthCue]


def load(name: str) -> Utterance:
    data = json.loads((DATA / f"{name}.phones.json").read_text())
    dialog = json.loads((DATA / f"{name}.rhubarb-dialog.json").read_text())
    with wave.open(str(DATA / f"{name}.wav")) as file:
        rate, pcm = file.getframerate(), file.readframes(file.getnframes())
    return Utterance(
        name, data["voice"], data["text"], data["duration"], rate, pcm,
        [_phone(item) for item in data["rhubarb_phones"]],
        [_phone(item) for item in data["synth_phones"]],
        [Word(item["start"], item["end"], item["word"].split("(")[0]) for item in data["synth_words"]],
        [_cue(item) for item in dialog["mouthCues"]],
        [_cue(item) for item in data["mouthCues_from_synth_phones"]],
    )  # fmt: skip


def _phone(item: dict[str, Any]) -> Phone:
    return Phone(item["start"], item["end"], item["phone"])


def _cue(item: dict[str, Any]) -> MouthCue:
    return MouthCue(item["start"], item["end"], item["value"])


def frames(cues: Sequence[MouthCue]) -> str:
    """One letter per 10 ms."""
    return "".join(cue.shape * (round(cue.end * 100) - round(cue.start * 100)) for cue in cues)


def agreement(cues: Sequence[MouthCue], reference: Sequence[MouthCue], within: int = 0) -> float:
    """Share of 10 ms frames whose shape the reference shows at the same time, or within so many frames."""
    mine, theirs = frames(cues), frames(reference)
    count = min(len(mine), len(theirs))
    hits = sum(mine[i] in theirs[max(0, i - within) : i + within + 1] for i in range(count))
    return hits / max(len(mine), len(theirs)) if count else 0.0


def check(cues: Sequence[MouthCue], duration: float) -> None:
    """The promises every list of cues keeps."""
    if duration == 0:
        assert not cues
        return
    assert cues[0].start == 0
    assert cues[-1].end >= duration - 1e-5
    assert all(one.end == other.start for one, other in pairwise(cues))
    assert all(cue.end - cue.start >= 0.02 - 1e-9 for cue in cues)
    assert all(len(cue.shape) == 1 and cue.shape in "ABCDEFGHX" for cue in cues)
