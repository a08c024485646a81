import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.feeling.features import MAX_CHARS, char_fingerprints, clip, negated, normalise, tokens, word_grams
from backend.feeling.intensity import intensity


def test_normalise() -> None:
    assert normalise("  It’s\tSOOOOO  good ") == "it's sooo good"


def test_tokens() -> None:
    assert tokens("what?!! it's 😀... [name]") == ["what", "?!!", "it's", "😀", "...", "[name]"]


def test_a_negated_word_loses_its_plain_form() -> None:
    grams = word_grams("I am not very happy, but glad")
    assert "¬happy" in grams
    assert "happy" not in grams
    assert "very happy" in grams
    assert "glad" in grams


def test_negation_stops_at_the_comma() -> None:
    assert negated(["no", ",", "i", "am"]) == [False] * 4


def test_shouted_words_are_marked() -> None:
    assert "^now" in word_grams("do it NOW")
    assert not any(gram.startswith("^") for gram in word_grams("[NAME] said so"))


def test_character_runs_do_not_cross_spaces() -> None:
    apart = set(char_fingerprints("ab cd").tolist())
    assert apart == set(char_fingerprints("cd ab").tolist())
    # " ab ": 2-grams " a", "ab", "b "; 3-grams " ab", "ab "; 4-gram " ab "; the same for "cd".
    assert len(apart) == 12


def test_runs_of_different_length_differ() -> None:
    found = char_fingerprints("aaaaaa")
    assert len(set(found.tolist())) == len({gram for n in (2, 3, 4, 5) for gram in _runs(" aaa ", n)})


def _runs(text: str, n: int) -> list[str]:
    return [text[i : i + n] for i in range(len(text) - n + 1)]


@given(st.text())
def test_any_text_has_features(text: str) -> None:
    assert char_fingerprints(text).dtype == np.uint32
    word_grams(text)
    assert len(clip(text * 20)) <= MAX_CHARS + 1


def test_intensity_grows() -> None:
    order = ["a bit sad", "sad", "very sad", "SO VERY sad!!!"]
    values = [intensity(text) for text in order]
    assert values == sorted(values)
    assert values[0] < 0 == values[1] < values[2] < values[3] == 1
    assert intensity("not very good") < 0


def test_stretched_words_are_read_as_they_are_written() -> None:
    assert {"baaad", "bad"} <= set(word_grams("baaaaad"))
    assert {"good"} <= set(word_grams("goooood"))
