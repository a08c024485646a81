"""How long phones typically take, to spread them where no ear has heard them."""

from __future__ import annotations

from collections.abc import Sequence

# Milliseconds in running speech at a neutral rate: means over the true phones of several synthetic voices.
TYPICAL = {
    "AA": 110, "AE": 110, "AH": 75, "AO": 105, "AW": 160, "AY": 150, "B": 65, "CH": 125, "D": 50, "DH": 50,
    "EH": 85, "ER": 115, "EY": 140, "F": 105, "G": 65, "HH": 60, "IH": 75, "IY": 95, "JH": 95, "K": 85,
    "L": 80,
    "M": 70, "N": 70, "NG": 85, "OW": 120, "OY": 170, "P": 95, "R": 75, "S": 115, "SH": 125, "Schwa": 45,
    "T": 65, "TH": 95, "UH": 75, "UW": 90, "V": 65, "W": 75, "Y": 70, "Z": 85, "ZH": 95,
}  # fmt: skip
OTHER = 80

PHRASE_FINAL = 1.4
"""The last syllable before a pause is drawn out by about this much (Klatt 1976)."""


def typical(phones: Sequence[str], *, before_pause: bool = False) -> list[float]:
    """Seconds for each phone of one word."""
    seconds = [TYPICAL.get(phone, OTHER) / 1000 for phone in phones]
    if before_pause:
        for index in range(max(0, len(seconds) - 3), len(seconds)):
            seconds[index] *= PHRASE_FINAL
    return seconds


def fit(phones: Sequence[str], start: float, end: float) -> list[float]:
    """The boundaries (one more than phones) that divide `start` to `end` in typical proportion."""
    seconds = typical(phones)
    scale = (end - start) / sum(seconds) if seconds else 0.0
    edges = [start]
    for second in seconds:
        edges.append(edges[-1] + second * scale)
    edges[-1] = end
    return edges
