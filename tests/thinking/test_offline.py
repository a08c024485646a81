from datetime import datetime

import pytest

from backend.thinking import Excerpt, Message, Mind, Prompt, Token, Usage
from backend.thinking.extract import WORDS_MOST, quote, sentences_of
from backend.thinking.offline import DONT_KNOW, DONT_KNOW_AGAIN, HOW_TO_CONNECT, OfflineMind

INSTALL = Excerpt(
    "Visavis > Install",
    "You need Python 3.11 or newer, make and git.\n\n```sh\nmake run\n```\n\n"
    "The command `make run` builds the client and serves it at [the page](http://localhost:8000). "
    "It takes under three seconds once all is in place.\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "README.md",
    0.8,
)
VOICES = Excerpt(
    "Visavis > Voices",
    "Speech comes from **Edge** when the network is there.\n\n"
    "- Without it, espeak-ng speaks in process\n- A change of voice is said once\n",
    "README.md",
    0.5,
)


async def say(question: str, *excerpts: Excerpt, history: tuple[Message, ...] = ()) -> str:
    mind: Mind = OfflineMind(lambda: datetime(2026, 3, 5, 14, 7))
    items = [item async for item in mind.answer(Prompt(question, history, excerpts))]
    assert isinstance(items[-1], Usage)
    assert all(isinstance(item, Token) for item in items[:-1])
    return "".join(item.text for item in items[:-1] if isinstance(item, Token))


async def test_quotes_the_sentence_that_fits_and_says_where_from() -> None:
    answer = await say("What does make run do?", VOICES, INSTALL)
    assert "builds the client and serves it at the page" in answer
    assert "Visavis, Install" in answer
    assert answer.endswith("[2]")
    assert "`" not in answer
    assert "http" not in answer


async def test_list_items_become_sentences() -> None:
    answer = await say("Who speaks without network?", INSTALL, VOICES)
    assert "espeak-ng speaks in process." in answer


async def test_says_that_it_does_not_know_and_then_less() -> None:
    first = await say("Who won the chess championship?", INSTALL, VOICES)
    assert first in DONT_KNOW
    history = (Message("user", "Who won?"), Message("assistant", first))
    assert await say("Who painted the ceiling?", history=history) in DONT_KNOW_AGAIN


@pytest.mark.parametrize(
    "question",
    [
        "How do I connect a real model?",
        "how can I use Ollama",
        "Can I connect you to ChatGPT?",
        "How do I set up an LLM?",
        "I want to use my own model, how?",
    ],
)
async def test_says_how_to_connect_a_model(question: str) -> None:
    assert await say(question, INSTALL) == HOW_TO_CONNECT
    assert "OPENAI_BASE_URL" in HOW_TO_CONNECT
    assert "OPENAI_API_KEY" in HOW_TO_CONNECT


async def test_small_talk_before_documents() -> None:
    answer = await say("What's your name?", INSTALL)
    assert "Visavis" in answer
    assert "[" not in answer


async def test_a_greeting_before_a_question_does_not_hide_it() -> None:
    assert "builds the client" in await say("Hi Visavis! What does make run do?", INSTALL)


async def test_remembers_the_name_and_says_again() -> None:
    history = (Message("user", "my name is anna"), Message("assistant", "Nice to meet you, Anna!"))
    assert "Anna" in await say("What's my name?", history=history)
    assert await say("Can you repeat that?", history=history) == "Nice to meet you, Anna!"


async def test_sums_and_time() -> None:
    assert await say("What is 6 times 7?", INSTALL) == "That's 42."
    assert await say("What time is it?", INSTALL) == "It's 14:07 by my clock."


async def test_a_long_sentence_is_cut() -> None:
    long = Excerpt("Book", "The quick valve " + "turns around and " * 80 + "stops.", "b", 0.9)
    answer = await say("How does the quick valve turn?", long)
    assert len(answer.split()) < WORDS_MOST + 12


async def test_odd_input() -> None:
    for question in ("", " ", "\0\x07", "?" * 50, "x" * 100_000, "[1] [2]", "😀"):
        assert await say(question, INSTALL)


def test_only_what_can_be_spoken() -> None:
    texts = [sentence.text for sentence in sentences_of(INSTALL)]
    assert texts == [
        "You need Python 3.11 or newer, make and git.",
        "The command make run builds the client and serves it at the page.",
        "It takes under three seconds once all is in place.",
    ]
    assert quote("the", [INSTALL]) is None
