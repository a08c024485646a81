"""The mind that needs nothing: no account, no network, no model.

It answers from the excerpts it is given by quoting them, chats a little, does sums, and says so plainly when
it does not know.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from backend.thinking import Excerpt, Message, Prompt, Token, Usage
from backend.thinking.extract import quote
from backend.thinking.skills import skilled_answer
from backend.thinking.smalltalk import SmallTalk, normal, reply, small_talk, without_greeting

HOW_TO_CONNECT = (
    "To give me a real language model, set OPENAI_BASE_URL to the address of any OpenAI-compatible server, "
    "and OPENAI_API_KEY to its key if it wants one. Put both in the file named .env, then start me again. "
    "A local Ollama works well: its address is http://localhost:11434/v1."
)
"""What it says when asked how to connect a model."""
ANSWER_MOST = 400
"""Letters of a passage under a question that are said as a whole."""

QUESTION_MOST = 2_000
"""Letters of a question that are looked at."""
LOST = "I'm sorry, I lost the thread there. Please ask me again in a moment."
"""What it says when another mind broke off in the middle of an answer."""

DONT_KNOW = (
    "I'm sorry, I don't know that: it isn't in the documents I've read. You can teach me more with the "
    "command "
    "visavis learn, or connect a language model. Just ask me how.",
    "I couldn't find anything about that in my documents. If you connect a language model, I can do better: "
    "ask me how to connect one.",
)
"""The first honest answers to what it does not know ..."""
DONT_KNOW_AGAIN = (
    "I don't know that one either, sorry.",
    "That's not in my documents. Shall we try another question?",
    "No luck with that one. Perhaps with other words?",
    "I looked, but I found nothing that fits.",
)
"""... and the later ones, when the advice has been given."""

_INTRODUCTIONS = (
    "In {title}, I found this: ",
    "Here's what {title} says: ",
    "According to {title}: ",
    "I found it in {title}: ",
)
_CONNECT = re.compile(
    r"\b(?:connect|use|using|set ?up|configure|plug|add|switch|enable|link|attach|hook|give|run|change|get"
    r"|need|make)\b.{0,50}\b(?:(?:language|real|bigger|better|smarter|own|other|different|local|another|ai|the"
    r"|an?) models?|llms?|open ?ai|ollama|vllm|llama ?(?:cpp)?|gpt|chat ?gpt|lm studio|real (?:brain|ai)"
    r"|smarter)\b"
)
_HOW = re.compile(r"\b(?:how|can|could|may|want|would like|tell|explain|where|what|connect|possible)\b")
_MY_NAME = re.compile(r"\b(?:my name is|call me|i am called)\s+([^\W\d]+)", re.IGNORECASE)
_TOKEN = re.compile(r"\S+\s*")
_SAMPLE = Excerpt("Sample", "This is how you start.", "", 1.0)


class OfflineMind:
    """`Mind` without a model; *clock* gives the local time."""

    name = "offline"

    def __init__(self, clock: Callable[[], datetime] = datetime.now) -> None:
        self._clock = clock

    async def prepare(self) -> None:
        """Load the lines and the stemmer, so that the first answer comes at once."""
        await asyncio.to_thread(compose, Prompt("How do I start?", excerpts=(_SAMPLE,)), self._clock())

    async def answer(self, prompt: Prompt) -> AsyncIterator[Token | Usage]:
        """Stream the answer word by word. Never raises."""
        # Off the loop: the first use loads lines and stemmer (0.3 s).
        text = await asyncio.to_thread(compose, prompt, self._clock())
        for piece in _TOKEN.findall(text):
            yield Token(piece)
        yield Usage(self.name, 0, 0)


def compose(prompt: Prompt, now: datetime) -> str:
    """The whole answer to *prompt* as spoken prose; a quote ends with its excerpt's number, "[1]"."""
    question = prompt.question.strip()[:QUESTION_MOST]
    if prompt.said:
        return LOST
    if talk := small_talk(question):
        return _chat(talk, prompt)
    if (asked := normal(question)) and _CONNECT.search(asked) and _HOW.search(asked):
        return HOW_TO_CONNECT
    if answer := skilled_answer(question, now):
        return answer
    return _from_excerpts(prompt) or _honest(prompt)


def _chat(talk: SmallTalk, prompt: Prompt) -> str:
    if talk.intent == "say_again":
        said = [message.content for message in prompt.history if message.role == "assistant"]
        if said and said[-1].strip():
            return said[-1]
    if talk.intent == "user_name" and not talk.name:
        name = _name_of_user(prompt.history)
        return f"You're {name}, you told me!" if name else "You haven't told me your name yet. What is it?"
    return reply(talk, prompt.history, f"{normal(prompt.question)}{len(prompt.history)}")


def _name_of_user(history: tuple[Message, ...]) -> str:
    for message in reversed(history):
        found = _MY_NAME.search(message.content) if message.role == "user" else None
        if found:
            return found[1].title()
    return ""


def _from_excerpts(prompt: Prompt) -> str | None:
    found = quote(without_greeting(prompt.question[:QUESTION_MOST]), prompt.excerpts)
    if found is None:
        return None
    excerpt = prompt.excerpts[found.excerpt - 1]
    if excerpt.heading.endswith("?") and len(excerpt.text) <= ANSWER_MOST:
        # Somebody wrote it as the answer to this very question: it needs no introduction, and no cutting.
        return f"{' '.join(excerpt.text.split())} [{found.excerpt}]"
    title = excerpt.place or "my notes"
    return f"{_pick(_INTRODUCTIONS, prompt).format(title=title)}{found.text} [{found.excerpt}]"


def _honest(prompt: Prompt) -> str:
    advised = any(message.content in DONT_KNOW for message in prompt.history if message.role == "assistant")
    return _pick(DONT_KNOW_AGAIN if advised else DONT_KNOW, prompt)


def _pick(lines: tuple[str, ...], prompt: Prompt) -> str:
    """One of *lines*: the same for the same turn, another one in the next."""
    start = zlib.crc32(normal(prompt.question[:QUESTION_MOST]).encode()) + len(prompt.history) // 2
    said = {message.content for message in prompt.history}
    turned = [lines[(start + step) % len(lines)] for step in range(len(lines))]
    return next((line for line in turned if line not in said), turned[0])
