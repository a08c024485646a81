"""How lines are joined: a voice's own silence is trimmed, and a pause that fits the clause's end put in."""

from typing import Literal

from backend.speaking import SAMPLE_RATE, Pcm

_PAUSES = {"clause": 0.06, "sentence": 0.24, "paragraph": 0.30}
"""Seconds. With the 0.08 s that trimming leaves around a line this stays under 0.4 s: a longer silence
between sentences sounds as if the speaker had lost the thread."""
_COMMA = 0.10
_COMMAS = ",;:–—，、；：،؛…"


def pause(
    text: str, end: Literal["clause", "sentence", "paragraph"] = "sentence", rate: float = 0.0
) -> float:
    """Seconds of silence between the spoken *text* and the next line; *rate* as in `Style`.

    A clause that was cut without a mark hardly pauses, one cut at a comma does a little.
    """
    seconds = _PAUSES[end]
    if end == "clause" and text.rstrip("\"'”’)»」 ").endswith(tuple(_COMMAS)):
        seconds = _COMMA
    return seconds / (1.0 + max(rate, -0.2))


def silence(seconds: float) -> Pcm:
    """That much silence; about the nearest sample."""
    return Pcm(bytes(2 * round(max(0.0, seconds) * SAMPLE_RATE)))
