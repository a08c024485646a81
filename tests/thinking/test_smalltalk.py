import tomllib
from pathlib import Path

import pytest

from backend.thinking import Message
from backend.thinking.smalltalk import is_small_talk, reply, small_talk, without_greeting

DATA = tomllib.loads(Path(__file__).with_name("said.toml").read_text("utf-8"))
SAID: dict[str, list[str]] = DATA["small_talk"]


REAL: list[str] = DATA["real"]


@pytest.mark.parametrize(("intent", "text"), [(kind, text) for kind in SAID for text in SAID[kind]])
def test_small_talk_is_known(intent: str, text: str) -> None:
    talk = small_talk(text)
    assert talk is not None
    assert talk.intent == intent


@pytest.mark.parametrize("text", REAL)
def test_real_questions_are_not_small_talk(text: str) -> None:
    assert not is_small_talk(text)


def test_at_least_forty_kinds() -> None:
    assert len(SAID) >= 40


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hi there! How do I start it?", "How do I start it?"),
        ("Thanks. Okay, and what does it cost?", "and what does it cost?"),
        ("How do I start it?", "How do I start it?"),
        ("Hello!", "Hello!"),
        ("Visit https://a.b: what is it?", "Visit https://a.b: what is it?"),
    ],
)
def test_without_greeting(text: str, rest: str) -> None:
    assert without_greeting(text) == rest


def test_replies_vary_within_a_conversation() -> None:
    talk = small_talk("tell me a joke")
    assert talk
    history: list[Message] = []
    for _ in talk.replies:
        line = reply(talk, history, "tell me a joke")
        assert line not in [message.content for message in history]
        history.append(Message("assistant", line))
    assert reply(talk, history, "tell me a joke") in talk.replies


def test_the_name_is_used() -> None:
    talk = small_talk("my name is anna")
    assert talk
    assert "Anna" in reply(talk)


def test_no_pattern_runs_away() -> None:
    """A pattern that tries every split would outlast the test's time limit."""
    texts = ("ha" * 80, "you are " * 20, "a " * 80, "i am so very " * 12, "x" * 99_999, "hi " * 53, "test " * 32)
    for text in texts:
        for piece in (text, text[:159], text[:150] + "\0", text + "."):
            small_talk(piece)
            without_greeting(piece)
