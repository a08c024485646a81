"""The book: every entry can be read, says where it is from, and ages."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.spending.listing import as_json, table, warnings
from backend.spending.money import show
from backend.spending.prices import Book, Price, PriceError, open_book, read, write
from backend.spending.workspace import changes, read_endpoints

TODAY = date(2026, 11, 21)


def test_every_entry_says_where_it_is_from() -> None:
    book = open_book()
    assert len(list(book)) > 25
    for price in book:
        assert price.source and price.currency == "USD"
        assert price.rates, f"{price.id} has no rate"
        assert price.day is not None or "comparison" in price.note
    kinds = {price.kind for price in book}
    assert kinds == {"model", "embedding", "search", "app", "database", "voice", "ears"}


@pytest.mark.parametrize(
    ("name", "prompt", "completion"),
    [
        ("databricks-meta-llama-3-3-70b-instruct", "0.5", "1.5"),
        ("system.ai.meta-llama-3-3-70b-instruct", "0.5", "1.5"),
        ("meta-llama-3.3-70b-instruct-121024", "0.5", "1.5"),
        ("databricks-gpt-5-nano", "0.05", "0.4"),
        ("databricks-claude-sonnet-4-6", "3", "15"),
        ("offline", "0", "0"),
    ],
)
def test_models_are_found_by_their_names(name: str, prompt: str, completion: str) -> None:
    price = open_book().find(name)
    assert price.cost("prompt token", 1_000_000) == Fraction(prompt)
    assert price.cost("completion token", 1_000_000) == Fraction(completion)


def test_hours_of_a_month_are_what_the_list_says() -> None:
    book = open_book()
    for name, month in (("app-medium-premium", 274), ("app-medium-enterprise", 347), ("ai-search-standard", 204),
                        ("ai-search-storage-optimized", 934)):  # fmt: skip
        cost = book.find(name).cost("hour", 730)
        assert cost is not None and round(cost) == month


def test_what_is_not_known_is_unknown_and_not_free() -> None:
    book = open_book()
    assert book.find("llama3:8b").cost("prompt token", 1_000_000) is None
    assert not book.knows("llama3:8b")
    assert book.find("lakebase-provisioned").cost("hour", 1) is None


def test_a_file_overrides_entry_by_entry(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(
        '[price."llama3:8b"]\nkind = "model"\nsource-name = "ours"\ndate = 2026-11-20\n'
        '"prompt token" = "0 per 1"\n"completion token" = "0.01 per 1000"\n'
        '[price.databricks-gpt-5-nano]\nkind = "model"\nsource-name = "contract"\ndate = 2026-11-20\n'
        '"prompt token" = "0.04 per 1000000"\n"completion token" = "0.3 per 1000000"\n'
    )
    book = open_book(file, tmp_path / "missing.toml")
    assert book.find("llama3:8b").cost("completion token", 1_000) == Fraction(1, 100)
    assert book.find("databricks-gpt-5-nano").source == "contract"
    assert book.find("databricks-gpt-5-mini").source.startswith("Databricks")


@pytest.mark.parametrize(
    "entry",
    ['kind = "modle"', 'kind = "model"\n"prompt token" = "cheap"', 'kind = "model"\n"prompt token" = "-1 per 10"',
     'kind = "model"\n"prompt token" = "1 per 0"',
     'kind = "model"\n"prompt token" = "1e999999999 per 1"',
     'kind = "model"\nsource = "nowhere"', 'kind = "model"\ndate = "soon"',
     '"prompt token" = "1 per 10"', 'kind = "model"\n"prompt token" = 3'],
)  # fmt: skip
def test_a_wrong_entry_is_named(entry: str) -> None:
    with pytest.raises(PriceError, match=r"mine, price 'x'"):
        read(f"[price.x]\n{entry}", "mine")
    with pytest.raises(PriceError, match="mine is not TOML"):
        read("price = [", "mine")


@given(st.text(max_size=12), st.fractions(0, 100), st.text(max_size=30), st.dates() | st.none())
def test_what_is_written_can_be_read(id: str, rate: Fraction, note: str, day: date | None) -> None:
    price = Price(id, "model", {"prompt token": rate, "completion token": None}, "s", "u", day, note)
    (back,) = read(write([price]), "x")
    assert (back.rates, back.day) == (price.rates, day)


def test_old_prices_are_warned_of() -> None:
    book = open_book()
    # Of one thing only an old price was found, and it says so from the first day on.
    assert [line for line in warnings(book, TODAY) if "older" in line] == [warnings(book, TODAY)[1]]
    assert "1 price is older than 90 days: lakebase." in warnings(book, TODAY)[1]
    late = date(2026, 11, 1) + timedelta(days=91)
    assert "older than 90 days" in "".join(warnings(book, late))
    assert "(old)" in table(book, late)
    assert '"old": true' in as_json(book, late)


def test_what_is_not_known_has_a_range_and_says_how_to_find_out() -> None:
    book = open_book()
    unknown = [line for line in warnings(book, TODAY) if line.startswith("Not known")]
    assert len(unknown) == 2 and all("VISAVIS_PRICES" in line and "list_prices" in line for line in unknown)
    large = book.find("app-large")
    assert large.cost("hour", 1) is None and large.range("hour") == (Fraction("0.375"), Fraction("1.5"))
    assert "unknown, taken for $0.375 to $1.5" in table(book, TODAY)
    (back,) = read(write([large]), "x")
    assert back.between == large.between and back.rates == large.rates
    known = book.find("lakebase")
    assert known.range("hour") == (known.cost("hour", 1),) * 2
    assert book.find("llama3:8b").range("prompt token") is None
    for wrong in ("1 per 1", "2 and 1 per 1", "a and b per 1"):
        with pytest.raises(PriceError, match=r"price 'x': .* is not like"):
            read(f'[price.x]\nkind = "app"\n"hour" = "unknown"\n"hour between" = "{wrong}"', "a file")


def endpoint(name: str, **model: Any) -> dict[str, Any]:
    return {"name": name, "task": "llm/v1/chat", "config": {"served_entities": [{"foundation_model": model}]}}


def test_prices_of_a_workspace() -> None:
    listing = {
        "endpoints": [
            endpoint("databricks-meta-llama-3-3-70b-instruct", input_price=7.143, price="21.429"),
            endpoint("databricks-new-model", input_price="1", price="2"),
            {**endpoint("databricks-gte-large-en", price="1.857"), "task": "llm/v1/embeddings"},
            endpoint("no-prices"),
            endpoint("strange", input_price="NaN", price=-3), endpoint("huge", input_price="1e999999999"),
            {"name": 7}, {"name": "mine", "config": None}, "garbage",
        ]
    }  # fmt: skip
    fresh = read_endpoints(listing, TODAY, "example.cloud.databricks.com")
    by_id = {price.id: price for price in fresh}
    assert set(by_id) == {"databricks-meta-llama-3-3-70b-instruct", "databricks-new-model", "databricks-gte-large-en"}
    cost = by_id["databricks-meta-llama-3-3-70b-instruct"].cost("prompt token", 1_000_000)
    assert cost == Fraction("0.50001"), "7.143 DBU at $0.07"
    assert by_id["databricks-gte-large-en"].kind == "embedding"
    book = open_book().with_prices(fresh)
    assert book.find("databricks-new-model").cost("completion token", 1_000_000) == Fraction("0.14")
    assert book.find("databricks-new-model").day == TODAY
    assert len(changes(open_book(), fresh)) == 3
    assert changes(book, fresh) == []
    assert {p.id: p.rates for p in read(write(fresh), "x")} == {p.id: p.rates for p in fresh}


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["endpoints", "config", "served_entities", "foundation_model", "price", "name"]), inner
    ),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["endpoints", "x"]), JSONISH))
def test_any_listing_is_read_without_a_fault(listing: dict[str, Any]) -> None:
    assert isinstance(read_endpoints(listing, TODAY, "h"), list)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "$0"), (999, "<$0.000001"), (1_500, "$0.000002"), (12_345_678, "$0.0123"), (1_234_500_000_000, "$1,234.50")],
)
def test_money_for_people(amount: int, shown: str) -> None:
    assert show(amount) == shown
    assert Book().find("x").id == "x"
