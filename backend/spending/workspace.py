"""A workspace's own prices, from the raw list of its serving endpoints (the SDK drops the prices)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from backend.spending.prices import Book, Price

DOLLARS_PER_DBU = Fraction(7, 100)
"""List price of a model serving DBU in the US; the endpoints tell their prices in DBU per million tokens."""
PATH = "/api/2.0/serving-endpoints"
MILLION = 1_000_000


def read_endpoints(
    listing: Mapping[str, Any], today: date, host: str, dollars: Fraction = DOLLARS_PER_DBU
) -> list[Price]:
    """The prices in the JSON of `GET /api/2.0/serving-endpoints`; endpoints that tell none are left out.

    Never raises: whatever is not as expected is no price.
    """
    found = []
    for endpoint in _list(listing, "endpoints"):
        name = endpoint.get("name")
        if not isinstance(name, str):
            continue
        for model in _models(endpoint):
            prompt, completion = _number(model.get("input_price")), _number(model.get("price"))
            if prompt is None and completion is None:
                continue
            kind = _kind(endpoint, prompt, completion)
            per_token = {"prompt token": prompt if prompt is not None else completion}
            if kind == "model":
                per_token["completion token"] = completion
            rates = {unit: None if dbu is None else dbu * dollars / MILLION for unit, dbu in per_token.items()}
            note = f"{_dbu(prompt)}/{_dbu(completion)} DBU per million tokens at ${float(dollars):g} a DBU"
            found.append(
                Price(name, kind, rates, "The workspace's own price list", f"https://{host}{PATH}", today, note)
            )
            break
    return found


def changes(book: Book, fresh: list[Price]) -> list[tuple[Price, Price | None]]:
    """(new, old) for every price that differs from the book's or is not in it."""
    pairs = ((price, book.prices.get(price.id)) for price in fresh)
    return [(new, old) for new, old in pairs if old is None or dict(old.rates) != dict(new.rates)]


def _models(endpoint: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    config = endpoint.get("config")
    for place in (config if isinstance(config, Mapping) else {}, endpoint):
        for entity in _list(place, "served_entities"):
            model = entity.get("foundation_model")
            if isinstance(model, Mapping):
                yield model


def _kind(endpoint: Mapping[str, Any], prompt: Fraction | None, completion: Fraction | None) -> Any:
    embeds = "embedding" in str(endpoint.get("task", "")) or prompt is None or completion is None
    return "embedding" if embeds else "model"


def _list(place: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    items = place.get(key)
    return (item for item in (items if isinstance(items, list) else []) if isinstance(item, Mapping))


def _number(value: object) -> Fraction | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    # Exponents are bounded: a fraction of 1e999999999 would take all memory there is.
    sane = number.is_finite() and number >= 0 and abs(number.adjusted()) < 20
    return Fraction(number) if sane else None


def _dbu(value: Fraction | None) -> str:
    return "-" if value is None else f"{float(value):g}"
