"""The price book: what everything costs, where that is written, and since when."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast, get_args

Kind = Literal["model", "embedding", "search", "app", "database", "voice", "ears"]
OLD = timedelta(days=90)
"""After this a price is read again or believed no more: list prices of models change several times a year."""
BUILT_IN = Path(__file__).with_name("prices.toml")
UNLISTED = "openai-compatible"
"""The entry that stands for models without one; its prices are unknown."""


class PriceError(Exception):
    """A price file cannot be read; the message names the entry and what is expected."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one thing costs. `rates` are US dollars per single unit; None where the price is not known."""

    id: str
    kind: Kind
    rates: Mapping[str, Fraction | None]
    source: str
    url: str
    day: date | None
    """When the price was read; None if nobody wrote it down."""
    note: str = ""
    currency: str = "USD"
    between: Mapping[str, tuple[Fraction, Fraction]] = field(default_factory=dict)
    """Where the rate of a unit is not known: what it is taken to lie between, as the note explains."""

    def cost(self, unit: str, quantity: int) -> Fraction | None:
        """Dollars for *quantity* of *unit*; None where that is not known. A missing rate for cached tokens is the
        prompt's: the book knows of no discount then."""
        rate = self.rates.get(unit)
        if unit == "cached token" and unit not in self.rates:
            rate = self.rates.get("prompt token")
        return None if rate is None else rate * quantity

    def range(self, unit: str) -> tuple[Fraction, Fraction] | None:
        """Dollars for one *unit*, from and to; the same where the price is known, None where nothing is."""
        rate = self.cost(unit, 1)
        return (rate, rate) if rate is not None else self.between.get(unit)

    def old(self, today: date) -> bool:
        """Whether the price was read too long ago."""
        return self.day is None or today - self.day > OLD


@dataclass(frozen=True, slots=True)
class Book:
    """All prices by name. Later files win over earlier ones, entry by entry."""

    prices: Mapping[str, Price] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Price]:
        return iter(self.prices.values())

    def find(self, name: str) -> Price:
        """The price of *name*, also by a model's other names; of what has none, an entry with unknown prices."""
        for candidate in _names(name):
            if (found := self.prices.get(candidate)) is not None:
                return found
        unlisted = self.prices.get(UNLISTED) or Price(
            name, "model", {"prompt token": None, "completion token": None}, "not in the book", "", None
        )
        return replace(unlisted, id=name)

    def knows(self, name: str) -> bool:
        """Whether there is an entry for *name*."""
        return any(candidate in self.prices for candidate in _names(name))

    def prices_tokens(self, model: str) -> bool:
        """Whether it is known what tokens of *model* cost."""
        return all(self.find(model).cost(unit, 1) is not None for unit in ("prompt token", "completion token"))

    def dearest(self, kind: Kind, unit: str) -> Fraction:
        """Dollars for one *unit* of the dearest thing of that *kind* whose price is known."""
        costs = (price.cost(unit, 1) for price in self.prices.values() if price.kind == kind)
        return max((cost for cost in costs if cost is not None), default=Fraction(0))

    def with_prices(self, prices: Iterable[Price]) -> "Book":
        """This book with *prices* in place of those of the same names."""
        return Book({**self.prices, **{price.id: price for price in prices}})


def _names(name: str) -> Iterator[str]:
    """A model has one name per address style (`databricks-x`, `system.ai.x`), and some servers report a version."""
    bare = name.removeprefix("system.ai.").removeprefix("databricks-")
    yield from (name, f"databricks-{bare}", bare)
    if name.startswith("onnx:"):
        yield "local-embedding"
    dotless = bare.replace(".", "-")
    stem, _, version = dotless.rpartition("-")
    yield f"databricks-{dotless}"
    if version.isdigit() and len(version) >= 6:
        # "meta-llama-3.3-70b-instruct-121024": the date of the weights.
        yield f"databricks-{stem}"


def open_book(*files: Path) -> Book:
    """The built-in book with what *files* change; those that don't exist are passed over. Raises `PriceError`."""
    book = read(BUILT_IN.read_text("utf-8"), "the built-in book")
    for file in files:
        if file.exists():
            try:
                text = file.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise PriceError(f"{file.name} cannot be read ({type(error).__name__}).") from None
            book = book.with_prices(read(text, file.name))
    return book


def read(text: str, name: str) -> Book:
    """The book in TOML *text*. Raises `PriceError`, which tells *name* and entry."""
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PriceError(f"{name} is not TOML: {error}") from None
    sources = whole.get("source", {})
    prices = {}
    for id, entry in whole.get("price", {}).items():
        try:
            prices[id] = _price(id, entry, sources)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PriceError(f"{name}, price {id!r}: {error}") from None
    return Book(prices)


def unknown_price(book: Book, model: str) -> str:
    """What follows from it that *book* does not know what *model* costs, and what to do about it."""
    dearest = [f"${float(book.dearest('model', f'{part} token') * 1_000_000):g}" for part in ("prompt", "completion")]
    return (
        f"What {model} costs is not known. It is shown as unpriced, and budgets count it at the dearest known price, "
        f"{dearest[0]} and {dearest[1]} for a million tokens read and written. Write its own (0 for a model on your "
        "machine) into the file that VISAVIS_PRICES names; `visavis prices` shows the form."
    )


BETWEEN = " between"
_WORDS = frozenset({"kind", "source", "source-name", "url", "date", "note", "currency"})


def _price(id: str, entry: dict[str, Any], sources: dict[str, dict[str, Any]]) -> Price:
    if entry["kind"] not in get_args(Kind):
        raise ValueError(f"kind is one of {', '.join(get_args(Kind))}")
    source = sources[entry["source"]] if "source" in entry else {}
    when = entry.get("date", source.get("date"))
    if when is not None and not isinstance(when, date):
        raise ValueError("date = 2026-11-01 says when the price was read")
    return Price(
        id,
        cast(Kind, entry["kind"]),
        {unit: _rate(value) for unit, value in entry.items() if unit not in _WORDS and not unit.endswith(BETWEEN)},
        str(entry.get("source-name", source.get("name", ""))),
        str(entry.get("url", source.get("url", ""))),
        when,
        str(entry.get("note", "")),
        str(entry.get("currency", "USD")),
        {unit.removesuffix(BETWEEN): _range(value) for unit, value in entry.items() if unit.endswith(BETWEEN)},
    )


def _range(text: str) -> tuple[Fraction, Fraction]:
    """Dollars a unit in "0.375 and 1.50 per 1"."""
    amounts, _, per = text.partition(" per ")
    first, _, last = amounts.partition(" and ")
    low, high = _rate(f"{first} per {per or 1}"), _rate(f"{last or 'nothing'} per {per or 1}")
    if low is None or high is None or low > high:
        raise ValueError(f"{text!r} is not like '0.375 and 1.50 per 1'")
    return low, high


def _rate(text: str) -> Fraction | None:
    """Dollars a unit in "0.50 per 1000000"; None for "unknown"."""
    if text == "unknown":
        return None
    amount, _, per = text.partition(" per ")
    try:
        parts = Decimal(amount), Decimal(per or "1")
        if any(abs(part.adjusted()) > 100 for part in parts if part.is_finite()):
            raise ValueError
        rate = Fraction(parts[0]) / Fraction(parts[1])
    except (InvalidOperation, ZeroDivisionError, ValueError, OverflowError):
        raise ValueError(f"{text!r} is not like '0.50 per 1000000' or 'unknown'") from None
    if rate < 0:
        raise ValueError(f"{text!r} is negative")
    return rate


def write(prices: Iterable[Price]) -> str:
    """*prices* as TOML that `read` takes."""
    lines = []
    for price in prices:
        lines += [f"[price.{_quote(price.id)}]", f"kind = {_quote(price.kind)}"]
        lines += [f"source-name = {_quote(price.source)}", f"url = {_quote(price.url)}"]
        lines += [f"date = {price.day}"] if price.day else []
        lines += [f"note = {_quote(price.note)}"] if price.note else []
        for unit, rate in price.rates.items():
            text = "unknown" if rate is None else f"{rate.numerator} per {rate.denominator}"
            lines.append(f"{_quote(unit)} = {_quote(text)}")
        for unit, (low, high) in price.between.items():
            per = low.denominator * high.denominator
            lines.append(f"{_quote(unit + BETWEEN)} = {_quote(f'{low * per} and {high * per} per {per}')}")
        lines.append("")
    return "\n".join(lines)


def _quote(text: str) -> str:
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
