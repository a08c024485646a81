"""What was spent and saved, by day, stage, model and person, and where the month is going."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from backend.spending.ledger import Spent
from backend.spending.money import NANO

PACE_DAYS = 7
"""Days that the projection goes by: a week has every kind of day in it."""
MONTH_DAYS = 365 / 12
MODEL_STAGES = frozenset({"answer", "speculation", "summary", "embedding"})


class Row(Spent, Protocol):
    """Bill lines of a day added up, as they are kept."""

    @property
    def day(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def saved(self) -> int: ...


@dataclass(slots=True)
class Sum:
    """Nano-dollars spent and saved under one name; `quantity` where its unit is the same throughout."""

    name: str
    nano: int = 0
    saved: int = 0
    quantity: int = 0


@dataclass(slots=True)
class Report:
    """The report of a period, both days included."""

    since: date
    until: date
    nano: int = 0
    saved: int = 0
    turns: int = 0
    days: list[Sum] = field(default_factory=list)
    stages: list[Sum] = field(default_factory=list)
    models: list[Sum] = field(default_factory=list)
    answered: list[Sum] = field(default_factory=list)
    """How turns were answered: their number is `quantity`."""
    people: list[Sum] = field(default_factory=list)
    hits: list[Sum] = field(default_factory=list)
    """Cache hits by space and tier: their number is `quantity`."""
    fallbacks: list[Sum] = field(default_factory=list)
    month: int = 0
    """Nano-dollars of a month at this pace."""

    @property
    def share_saved(self) -> float:
        """Saved, as a part of what it would have cost without caches and router."""
        return self.saved / (self.nano + self.saved) if self.nano + self.saved else 0.0

    @property
    def per_thousand(self) -> int:
        """Nano-dollars for a thousand turns."""
        return round(self.nano * 1_000 / self.turns) if self.turns else 0


def build(rows: Iterable[Row], since: date, until: date) -> Report:
    """The report of *rows*."""
    report = Report(since, until)
    days: dict[str, Sum] = {}
    at = since
    while at <= until:
        days[at.isoformat()] = Sum(at.isoformat())
        at += timedelta(days=1)
    groups: dict[str, dict[str, Sum]] = defaultdict(dict)
    for row in rows:
        report.nano += row.nano
        report.saved += row.saved
        for target in (days.setdefault(row.day, Sum(row.day)), *_targets(groups, row)):
            target.nano += row.nano
            target.saved += row.saved
            target.quantity += row.quantity
    report.days = [days[day] for day in sorted(days)]
    report.stages, report.models, report.people = (_dearest(groups[name]) for name in ("stage", "model", "person"))
    report.answered, report.hits, report.fallbacks = (_most(groups[name]) for name in ("turn", "cache", "fallback"))
    report.turns = sum(entry.quantity for entry in report.answered)
    report.month = _month(report.days)
    return report


def _targets(groups: dict[str, dict[str, Sum]], row: Row) -> Iterable[Sum]:
    names = [("stage", row.stage), ("person", row.owner)]
    if row.stage in MODEL_STAGES:
        names.append(("model", row.item))
    if row.stage in {"turn", "cache", "fallback"}:
        names.append((row.stage, row.item))
    return [groups[group].setdefault(name, Sum(name)) for group, name in names]


def _dearest(sums: dict[str, Sum]) -> list[Sum]:
    return sorted((one for one in sums.values() if one.nano or one.saved), key=lambda one: (-one.nano, one.name))


def _most(sums: dict[str, Sum]) -> list[Sum]:
    return sorted(sums.values(), key=lambda one: (-one.quantity, one.name))


def _month(days: Sequence[Sum]) -> int:
    """By the last days up to a week, from the first on which anything happened. The last one, today, is not over; it
    counts only where there is no other."""
    recent = days[-PACE_DAYS - 1 : -1]
    while recent and not (recent[0].nano or recent[0].quantity):
        recent = recent[1:]
    recent = recent or days[-1:]
    return round(sum(day.nano for day in recent) / len(recent) * MONTH_DAYS) if recent else 0


def to_csv(rows: Iterable[Row]) -> str:
    """*rows* for a spreadsheet; dollars with all nine decimals."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["day", "stage", "item", "unit", "who", "quantity", "dollars", "saved"])
    for row in rows:
        words = (_plain(word) for word in (row.day, row.stage, row.item, row.unit, row.owner))
        writer.writerow([*words, row.quantity, f"{row.nano / NANO:.9f}", f"{row.saved / NANO:.9f}"])
    return out.getvalue()


def _plain(word: str) -> str:
    """Spreadsheets run cells that begin like formulas; names come from servers that we don't know."""
    return f"'{word}" if word.startswith(("=", "+", "-", "@", "\t", "\r")) else word
