from collections.abc import AsyncIterator

import pytest

from backend.thinking import Message, Prompt
from backend.thinking.openai import OpenAIMind
from backend.thinking.prompt import Prompter
from backend.thinking.summary import KEPT, MOST, Summary
from backend.thinking.tokens import count_tokens
from tests.fakes.chat import ChatFake


def talk(count: int) -> list[Message]:
    return [Message("user" if n % 2 == 0 else "assistant", f"message number {n}") for n in range(count)]


@pytest.fixture
async def chat() -> AsyncIterator[ChatFake]:
    async with ChatFake() as chat:
        chat.answer = "The person is Anna. She wants a bicycle."
        yield chat


@pytest.fixture
async def summary(chat: ChatFake) -> AsyncIterator[Summary]:
    mind = OpenAIMind(chat.url, model="m")
    yield Summary(mind)
    await mind.aclose()


async def test_older_turns_are_summed_up(chat: ChatFake, summary: Summary) -> None:
    assert not await summary.update(talk(KEPT + 2))
    assert chat.requests == []
    history = talk(KEPT + 6)
    assert await summary.update(history)
    assert summary.text == chat.answer
    assert summary.recent(history) == tuple(history[6:])
    asked = chat.requests[-1].body["messages"][-1]["content"]
    assert "message number 5" in asked
    assert "message number 6" not in asked


async def test_the_old_summary_goes_into_the_new_one(chat: ChatFake, summary: Summary) -> None:
    await summary.update(talk(KEPT + 4))
    chat.answer = "word " * 1000
    assert await summary.update(talk(KEPT + 10))
    assert "She wants a bicycle" in chat.requests[-1].body["messages"][-1]["content"]
    assert count_tokens(summary.text) <= MOST


async def test_a_failing_model_changes_nothing(chat: ChatFake, summary: Summary) -> None:
    await summary.update(talk(KEPT + 4))
    chat.fail = "500"
    assert not await summary.update(talk(KEPT + 12))
    assert summary.text == chat.answer
    chat.fail = None
    assert await summary.update(talk(KEPT + 12))
    assert "message number 4" in chat.requests[-1].body["messages"][-1]["content"]


def test_it_stands_in_the_prompt() -> None:
    text = Prompter("p").messages(Prompt("And now?", summary="The person is Anna."))[-1]["content"]
    assert "The person is Anna." in text
    assert text.endswith("And now?")
