from hypothesis import given
from hypothesis import strategies as st

from backend.knowing.chunks import MOST, TARGET, chunks, plain, title_of

from .conftest import GARDEN, GUIDE


def test_headings_are_kept_as_paths() -> None:
    made = {chunk.heading: chunk.text for chunk in chunks(GUIDE)}
    assert list(made) == [
        "House guide",
        "House guide > Heating",
        "House guide > Heating > Errors",
        "House guide > Internet",
    ]
    assert "E42" in made["House guide > Heating > Errors"]
    assert "# a comment with # heading marks" in made["House guide > Internet"]


def test_underlined_headings_and_titles() -> None:
    assert [chunk.heading for chunk in chunks(GARDEN)] == ["The garden", "The garden > Lawn"]
    assert title_of(GARDEN, "x") == "The garden"
    assert title_of("no heading here", "fallback") == "fallback"
    assert title_of("# The **bold** [link](http://a.b)", "x") == "The bold link"


def test_tables_and_rules_are_no_headings() -> None:
    assert [chunk.heading for chunk in chunks("| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\ntext")] == [""]


def test_long_text_is_split_at_sentences() -> None:
    made = chunks("# T\n\n" + "This is one sentence of it. " * 200)
    assert len(made) > 3
    assert all(len(chunk.text) <= MOST for chunk in made)
    assert all(chunk.text.endswith(".") for chunk in made)
    assert sum(len(chunk.text) for chunk in made[:-1]) / (len(made) - 1) > TARGET * 0.8


def test_plain() -> None:
    assert plain("Use `snake_case_name` and *this*  ![i](x.png)") == "Use snake_case_name and this"


@given(st.text(max_size=3000))
def test_nothing_is_lost_and_all_is_bounded(text: str) -> None:
    clean = text.replace("<!--", "").replace("\0", "")
    made = chunks(clean)
    assert all(len(chunk.text) <= MOST + 2 for chunk in made)
    letters = sorted(c for c in clean if c.isalnum())
    kept = sorted(c for chunk in made for c in chunk.text if c.isalnum())
    if not any(chunk.heading for chunk in made) and "#" not in clean and "-" not in clean and "=" not in clean:
        assert kept == letters
