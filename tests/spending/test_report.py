"""The report adds up, and the calculator's sums can be done again by hand."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.spending.calculator import HOURS, Numbers, compare
from backend.spending.prices import open_book
from backend.spending.report import build, to_csv

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 21)
BOOK = open_book()


@dataclass(frozen=True)
class Row:
    day: str = "2026-11-10"
    stage: str = "answer"
    item: str = "small"
    unit: str = "prompt token"
    owner: str = "ann"
    quantity: int = 1
    nano: int = 0
    saved: int = 0


ROWS = st.lists(
    st.builds(
        Row,
        st.dates(SINCE, UNTIL).map(str),
        st.sampled_from(["answer", "summary", "cache", "router", "turn", "voice"]),
        st.sampled_from(["small", "strong", "=cmd()"]),
        st.just("x"),
        st.sampled_from(["ann", "bob", ""]),
        st.integers(0, 10**6),
        st.integers(0, 10**12),
        st.integers(0, 10**12),
    ),
    max_size=30,
)


@given(ROWS)
def test_every_view_adds_up_to_the_whole(rows: list[Row]) -> None:
    report = build(rows, SINCE, UNTIL)
    assert report.nano == sum(row.nano for row in rows) and report.saved == sum(row.saved for row in rows)
    for view in (report.days, report.stages, report.people):
        assert sum(one.nano for one in view) == report.nano
        assert sum(one.saved for one in view) == report.saved
    assert len(report.days) == 21, "days without turns are days as well"
    assert report.turns == sum(row.quantity for row in rows if row.stage == "turn")
    assert 0 <= report.share_saved <= 1
    table = list(csv.reader(io.StringIO(to_csv(rows))))
    assert len(table) == len(rows) + 1
    assert all(not cell.startswith("=") for line in table for cell in line), "no cell that a spreadsheet would run"
    assert sum(Fraction(line[6]) for line in table[1:]) * 10**9 == pytest.approx(report.nano, abs=len(rows))


def test_the_month_goes_by_the_last_full_week() -> None:
    def spent(day: int, nano: int) -> Row:
        return Row(day=f"2026-11-{day:02}", nano=nano)

    steady = build([spent(day, 100) for day in range(1, 22)], SINCE, UNTIL)
    assert steady.month == round(100 * 365 / 12)
    grown = build([spent(day, 0 if day < 14 else 700) for day in range(1, 21)], SINCE, UNTIL)
    assert grown.month == round(700 * 365 / 12), "the weeks before don't count, nor does today"
    new = build([spent(20, 50), spent(21, 5)], SINCE, UNTIL)
    assert new.month == round(50 * 365 / 12), "nor do the days before the first"
    today = build([spent(21, 5)], SINCE, UNTIL)
    assert today.month == round(5 * 365 / 12)
    assert build([], SINCE, UNTIL).month == 0


def test_the_plans_are_quoted_as_they_were() -> None:
    original, planned, listed, ours = compare(Numbers(), BOOK)
    assert (original.low, original.high) == (1572, 3499)
    assert (planned.low, planned.high) == (100, 280)
    assert ours.high < listed.high < original.low


def test_our_bill_by_hand() -> None:
    numbers = Numbers(conversations=10, minutes=2, turns_a_minute=3, days=20, hours=8, region=1.1,
                      prompt_tokens=1_000, answer_tokens=100, cached=0.5, routed=0.5)  # fmt: skip
    turns = 10 * 2 * 3 * 20
    small = Fraction("0.15") * 1_000 / 10**6 + Fraction("0.45") * 100 / 10**6
    strong = Fraction("0.5") * 1_000 / 10**6 + Fraction("1.5") * 100 / 10**6
    ours = compare(numbers, BOOK)[3]
    model, app = ours.parts[0], next(part for part in ours.parts if part.name == "App")
    assert model.low == turns * (small + strong) / 4 * Fraction("1.1")
    assert app.low == Fraction("0.375") * Fraction("1.1") * 8 * 20
    assert ours.low == model.low + app.low, "voice, ears, search and SQLite cost nothing besides"
    assert all(part.source for one in compare(numbers, BOOK) for part in one.parts)


@settings(deadline=None)
@given(
    st.builds(
        Numbers,
        conversations=st.integers(0, 10**6),
        minutes=st.floats(0, 60).map(lambda x: round(x, 2)),
        days=st.integers(0, 31),
        hours=st.floats(0, 24).map(lambda x: round(x, 1)),
        cached=st.floats(0, 1).map(lambda x: round(x, 3)),
        routed=st.floats(0, 1).map(lambda x: round(x, 3)),
    )
)
def test_caching_more_never_costs_more(numbers: Numbers) -> None:
    assert 0 <= numbers.app_hours <= HOURS
    ours = compare(numbers, BOOK)[3]
    assert compare(replace(numbers, cached=1.0), BOOK)[3].low <= ours.low
    assert compare(replace(numbers, routed=1.0), BOOK)[3].low <= ours.low


def test_the_database_by_hand() -> None:
    ours = compare(Numbers(hours=8, days=22, database="lakebase", database_units=2, region=1.5), BOOK)[3]
    part = ours.parts[-1]
    assert part.low == part.high == (Fraction("0.111") * 2 * 8 * 22 + Fraction("0.35")) * Fraction("1.5")
    assert "x $0.1665" in part.sum and "2025-12-31" in part.source and not ours.unknown


def test_an_unknown_price_is_a_range_that_says_so() -> None:
    numbers = Numbers(size="large", database="lakebase-provisioned", hours=10, days=20)
    ours = compare(numbers, BOOK)[3]
    app, database = ours.parts[-2:]
    assert (app.low, app.high) == (Fraction("0.375") * 200, Fraction("1.5") * 200) and not app.known
    assert "unknown" in app.sum and "assumption" in app.source and "unknown" in database.sum
    assert ours.unknown == ("App", "Database") and ours.high > ours.low


def test_an_unknown_price_is_not_nothing() -> None:
    ours = compare(Numbers(strong="llama3:8b"), BOOK)[3]
    assert ours.parts[0].low is None and "unknown" in ours.parts[0].sum
