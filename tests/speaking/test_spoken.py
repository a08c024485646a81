"""What of an answer is read aloud."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.speaking.spoken import Cleaner, clean


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Nothing to do here.", "Nothing to do here."),
        # Markdown
        ("**Hello** _there_, ~~old~~ *friend*.", "Hello there, old friend."),
        ("***Very*** __important__", "Very important"),
        ("# Title\nText.", "Title. Text."),
        ("## Done! ##\nText.", "Done! Text."),
        ("Title\n=====\nText.", "Title. Text."),
        ("**Title**\n\nText.", "Title. Text."),
        ("Two things:\n- first\n- *second*\n\nDone.", "Two things: first. second. Done."),
        ("1. Open it\n2. Close it", "1. Open it. 2. Close it."),
        ("a) this b) that", "a, this b) that."),
        ("- [x] bought\n- [ ] sold", "bought. sold."),
        ("> A quoted\n> sentence.", "A quoted sentence."),
        ("One.\n\n---\n\nTwo.", "One. Two."),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nAfter.", "After."),
        ("a | b", "a, b"),
        ("a\\_b and \\*", "a b and *"),
        # Code
        ("Run `pip install foo_bar` now.", "Run pip install foo bar now."),
        ("Before\n```python\nprint('x')\n```\nAfter.", "Before. After."),
        ("~~~\ncode\n~~~\nAfter.", "After."),
        ("````\n```\nstill code\n```\n````\nAfter.", "After."),
        ("Set VISAVIS_EDGE_URL first.", "Set VISAVIS EDGE URL first."),
        ("It stands in the file named .env there.", "It stands in the file named .env there."),
        (".env comes first, list[int] later.", ".env comes first, list int later."),
        # Links, addresses, citations
        ("See [the docs](https://a.b/c?d=e_f#g) now.", "See the docs now."),
        ('See [the docs](/x "Title") now.', "See the docs now."),
        ("See [the docs][1] now.\n\n[1]: https://a.b", "See the docs now."),
        ("![a cat](cat.png) Look!", "Look!"),
        ("Look (https://a.b/c) here: <https://a.b>.", "Look here."),
        ("Mail me@example.org today.", "Mail me@example.org today."),
        ("It is so.[1] Really [2, 3].[^note]", "It is so. Really."),
        ("It is so【4†source】.", "It is so."),
        # Signs
        ("Well done 🎉👩\u200d💻 1\ufe0f\u20e3 🇩🇪!", "Well done!"),
        ("Nice :-) really ;)", "Nice really"),
        ("File → Open -> This", "File, Open, This"),
        ("Tom &amp; Jerry&nbsp;&lt;3", "Tom & Jerry 3"),
        ("Hello<br>world, <b>bold</b> <i class='x'>it</i><!-- no -->.", "Hello. world, bold it."),
        ("What?!?! No..... Yes", "What? No… Yes"),
        ("Well -- yes --- no", "Well, yes, no"),
        ("Key " + "0a" * 60 + " ends", "Key ends"),
        ("<think>Hmm, what to say?</think>Hello.", "Hello."),
        ("So $x^2 + y_1 = 3$ holds. $$\\int x$$ Yes.", "So holds. Yes."),
        # What must stay
        (
            "It costs $5 and $10, ~5 °C, 2 * 3 = 6, a < b, 5<6.",
            "It costs $5 and $10, ~5 °C, 2 * 3 = 6, a < b, 5<6.",
        ),
        (".5 mm and 3.50 €", ".5 mm and 3.50 €"),
        ("Am\n3. Dezember", "Am. 3. Dezember."),
        ("Don’t—ever—do “that”…", "Don’t—ever—do “that”…"),
        ("क्\u200dष त्र", "क्\u200dष त्र"),
        ("- 你好\n- 世界", "你好。 世界。"),
        # Nothing to say
        ("!!! … --- ()", ""),
        ("🎉🎉", ""),
        ("```\ncode\n```", ""),
        ("https://example.org/x", ""),
        (" \n\t ", ""),
        ("", ""),
        # Controls
        ("a\x00b\x07 c\u200bd\u202e\ud800 e\r\nf", "a b cd e f"),
    ],
)
def test_cleaning(written: str, spoken: str) -> None:
    assert clean(written) == spoken


def test_a_code_fence_over_several_clauses_is_never_read() -> None:
    cleaner = Cleaner()
    clauses = ["Look here:", "```python\nfor x in y:", "print(x).", "done\n```\nAnd then,", "it works."]
    assert [cleaner.feed(clause).spoken for clause in clauses] == ["Look here:", "", "", "And then,", "it works."]


def test_marks_cut_in_two_by_a_clause_leave_nothing_behind() -> None:
    cleaner = Cleaner()
    clauses = ["**Very important,", "indeed.** [See the docs,", "here](https://a.b/c)."]
    assert [cleaner.feed(clause).spoken for clause in clauses] == [
        "Very important,",
        "indeed. See the docs,",
        "here.",
    ]


def test_thoughts_of_a_model_over_several_clauses_are_never_read() -> None:
    cleaner = Cleaner()
    clauses = ["<think>The user greets.", "I greet back.", "</think>", "Hello!"]
    assert [cleaner.feed(clause).spoken for clause in clauses] == ["", "", "", "Hello!"]


def test_an_item_cut_by_a_clause_gets_no_full_stop_in_the_middle() -> None:
    cleaner = Cleaner()
    assert cleaner.feed("- a long item that", ends=False).spoken == "a long item that"
    assert cleaner.feed("goes on").spoken == "goes on"


MARKUP = st.lists(
    st.sampled_from(
        ["```", "\n", "`", "**", "_", "[", "]", "(", ")", "http://a.b/", "<b>", "</", "$", "\\(", "|", "# ",
         "- ", "1. ", "word", " ", ".", "😀", "&amp;", "![", "【", "-->", "<think>", "\x00", "你", "\u200d",
         "~~~", ":)"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(st.text(max_size=300) | MARKUP)
def test_whatever_comes_only_words_go_to_a_voice(written: str) -> None:
    spoken = clean(written)
    assert spoken == "" or any(map(str.isalnum, spoken))
    assert spoken == spoken.strip()
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in spoken)
    assert "`" not in spoken
    assert "http://" not in spoken


@given(st.lists(MARKUP, max_size=6))
def test_a_cleaner_takes_any_clauses(clauses: list[str]) -> None:
    cleaner = Cleaner()
    for clause in clauses:
        cleaner.feed(clause)
