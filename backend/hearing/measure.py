"""Measures the end of turn on written cases: how long people wait, and how often they are cut off."""

import re
import statistics
from dataclasses import dataclass
from pathlib import Path

from backend.hearing.endofturn import Pauses, wait

_PAUSE = re.compile(r"\|(\d+)\|")


@dataclass(frozen=True, slots=True)
class Case:
    """One turn of a person: pieces of speech, and the pauses (seconds) between them."""

    language: str
    speaker: str
    pieces: tuple[str, ...]
    pauses: tuple[float, ...]

    @property
    def text(self) -> str:
        """All that was said."""
        return " ".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rule made of a case: the wait at its end, and the text at which it cut in (None: nowhere)."""

    case: Case
    waited: float
    cut_at: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Outcomes of all cases."""

    outcomes: list[Outcome]

    @property
    def cuts(self) -> list[Outcome]:
        """The turns that were cut off."""
        return [one for one in self.outcomes if one.cut_at is not None]

    @property
    def cut_share(self) -> float:
        """Turns cut off, of all turns."""
        return len(self.cuts) / len(self.outcomes)

    @property
    def mean_wait(self) -> float:
        """Seconds waited at the end of a turn, on average."""
        return statistics.fmean(one.waited for one in self.outcomes)

    def summary(self) -> str:
        """The figures in a line."""
        waits = sorted(one.waited for one in self.outcomes)
        median, p95 = statistics.median(waits), waits[int(0.95 * len(waits))]
        return (
            f"{len(waits)} turns: mean wait {self.mean_wait * 1000:.0f} ms, median {median * 1000:.0f} ms, "
            f"p95 {p95 * 1000:.0f} ms; cut off {len(self.cuts)} ({self.cut_share:.1%})"
        )


def read(path: Path) -> list[Case]:
    """Cases of a file with tab-separated language, speaker and text; `|450|` is a pause of 450 ms."""
    cases = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            language, speaker, text = line.split("\t")
            parts = _PAUSE.split(text)
            pauses = tuple(int(ms) / 1000 for ms in parts[1::2])
            cases.append(Case(language, speaker, tuple(part.strip() for part in parts[::2]), pauses))
    return cases


def measure(cases: list[Case], fixed: float | None = None) -> Report:
    """Play the cases in order, learning each speaker's pauses. *fixed* seconds instead of the rule, as reference."""
    speakers: dict[str, Pauses] = {}
    outcomes = []
    for case in cases:
        pauses = speakers.setdefault(case.speaker, Pauses())
        said, cut_at = "", None
        for piece, pause in zip(case.pieces, case.pauses, strict=False):
            said = f"{said} {piece}".strip()
            cut = pause >= (fixed or wait(said, case.language, pauses))
            if cut and cut_at is None:
                cut_at = said
            pauses.went_on(pause, interrupted=cut)
        outcomes.append(Outcome(case, fixed or wait(case.text, case.language, pauses), cut_at))
    return Report(outcomes)
