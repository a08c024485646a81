"""The thresholds that the server goes by: those of `visavis profile` on this machine, else the defaults below.

Who uses each: `crowd` urgency.py, `keep_seconds` rendered.py, `whisper_short_seconds` hearing/whisper.py, `embed_batch`
knowing/onnx.py. `backend/profiling` says how a figure becomes a threshold, and why.
"""

import json
import math
from dataclasses import dataclass, fields
from pathlib import Path

PROFILE = "profile.json"
"""In the data folder: what `visavis profile` measured."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The defaults come from a run on two cores of an x86-64 server, 2026-11-21 (docs/costs.md has its figures)."""

    crowd: int = 8
    """Turns at work at once from which on the mouth follows word times instead of listening."""
    keep_seconds: float = 0.02
    """Length of a line from which reading it from disk is cheaper than rendering it anew; shorter ones are not kept."""
    whisper_short_seconds: float = 12.0
    """Length of speech up to which the small model hears it, where there is a larger one. Not from that run: it had no
    weights."""
    embed_batch: int = 16
    """Texts that a model of one's own turns into vectors at a time."""


_LIMITS = {"crowd": (1, 10_000), "keep_seconds": (0.0, 60.0), "whisper_short_seconds": (0.0, 300.0),
           "embed_batch": (1, 256)}  # fmt: skip


def thresholds_of(folder: Path) -> Thresholds:
    """What was measured in *folder*; of what was not, or makes no sense, the default."""
    try:
        measured = json.loads((folder / PROFILE).read_text("utf-8"))["thresholds"]
        given = {field.name: measured.get(field.name) for field in fields(Thresholds)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Thresholds()
    found: dict[str, int | float] = {}
    for field in fields(Thresholds):
        value, (least, most) = given[field.name], _LIMITS[field.name]
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            kind = int if isinstance(field.default, int) else float
            found[field.name] = kind(min(most, max(least, value)))
    return Thresholds(**found)  # type: ignore[arg-type]
