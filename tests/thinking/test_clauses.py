import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.thinking.clauses import LIMIT, UNBROKEN_LIMIT, Clause, Clauses


def cut(text: str, queued: float = 0.0, language: str = "en-US", size: int = 1) -> list[Clause]:
    clauses = Clauses(language)
    ready = []
    for start in range(0, len(text), size):
        ready += clauses.feed(text[start : start + size], queued)
    return ready + clauses.flush()


def texts(text: str, **options: object) -> list[str]:
    return [clause.text for clause in cut(text, **options)]  # type: ignore[arg-type]


def normal(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def joined(clauses: list[Clause]) -> str:
    return normal("".join(clause.text + clause.after for clause in clauses))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Well, hello there. Nice day.", ["Well, hello there.", "Nice day."]),
        ("In that case, we go. Then we stop.", ["In that case,", "we go.", "Then we stop."]),
        ("Yes. It is so. Good.", ["Yes.", "It is so.", "Good."]),
        (
            "Sure! Here is how it works: you open it, then close it.",
            ["Sure!", "Here is how it works:", "you open it, then close it."],
        ),
        (
            "The cat sat quietly near a window while rain fell.",
            ["The cat sat quietly near a window", "while rain fell."],
        ),
        ("你好，很高兴见到你。今天怎么样？很好！", ["你好，很高兴见到你。", "今天怎么样？", "很好！"]),
        ("今天天气真的很好，我们去公园。", ["今天天气真的很好，", "我们去公园。"]),
        ("नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("هل أنت بخير؟ نعم أنا بخير.", ["هل أنت بخير؟", "نعم أنا بخير."]),
        ("He said “Go!” Then he left.", ["He said “Go!”", "Then he left."]),
        ("First line\nSecond line", ["First line", "Second line"]),
        ("A wide idea—really new—came up.", ["A wide idea—", "really new—came up."]),
    ],
)
def test_cuts(text: str, wanted: list[str]) -> None:
    assert texts(text) == wanted


@pytest.mark.parametrize(
    "kept",
    [
        "Pi is 3.14 or so.",
        "At 10:30 we eat.",
        "It is 1,000 strong.",
        "Ask Dr. Smith now.",
        "Ask Prof. Dr. Anna Lee.",
        "Use e.g. Paris.",
        "The U.S. Navy came.",
        "See https://a.example/b.c?d=e,f:g now.",
        "J. R. Tolkien wrote.",
        "Well... maybe so.",
        "See fig. 3 and No. 5 here.",
        "Run `a. B, c: D` now.",
        "“Really?” she asked.",
        "Wait at 5 p.m. today.",
    ],
)
def test_keeps_whole(kept: str) -> None:
    # A short sentence before it, so that the early first clause is out of the way.
    assert texts("Hello. " + kept + " Then on.") == ["Hello.", kept, "Then on."]


def test_list_numbers_stay_with_their_items() -> None:
    text = "Steps:\n1. Open it.\n2. Close it.\n\nDone."
    assert texts(text) == ["Steps:", "1. Open it.", "2. Close it.", "Done."]
    assert texts("Do it. 1. Open. 2. Close.") == ["Do it.", "1. Open.", "2. Close."]


def test_ordinal_dot_of_german() -> None:
    assert texts("Gut. Am 3. Oktober geht es los. Ja.", language="de-DE") == [
        "Gut.",
        "Am 3. Oktober geht es los.",
        "Ja.",
    ]


def test_ends() -> None:
    ends = [clause.end for clause in cut("One thing, two.\n\nThree is here. Four.")]
    assert ends == ["clause", "paragraph", "sentence", "paragraph"]


def test_code_fence_is_one_marked_piece() -> None:
    text = "Run this:\n```python\nx = 1. Y, z: q.\n\nprint(x)\n```\nThat is all."
    code = [clause for clause in cut(text) if clause.code]
    assert [clause.text for clause in code] == ["```python\nx = 1. Y, z: q.\n\nprint(x)\n```"]
    assert texts(text)[-1] == "That is all."


def test_groups_while_enough_is_queued() -> None:
    text = "Go on now. " + "This is a sentence of some length. " * 8
    alone, grouped = cut(text), cut(text, queued=10.0)
    assert grouped[0].text == alone[0].text == "Go on now."
    assert len(grouped) < len(alone) / 2
    assert all(clause.text.endswith(".") for clause in grouped)


def test_a_held_group_is_released_when_the_queue_runs_low() -> None:
    clauses = Clauses()
    assert [c.text for c in clauses.feed("Yes. One is here. Tw", 10.0)] == ["Yes."]
    assert [c.text for c in clauses.feed("o", 0.5)] == ["One is here."]
    assert [c.text for c in clauses.flush()] == ["Two"]


def test_first_clause_comes_before_the_sentence_ends() -> None:
    first = Clauses().feed("Sure thing friend, it is")
    assert first == [Clause("Sure thing friend,", "clause")]


def test_long_text_without_marks_is_bounded() -> None:
    pieces = texts("word " * 400)
    assert max(map(len, pieces)) <= LIMIT
    assert max(map(len, texts("x" * 5000))) <= UNBROKEN_LIMIT + 1
    assert all(len(piece) < 4100 for piece in texts("```\n" + "y" * 20_000))


PIECES = """Hello|. |.|,|! |? |3.14|10:30|1,000|Dr. |e.g. |U.S.|...|…|https://a.b/c.d|```|`|```py
|
```
|。|，|你好|1. |- |—| – |(|)|”|“|word |and |A|i|।|؟ |**|😀|[1]|\t|\r\n|: |; | |
|

|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"""
pieces = st.sampled_from(PIECES.split("|"))


@given(
    st.lists(pieces, max_size=80).map("".join) | st.text(max_size=400),
    st.sampled_from([0.0, 5.0, 9.0]),
    st.data(),
)
def test_nothing_is_lost_and_tokens_do_not_matter(text: str, queued: float, data: st.DataObject) -> None:
    whole = cut(text, queued, size=max(1, len(text)))
    assert joined(whole) == normal(text)
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    clauses = Clauses()
    ready: list[Clause] = []
    for start, end in zip([0, *borders], [*borders, len(text)], strict=True):
        ready += clauses.feed(text[start:end], queued)
    assert ready + clauses.flush() == whole
    assert all(clause.text == clause.text.strip() != "" for clause in whole)


def test_an_eager_first_clause_does_not_wait_for_the_next_token() -> None:
    cutter = Clauses()
    assert [c.text for c in cutter.feed("Certainly,", eager=True)] == ["Certainly,"]
    assert [c.text for c in [*cutter.feed(" here it is. And", eager=True), *cutter.flush()]] == ["here it is.", "And"]


def test_an_eager_cutter_waits_where_more_may_belong() -> None:
    for start in ("About 12,", "See https://a.example/x?", "Well", "It is `a,", "Oh,"):
        assert Clauses().feed(start, eager=True) == []
