"""What of an answer is shown while it is read aloud, and where in it the voice is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.speaking.spoken import Cleaner
from backend.speaking.wording import Places, Wording
from tests.speaking.test_spoken import MARKUP


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Nothing to do here.", "Nothing to do here."),
        ("Set OPENAI_BASE_URL in the file named .env first.", "Set OPENAI_BASE_URL in the file named .env first."),
        ("Set `OPENAI_BASE_URL` in `.env`.", "Set OPENAI_BASE_URL in .env."),
        ("Run `pip install foo_bar[all] --no-deps` now.", "Run pip install foo_bar[all] --no-deps now."),
        ("Run `" + "very long " * 8 + "` now.", "Run " + "very long " * 8 + "now."),
        ("See https://example.org/a_b*c/ for more.", "See https://example.org/a_b*c/ for more."),
        ("See <https://a.b> (https://a.b/c_d).", "See https://a.b (https://a.b/c_d)."),
        ("See [the docs](https://a.b/c?d=e_f#g) now.", "See the docs now."),
        ("See [the docs][1] now.\n\n[1]: https://a.b", "See the docs now."),
        ("**Hello** _there_, ~~old~~ *friend*: `__init__`.", "Hello there, old friend: __init__."),
        ("# Title\nText.", "Title. Text."),
        ("Two things:\n- `a_b`\n- *second*\n\nDone.", "Two things: a_b. second. Done."),
        ("a) this b) that.", "a) this b) that."),
        ("It is so.[1] Really [2, 3].[^note]", "It is so. Really."),
        ("Well done 🎉 :-) a -> b!", "Well done 🎉 :-) a -> b!"),
        ("Tom &amp; Jerry <b>bold</b> a < b.", "Tom & Jerry bold a < b."),
        ("C'est prêt !", "C'est prêt !"),
        ("So $x^2 + y_1 = 3$ holds.", "So x^2 + y_1 = 3 holds."),
        ("Read this:\n```\ncode\n```\nGood.", "Read this: Good."),
        # Private characters from outside stand for nothing that was protected.
        ("`a_b` and \ue000 and &#xe000; and &#57344;x.", "a_b and and and x."),
        # Nothing to be said, so nothing to be shown with it.
        ("https://example.org/x", ""),
    ],
)
def test_the_caption_keeps_the_written_form(written: str, shown: str) -> None:
    assert Cleaner().feed(written).shown == shown


def place(written: str, *words: str) -> list[str]:
    """What is shown from where each of the voice's words is found on."""
    wording = Cleaner().feed(written)
    places = Places(wording)
    found = [places.of(word) for word in words]
    return [wording.shown[at:].split()[0] if at >= 0 else "" for at in found]


def test_each_word_of_the_voice_is_found_where_it_is_written() -> None:
    written = "Set `OPENAI_BASE_URL` in .env, see https://example.org/set/up to set it up."
    voice = ["Set", "OPENAI", "BASE", "URL", "in", "env", "see", "to", "set", "it", "up"]
    assert place(written, *voice) == [
        *("Set", "OPENAI_BASE_URL", "BASE_URL", "URL", "in", "env,", "see", "to", "set", "it", "up."),
    ]


def test_a_word_that_is_named_otherwise_has_no_place_and_loses_no_other() -> None:
    assert place("It costs $5 today.", "It", "costs", "five", "today") == ["It", "costs", "", "today."]


def test_a_word_that_is_said_again_by_the_next_voice_stands_where_it_stood() -> None:
    assert place("One, two, three, two.", "One", "two", "two", "three", "two") == [
        "One,",
        "two,",
        "two,",
        "three,",
        "two.",
    ]


def test_a_line_goes_on_behind_what_was_said() -> None:
    wording = Cleaner().feed("Set `OPENAI_BASE_URL` in .env, see https://a.b/c there.")
    assert wording.spoken == "Set OPENAI BASE URL in .env, see there."
    assert wording.beyond(len("Set OPENAI ")) == Wording(
        "BASE_URL in .env, see https://a.b/c there.", "BASE URL in .env, see there."
    )
    assert not wording.beyond(len(wording.spoken))
    assert wording.beyond(0) == wording


@given(st.lists(st.text(max_size=80) | MARKUP, max_size=4), st.lists(st.text(max_size=8), max_size=8))
def test_whatever_comes_both_forms_fit(clauses: list[str], words: list[str]) -> None:
    cleaner = Cleaner()
    for clause in clauses:
        wording = cleaner.feed(clause)
        assert bool(wording.shown) == bool(wording.spoken) == bool(wording)
        assert not any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in wording.shown)
        for start, end, shown in wording.shared():
            assert wording.spoken[start:end] == wording.shown[shown : shown + end - start]
        places = Places(wording)
        for word in [*words, *wording.spoken.split()]:
            assert -1 <= places.of(word) < max(1, len(wording.shown))
        for at in range(len(wording.spoken) + 1):
            assert wording.spoken.endswith(wording.beyond(at).spoken)
