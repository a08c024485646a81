import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.feeling import LABELS, Emotion
from backend.feeling.tags import _TAG, ALIASES, Tag, TagFilter, settle


def run(tokens: list[str]) -> tuple[str, list[str]]:
    tag_filter = TagFilter()
    pieces = [piece for token in tokens for piece in tag_filter.feed(token)] + tag_filter.finish()
    spoken = "".join(piece for piece in pieces if isinstance(piece, str))
    return spoken, [piece.label for piece in pieces if isinstance(piece, Tag)]


@pytest.mark.parametrize(
    ("text", "spoken", "tags"),
    [
        ("[joy] That worked!", "That worked!", ["joy"]),
        ("<joy>That worked!", "That worked!", ["joy"]),
        ("[JOY:0.8] Yes.", "Yes.", ["joy"]),
        ("[joy] Yes. [sadness] But no.", "Yes. But no.", ["joy", "sadness"]),
        ("<sad>Oh no.</sad> Well.", "Oh no. Well.", ["sadness"]),
        ("One.[happy] Two.", "One. Two.", ["joy"]),
        ("Fine[joy].", "Fine .", ["joy"]),
        ("See [1] and [NAME], a < b, <br> here.", "See [1] and [NAME], a < b, <br> here.", []),
        ("[joyful] people", "[joyful] people", []),
        ("[[joy] x", "[ x", ["joy"]),
        ("[jo[joy]y] x", "[jo y] x", ["joy"]),
        ("It ends [joy", "It ends ", []),
        ("It ends [", "It ends ", []),
        ("", "", []),
    ],
)
def test_examples(text: str, spoken: str, tags: list[str]) -> None:
    assert run([text]) == (spoken, tags)
    assert run(list(text)) == (spoken, tags)


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [f"[{word}]" for word in ALIASES] + [f"<{word}>" for word in ALIASES] + ["[joy:0.5]", "</joy>"]
        ),
        st.text(alphabet="[]<>/:joysad .01\n", max_size=6),
        st.sampled_from(["Hello", " there", ". ", "[1]", "joy]", "[joy", "[", "<"]),
    ),
    max_size=12,
).map("".join)


@given(TEXTS, st.data())
@settings(max_examples=500, deadline=None)
def test_no_tag_is_ever_spoken_however_the_stream_is_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    tokens = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    spoken, tags = run(tokens)
    assert (spoken, tags) == run([text])
    assert not _TAG.search(spoken)


@given(TEXTS)
def test_nothing_but_tags_and_space_is_lost(text: str) -> None:
    whole = text + " end"  # so that no beginning of a tag is cut off
    spoken, _ = run([whole])
    assert "".join(spoken.split()) == "".join(_TAG.sub(" ", whole).split())


@given(st.text())
def test_at_most_a_tags_length_is_held_back(text: str) -> None:
    tag_filter = TagFilter()
    for char in text:
        tag_filter.feed(char)
        assert len(tag_filter._held) < 25


def test_words_without_brackets_pass_at_once() -> None:
    assert TagFilter().feed("Hel") == ["Hel"]


def even(label: str, confidence: float) -> Emotion:
    rest = (1 - confidence) / 6
    return Emotion(label, confidence, {each: confidence if each == label else rest for each in LABELS})


def test_without_a_tag_the_classifier_decides() -> None:
    read = even("joy", 0.6)
    assert settle(None, read) is read


def test_agreement_makes_sure() -> None:
    assert settle("joy", even("joy", 0.6)).confidence > 0.9


def test_the_tag_outweighs_an_unsure_reading() -> None:
    settled = settle("sadness", even("neutral", 0.6))
    assert settled.label == "sadness"
    assert sum(settled.scores.values()) == pytest.approx(1)


def test_plain_words_outweigh_the_tag() -> None:
    assert settle("neutral", even("joy", 0.98)).label == "joy"


def test_a_reading_without_scores_leaves_it_to_the_tag() -> None:
    settled = settle("fear", Emotion("neutral", 0.0))
    assert settled.label == "fear"
    assert settled.confidence == pytest.approx(0.7)
