from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.thinking.sameness import NEAR, needs_history, same, signature

PAIRS = [
    line.split("\t")
    for line in Path(__file__).with_name("sameness.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
DIFFERENT = [(one, other) for kind, one, other in PAIRS if kind == "different"]
SAME = [(one, other) for kind, one, other in PAIRS if kind == "same"]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_never_mistaken(one: str, other: str) -> None:
    """Even where the vectors would coincide."""
    assert not same(one, other, 1.0)
    assert not same(other, one, 1.0)


def test_most_paraphrases_are_found() -> None:
    assert len(DIFFERENT) >= 100
    assert len(SAME) >= 100
    assert sum(same(one, other, 1.0) for one, other in SAME) / len(SAME) > 0.8


def test_the_vectors_have_to_agree_too() -> None:
    one, other = SAME[0]
    assert same(one, other, NEAR)
    assert not same(one, other, NEAR - 0.001)


@pytest.mark.parametrize(
    "text",
    [
        "And the second one?",
        "Why?",
        "What about costs?",
        "How much is it?",
        "Is that safe?",
        "Tell me more",
        "Who is he?",
    ],
)
def test_questions_that_lean_on_what_was_said_have_no_signature(text: str) -> None:
    assert needs_history(text) or signature(text) is None
    assert not same(text, text, 1.0)


@pytest.mark.parametrize("text", ["", "?!", "the a an", "x" * 10_000, "word " * 500, "\0", "😀"])
def test_odd_texts(text: str) -> None:
    assert not same(text, text, 1.0) or signature(text) is not None


@given(
    st.sampled_from([pair[0] for pair in SAME]),
    st.sampled_from(["not", "never", "without", "7", "Berlin", "only"]),
    st.data(),
)
def test_one_telling_word_more_is_another_question(text: str, word: str, data: st.DataObject) -> None:
    words = text.split()
    place = data.draw(st.integers(2, len(words)))
    longer = " ".join([*words[:place], word, *words[place:]])
    assert not same(text, longer, 1.0)


@given(st.text(max_size=200), st.text(max_size=200))
def test_it_is_symmetric(one: str, other: str) -> None:
    assert same(one, other, 1.0) == same(other, one, 1.0)
