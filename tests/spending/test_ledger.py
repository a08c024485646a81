"""Bills are exact: nothing is lost or counted twice, in whatever order it comes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.spending.ledger import Bill, Line, Meter, Tokens, Totals
from backend.spending.money import NANO
from backend.spending.prices import open_book

BOOK = open_book()
SMALL, STRONG = "databricks-meta-llama-3-1-8b-instruct", "databricks-meta-llama-3-3-70b-instruct"
MODELS = st.sampled_from([SMALL, STRONG, "databricks-gpt-5-nano", "offline", "llama3:8b"])
TOKENS = st.builds(Tokens, st.integers(0, 10**6), st.integers(0, 10**5), st.integers(0, 10**6))
REQUESTS = st.lists(st.tuples(st.sampled_from(["answer", "speculation", "summary"]), MODELS, TOKENS, st.booleans()))


@given(REQUESTS)
def test_a_bill_is_the_sum_of_its_requests(requests: list[tuple[str, str, Tokens, bool]]) -> None:
    bill = Bill(BOOK)
    expected = Fraction(0)
    for stage, model, tokens, estimated in requests:
        bill.tokens(stage, model, tokens, estimated=estimated)
        price = BOOK.find(model)
        expected += (price.cost("prompt token", tokens.prompt) or 0) + (
            price.cost("completion token", tokens.completion) or 0
        )
    assert sum(line.quantity for line in bill.lines) == sum(t.prompt + t.completion for _, _, t, _ in requests)
    assert bill.total == expected * NANO, "list prices are whole nano-dollars a token, so nothing is rounded"
    assert bill.total == sum(line.nano for line in bill.lines)
    unpriced = {line.item for line in bill.lines if not line.priced}
    assert unpriced == {model for _, model, t, _ in requests if model == "llama3:8b" and (t.prompt or t.completion)}


@given(REQUESTS, st.randoms())
def test_the_order_does_not_matter(requests: list[tuple[str, str, Tokens, bool]], random: "object") -> None:
    def lines(items: list[tuple[str, str, Tokens, bool]]) -> list[Line]:
        bill = Bill(BOOK)
        for stage, model, tokens, estimated in items:
            bill.tokens(stage, model, tokens, estimated=estimated)
        return sorted(bill.lines, key=repr)

    shuffled = list(requests)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert lines(requests) == lines(shuffled)


def test_a_whole_turn() -> None:
    bill = Bill(BOOK)
    bill.tokens("answer", SMALL, Tokens(1_000, 200, 600))
    bill.embedded("databricks-gte-large-en", 12)
    bill.spoken("edge", 420)
    bill.heard("whisper-cpp", 2.5)
    bill.cpu("lip sync", 0.0125)
    bill.fallback("edge", "espeak")
    bill.hit("lines", "memory", 77)
    bill.routed(STRONG, SMALL, Tokens(1_000, 200))
    by_item = {(line.stage, line.unit): line for line in bill.lines}
    assert by_item["answer", "prompt token"].quantity == 400
    assert by_item["answer", "cached token"].nano == 600 * 150, "no discount is known, so none is assumed"
    assert by_item["cpu", "cpu us"].quantity == 12_500
    assert by_item["ears", "ms heard"].quantity == 2_500
    assert bill.total == 1_000 * 150 + 200 * 450 + 12 * 130
    assert bill.saved == 77 + 1_000 * (500 - 150) + 200 * (1_500 - 450)
    totals = Totals()
    totals.add(bill.lines)
    totals.add(bill.lines)
    assert (totals.turns, totals.nano, totals.saved) == (2, 2 * bill.total, 2 * bill.saved)
    assert totals.by_stage["answer"] == 2 * (1_000 * 150 + 200 * 450)
    with pytest.raises(ValueError):
        bill.spoken("edge", -1)


@given(st.lists(st.integers(0, 50), max_size=20), st.booleans(), st.booleans(), st.integers(1, 3))
def test_a_meter_writes_once(pieces: list[int], figures: bool, began: bool, closes: int) -> None:
    bill = Bill(BOOK)
    meter = Meter(bill, "answer", SMALL, lambda: 100, len)
    if began:
        meter.began()
    for number, piece in enumerate(pieces):
        meter.piece("x" * piece)
        if figures:
            # Some providers repeat cumulative figures in every chunk: the last ones count.
            meter.usage(SMALL, Tokens(90, sum(pieces[: number + 1])))
    for _ in range(closes):
        meter.close()
    quantities = {line.unit: line.quantity for line in bill.lines}
    if not pieces and not began:
        assert quantities == {}, "what brought nothing costs nothing"
    else:
        known = figures and bool(pieces)
        assert quantities.get("prompt token") == (90 if known else 100)
        assert quantities.get("completion token", 0) == sum(pieces)
        assert all(line.estimated is not known for line in bill.lines)
