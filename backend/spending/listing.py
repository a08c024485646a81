"""`visavis prices`: the book for people, with a warning where it is old."""

import json
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import get_args

from backend.spending.prices import OLD, Book, Kind, Price

SCALES = ((1_000_000, "1M"), (1_000, "1k"), (1, "1"))


def table(book: Book, today: date) -> str:
    """The whole book, by kind, and the warnings last."""
    lines = []
    for kind in get_args(Kind):
        lines += [f"{kind}", *(_line(price, today) for price in book if price.kind == kind), ""]
    sources = {price.source: price for price in book}
    lines += [
        "Sources",
        *(
            f"  {p.source}, {f'read {p.day}' if p.day else 'undated'}{': ' + p.url if p.url else ''}"
            for p in sources.values()
        ),
    ]
    return "\n".join([*lines, *warnings(book, today)])


def warnings(book: Book, today: date) -> list[str]:
    """What a person should do about the book; empty when all is well."""
    return [*old(book, today), *unknown(book)]


def unknown(book: Book) -> list[str]:
    """What nobody knows the price of, and how to find out; models that stand for all others aside."""
    found = [price for price in book if None in price.rates.values() and price.between]
    return [f"Not known: what {price.id} costs. {price.note}" for price in found]


def old(book: Book, today: date) -> list[str]:
    """What was read too long ago, and what to do about it."""
    found = [price.id for price in book if price.old(today) and "comparison" not in price.note]
    if not found:
        return []
    names = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
    number = "1 price is" if len(found) == 1 else f"{len(found)} prices are"
    return [
        "",
        f"Warning: {number} older than {OLD.days} days: {names}. `visavis prices --refresh` reads those of your "
        "Databricks workspace; the others go into a file that VISAVIS_PRICES names.",
    ]


def as_json(book: Book, today: date) -> str:
    """The same for programs: dollars per unit as exact fractions and as numbers."""
    return json.dumps(
        [
            {
                "id": price.id,
                "kind": price.kind,
                "currency": price.currency,
                "rates": {unit: None if rate is None else float(rate) for unit, rate in price.rates.items()},
                "between": {unit: [float(low), float(high)] for unit, (low, high) in price.between.items()},
                "exact": {unit: None if rate is None else str(rate) for unit, rate in price.rates.items()},
                "source": price.source,
                "url": price.url,
                "date": price.day.isoformat() if price.day else None,
                "old": price.old(today),
                "note": price.note,
            }
            for price in book
        ],
        indent=1,
        ensure_ascii=False,
    )


def rates(price: Price) -> str:
    """For example "$0.50 per 1M prompt token, $1.50 per 1M completion token"."""
    return ", ".join(rate(unit, value, price.between.get(unit)) for unit, value in price.rates.items())


def rate(unit: str, value: Fraction | None, between: tuple[Fraction, Fraction] | None = None) -> str:
    """One rate in the scale that people use for it."""
    if value is None:
        taken = f", taken for ${float(between[0]):.4g} to ${float(between[1]):.4g}" if between else ""
        return f"{unit}: unknown{taken}"
    if value == 0:
        return f"{unit}: free"
    per, name = next(((per, name) for per, name in SCALES if value * per < 100), SCALES[-1])
    return f"${float(value * per):.4g} per {name + ' ' if per > 1 else ''}{unit}"


def _source(price: Price) -> str:
    read = f"read {price.day}" if price.day else "undated"
    return f"{price.source}, {read}{': ' + price.url if price.url else ''}"


def _line(price: Price, today: date) -> str:
    mark = " (old)" if price.old(today) else ""
    return f"  {price.id:<42} {rates(price)}{mark}"


def told(changed: Iterable[tuple[Price, Price | None]]) -> str:
    """What a refresh changed."""
    lines = [f"  {new.id}: {rates(old) + ' -> ' if old else 'new, '}{rates(new)}" for new, old in changed]
    return "\n".join(["Changed:", *lines]) if lines else "The workspace's prices are those of the book."
