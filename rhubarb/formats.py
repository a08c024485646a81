"""Mouth cues as Rhubarb writes them: JSON, TSV, XML."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from rhubarb.model import MouthCue


def to_json(cues: Sequence[MouthCue], sound: str, duration: float) -> str:
    lines = ",\n".join(
        f'    {{ "start": {cue.start:.2f}, "end": {cue.end:.2f}, "value": "{cue.shape}" }}' for cue in _whole(cues)
    )
    return (
        f'{{\n  "metadata": {{\n    "soundFile": {json.dumps(sound, ensure_ascii=False)},\n'
        f'    "duration": {_floor(duration):.2f}\n  }},\n  "mouthCues": [\n{lines}\n  ]\n}}\n'
    )


def to_tsv(cues: Sequence[MouthCue], sound: str, duration: float) -> str:
    rows = [f"{cue.start:.2f}\t{cue.shape}\n" for cue in _whole(cues)]
    # The last row says when the last shape ends.
    return "".join(rows) + f"{_floor(duration):.2f}\tX\n"


def to_xml(cues: Sequence[MouthCue], sound: str, duration: float) -> str:
    rows = "".join(
        f'    <mouthCue start="{cue.start:.2f}" end="{cue.end:.2f}">{cue.shape}</mouthCue>\n' for cue in _whole(cues)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n  <metadata>\n'
        f"    <soundFile>{escape(sound)}</soundFile>\n    <duration>{_floor(duration):.2f}</duration>\n"
        f"  </metadata>\n  <mouthCues>\n{rows}  </mouthCues>\n</rhubarbResult>\n"
    )


FORMATS: dict[str, Callable[[Sequence[MouthCue], str, float], str]] = {
    "json": to_json, "tsv": to_tsv, "xml": to_xml,
}  # fmt: skip


def _floor(seconds: float) -> float:
    """Rhubarb counts whole centiseconds."""
    return int(seconds * 100 + 1e-6) / 100


def _whole(cues: Sequence[MouthCue]) -> list[MouthCue]:
    return [MouthCue(cue.start, _floor(cue.end), cue.shape) for cue in cues]
