"""The month's bill of four architectures side by side, for a person's own numbers.

Two of them are quoted: the GPU architecture and the optimised plan, as their authors wrote them down. The other two
are computed from the price book: the same plan at today's list prices, and this project. Every part carries the sum
that it was computed by, so that a sceptical reader can do it again.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from backend.spending.prices import Book, Price

QUOTED = Path(__file__).with_name("architectures.toml")
PLAN_MODEL = "databricks-meta-llama-3-3-70b-instruct"
"""The plan names Llama 3.1 70B, which is retired; this is what Databricks replaced it with."""
SMALL_MODEL = "databricks-meta-llama-3-1-8b-instruct"
HOURS = 730
"""Hours of a month."""
DAYS = Fraction(365, 12)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A person's own numbers; the defaults are assumptions, and the page says so.

    Shares are parts of all turns. `region` multiplies Databricks' US list prices.
    """

    conversations: int = 100
    """A day."""
    minutes: float = 3.0
    """Of each conversation."""
    turns_a_minute: float = 3.0
    """About 8 s of question and 12 s of answer."""
    days: int = 30
    """A month."""
    hours: float = 24.0
    """A day that the app runs; it bills while it runs, idle or not."""
    region: float = 1.0
    edition: str = "premium"
    size: str = "medium"
    database: str = "sqlite"
    """A name in the price book; "sqlite" keeps conversations as long as the app's own disk lives."""
    database_units: float = 0.5
    """Capacity units, the smallest there are, for as long as the app runs; and a gigabyte."""
    strong: str = PLAN_MODEL
    small: str = SMALL_MODEL
    prompt_tokens: int = 900
    answer_tokens: int = 80
    answer_characters: int = 330
    cached: float = 0.3
    """Answered from a cache or a written-down line, without a model."""
    routed: float = 0.6
    """Of the others: answered by the small model."""

    @property
    def turns(self) -> Fraction:
        """Turns a month."""
        return self.conversations * self.days * Fraction(str(self.minutes)) * Fraction(str(self.turns_a_minute))

    @property
    def app_hours(self) -> Fraction:
        """Hours a month that the app runs."""
        return min(Fraction(HOURS), Fraction(str(self.hours)) * (DAYS if self.days >= 30 else self.days))


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a month's bill, in dollars; `low` and `high` differ where a range was quoted, or where the price is
    not `known` and a range is assumed. None: nothing is known at all."""

    name: str
    what: str
    low: Fraction | None
    high: Fraction | None
    sum: str
    source: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Architecture:
    """A month's bill."""

    name: str
    note: str
    parts: tuple[Part, ...]

    @property
    def low(self) -> Fraction:
        """Dollars a month, at least."""
        return sum((part.low for part in self.parts if part.low is not None), Fraction(0))

    @property
    def high(self) -> Fraction:
        """Dollars a month, at most."""
        return sum((part.high for part in self.parts if part.high is not None), Fraction(0))

    @property
    def unknown(self) -> tuple[str, ...]:
        """The parts whose price is not known: they are in `low` and `high` as a range, or not at all."""
        return tuple(part.name for part in self.parts if not part.known)


def compare(numbers: Numbers, book: Book) -> list[Architecture]:
    """The original as quoted, the plan as quoted, the plan at list prices, and ours."""
    quoted = tomllib.loads(QUOTED.read_text("utf-8"))
    return [
        _quoted(quoted["original"], "Dedicated endpoints bill while they exist, whatever your numbers are."),
        _quoted(quoted["planned"], "As its authors estimated it."),
        Architecture("The plan at list prices", "For your numbers.", tuple(_planned(numbers, book))),
        Architecture("Visavis", "For your numbers.", tuple(_ours(numbers, book))),
    ]


def _quoted(entry: dict[str, object], note: str) -> Architecture:
    parts: dict[str, tuple[str, int, int]] = entry["parts"]  # type: ignore[assignment]
    source = str(entry["source"])
    return Architecture(
        str(entry["name"]),
        note,
        tuple(Part(name, what, Fraction(low), Fraction(high), "", source) for name, (what, low, high) in parts.items()),
    )


def _planned(numbers: Numbers, book: Book) -> Iterator[Part]:
    yield _model_part(f"Every turn by {PLAN_MODEL}", [(PLAN_MODEL, Fraction(1))], numbers, book)
    yield from _free(book, (("Voice", "edge"), ("Speech recognition", "web-speech")))
    search = book.find("ai-search-standard")
    yield _hours_part("Search", "AI Search, a standard endpoint", search, Fraction(HOURS), numbers.region)
    yield _app_part(numbers, book)


def _ours(numbers: Numbers, book: Book) -> Iterator[Part]:
    asked = 1 - Fraction(str(numbers.cached))
    small = asked * Fraction(str(numbers.routed))
    what = (
        f"{float(1 - asked):.0%} from caches, {float(small):.0%} by the small model, {float(asked - small):.0%} strong"
    )
    yield _model_part(what, [(numbers.small, small), (numbers.strong, asked - small)], numbers, book)
    yield from _free(book, (("Voice", "edge"), ("Speech recognition", "web-speech"), ("Search", "embedded-search")))
    yield _app_part(numbers, book)
    yield _database_part(numbers, book)


def _model_part(what: str, shares: list[tuple[str, Fraction]], numbers: Numbers, book: Book) -> Part:
    total: Fraction | None = Fraction(0)
    sums, sources = [], []
    for model, share in shares:
        price = book.find(model)
        prompt = price.cost("prompt token", numbers.prompt_tokens)
        answer = price.cost("completion token", numbers.answer_tokens)
        if share == 0:
            continue
        if prompt is None or answer is None or total is None:
            total = None
            sums.append(f"{model}: price unknown")
            continue
        turn = (prompt + answer) * Fraction(str(numbers.region))
        total += turn * share * numbers.turns
        sums.append(f"{float(numbers.turns * share):,.0f} turns x ${float(turn):.6f}")
        sources.append(_read(price))
    text, where = " + ".join(sums), "; ".join(dict.fromkeys(sources))
    return Part("Language model", what, total, total, text, where, total is not None)


def _app_part(numbers: Numbers, book: Book) -> Part:
    what = f"Databricks App, {numbers.size}, {numbers.edition}"
    name = f"app-{numbers.size}-{numbers.edition}"
    price = book.find(name if book.knows(name) else f"app-{numbers.size}")
    return _hours_part("App", what, price, numbers.app_hours, numbers.region)


def _database_part(numbers: Numbers, book: Book) -> Part:
    price = book.find(numbers.database)
    units, disk = numbers.database_units, price.cost("gigabyte month", 1) or Fraction(0)
    if price.cost("hour", 1) == 0:
        return Part("Database", numbers.database, Fraction(0), Fraction(0), "free", price.note or price.source)
    what = f"{numbers.database}, {units:g} units while the app runs"
    region = Fraction(str(numbers.region))
    part = _hours_part("Database", what, price, numbers.app_hours * Fraction(str(units)), numbers.region)
    if part.low is None or part.high is None or not disk:
        return part
    disk *= region
    total = f"{part.sum} + 1 GB x ${float(disk):.4g}"
    return replace(part, low=part.low + disk, high=part.high + disk, sum=total)


def _hours_part(name: str, what: str, price: Price, hours: Fraction, region: float) -> Part:
    hour = price.range("hour")
    if hour is None:
        return Part(name, what, None, None, "price unknown", price.source, known=False)
    low, high = (each * Fraction(str(region)) for each in hour)
    text = f"{float(hours):,.0f} h x ${float(low):.4g}"
    if low != high:
        text += f" to ${float(high):.4g}, as the price is unknown and a range is assumed"
    return Part(name, what, low * hours, high * hours, text, price.note if low != high else _read(price), low == high)


def _free(book: Book, parts: tuple[tuple[str, str], ...]) -> Iterator[Part]:
    for name, item in parts:
        price = book.find(item)
        yield Part(name, item, Fraction(0), Fraction(0), "free", price.note or price.source)


def _read(price: Price) -> str:
    return f"{price.source}, read {price.day}" if price.day else price.source
