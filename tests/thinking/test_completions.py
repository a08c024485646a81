from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.thinking import Usage
from backend.thinking.completions import Thoughts, read_chunk, read_usage


def chunk(content: Any, **more: Any) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": content, **more}}]}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (chunk("hi"), "hi"),
        (chunk(None), ""),
        (chunk([{"type": "text", "text": "a"}, {"type": "reasoning", "summary": [{"text": "no"}]}, "b"]), "ab"),
        ({"choices": []}, ""),
        ({"choices": None}, ""),
        ({}, ""),
        ({"choices": [{"delta": None}]}, ""),
        ({"choices": [{"message": {"content": "whole"}}]}, "whole"),
    ],
)
def test_every_shape_of_content(raw: dict[str, Any], text: str) -> None:
    assert read_chunk(raw).text == text


def test_reasoning_is_a_sign_of_life() -> None:
    assert read_chunk(chunk("", reasoning_content="hm")).reasons
    assert read_chunk(chunk([{"type": "reasoning"}])).reasons
    assert not read_chunk(chunk("")).reasons


def test_usage() -> None:
    raw = {"prompt_tokens": 5, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}}
    assert read_usage(raw, "m") == Usage("m", 5, 7, 3)
    assert read_usage({"prompt_tokens": 5, "completion_tokens": 7, "prompt_tokens_details": None}, "m") == Usage(
        "m", 5, 7
    )
    assert read_usage({"prompt_tokens": None}, "m") is None
    assert read_usage(None, "m") is None


def think(pieces: list[str]) -> str:
    thoughts = Thoughts()
    return "".join(thoughts.feed(piece) for piece in pieces) + thoughts.flush()


@given(
    st.sampled_from(["", "\n"]),
    st.text(max_size=30),
    st.sampled_from(["Yes, a < b.", "<thin ice>", "", "<"]),
    st.data(),
)
def test_thoughts_are_not_heard(lead: str, thought: str, answer: str, data: st.DataObject) -> None:
    for text, heard in ((f"{lead}<think>{thought.replace('<', '')}</think>\n\n{answer}", answer), (answer, answer)):
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert think(pieces).lstrip() == heard
