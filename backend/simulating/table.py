"""What each lever is worth: runs the month once for each, and tells it as a table, as JSON and as a chart."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from backend.simulating.month import CACHED, Levers, Month, Outcome, repeated
from backend.simulating.traffic import PROFILES, month
from backend.spending.money import show
from backend.spending.prices import Book

RUNS: tuple[tuple[str, Levers], ...] = (
    ("Naive", Levers()),
    ("Prompt diet", Levers(diet=True)),
    ("Router", Levers(router=True)),
    ("Exact cache", Levers(exact=True)),
    # It finds the same words as well: what it adds is the difference from the row above.
    ("Semantic cache", Levers(semantic=True)),
    ("Rendered lines", Levers(lines=True)),
    ("Silence cut", Levers(silence=True)),
    ("Speculation", Levers(speculation=True)),
    ("All but speculation", Levers(True, True, True, True, True, True)),
    ("All", Levers(True, True, True, True, True, True, True)),
)


LEAST = 0.001
"""A lever that saves less than a thousandth saves nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One run beside the naive one. `saved` is a part of 1 (negative: it costs more)."""

    name: str
    per_thousand: float
    saved: float
    cached: float
    wrong: int
    spoken: int
    heard: float


@dataclass(frozen=True, slots=True)
class Result:
    """A simulated month."""

    profile: str
    days: int
    seed: int
    turns: int
    repeated: float
    small: str
    strong: str
    rows: tuple[Row, ...]


def simulate(
    profile: str, days: int, seed: int, book: Book, models: tuple[str, str], *, told: Callable[[str], None]
) -> Result:
    """The month of *profile* with every lever alone and with all; *models* are (small, strong)."""
    turns = month(PROFILES[profile], days, seed)
    outcomes = []
    for name, levers in RUNS:
        told(name)
        outcomes.append((name, asyncio.run(Month(levers, book, *models).run(turns))))
    naive = outcomes[0][1].per_thousand
    rows = tuple(_row(name, outcome, naive) for name, outcome in outcomes)
    return Result(profile, days, seed, len(turns), repeated(turns), *models, rows)


def _row(name: str, outcome: Outcome, naive: float) -> Row:
    turns = max(1, outcome.totals.turns)
    saved = 1 - outcome.per_thousand / naive if naive else 0.0
    cached = outcome.answered[CACHED] / turns
    return Row(name, outcome.per_thousand, saved, cached, outcome.wrong, outcome.spoken, outcome.heard)


def text(result: Result) -> str:
    """A Markdown table, and plain words on what pays and what does not."""
    about = PROFILES[result.profile].about
    return "\n".join(
        [
            f"{about}. {result.days} days, {result.turns:,} turns, seed {result.seed}; {result.repeated:.0%} of the "
            f"questions were asked before in the same words. Strong: {result.strong}, small: {result.small}.",
            "",
            "| lever | 1,000 turns | saved | from caches | wrong answers | characters spoken | hours heard |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *(
                f"| {row.name} | {show(round(row.per_thousand))} | {row.saved:.1%} | {row.cached:.0%} | {row.wrong} "
                f"| {row.spoken:,} | {row.heard / 3600:.1f} |"
                for row in result.rows
            ),
            "",
            *_verdict(result),
        ]
    )


def _verdict(result: Result) -> Iterator[str]:
    by_name = {row.name: row for row in result.rows}
    alone = result.rows[1:-2]
    pays = sorted((row for row in alone if row.saved > LEAST), key=lambda row: -row.saved)
    yield f"Pays: {', '.join(f'{row.name.lower()} ({row.saved:.0%})' for row in pays)}."
    idle = [row.name.lower() for row in alone if abs(row.saved) <= LEAST]
    if idle:
        yield (
            f"Saves no money while voice and ears are free: {' and '.join(idle)}. Rendered lines alone spare the "
            f"voice {_less(by_name, 'Rendered lines', 'spoken')} of its characters, as a model does not repeat itself "
            f"word for word; with everything else {_less(by_name, 'All but speculation', 'spoken')} (shorter answers "
            f"are part of it). Cut silence spares the ears {_less(by_name, 'Silence cut', 'heard')}."
        )
    lost = by_name["Speculation"]
    yield f"Costs money and buys time only: speculation ({-lost.saved:.1%} more)."
    wrong = sum(row.wrong for row in result.rows)
    yield f"Wrong answers from the cache, over all runs: {wrong}."


def _less(rows: dict[str, Row], name: str, what: str) -> str:
    naive = getattr(rows["Naive"], what)
    return f"{1 - getattr(rows[name], what) / naive:.0%}" if naive else "0%"


def chart(result: Result) -> str:
    """The table's second and third column as an SVG picture, for the documentation."""
    width, row, left, right = 740, 30, 210, 150
    longest = max(one.per_thousand for one in result.rows) or 1
    bars = []
    for number, one in enumerate(result.rows):
        y = 46 + number * row
        size = (width - left - right) * one.per_thousand / longest
        bars += [
            f'<text x="{left - 10}" y="{y + 15}" text-anchor="end">{escape(one.name)}</text>',
            f'<rect x="{left}" y="{y}" width="{size:.1f}" height="20" rx="3" fill="#1f8a80"/>',
            f'<text x="{left + size + 8:.1f}" y="{y + 15}">{_label(one)}</text>',
        ]
    title = f"{result.profile}: what 1,000 turns cost, {result.days} simulated days"
    height = 60 + len(result.rows) * row
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" '
        f'font-family="system-ui, sans-serif" font-size="14" fill="#555">'
        f'<rect width="{width}" height="{height}" rx="8" fill="#fffdf9"/>'
        f'<text x="16" y="28" font-size="16" fill="#222">{escape(title)}</text>{"".join(bars)}</svg>\n'
    )


def _label(row: Row) -> str:
    saved = f"{-row.saved:.0%} more" if row.saved < -LEAST else f"{row.saved:.0%} saved"
    return f"{show(round(row.per_thousand))} ({saved})"
