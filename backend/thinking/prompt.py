"""The one place where a `Prompt` becomes the messages that a chat model reads.

The order keeps what never changes in front (persona, rules), so that a provider's prompt cache can serve it;
what changes every turn (excerpts, question) comes last.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from backend.thinking import Excerpt, Message, Prompt
from backend.thinking.examples import Example, alike, built_in
from backend.thinking.tokens import count_tokens, cut_to_tokens

PERSONA = Path(__file__).with_name("persona.md")

_RULES = Path(__file__).with_name("rules.md")

_CITATION = re.compile(r"\s*\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]")
_INVISIBLE = re.compile(r"[\x00\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters that nobody sees and that could hide a fence from us but not from a model."""
_FENCING = re.compile(r"<\s*/?\s*excerpts?\b[^>]*>?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens that each part of the prompt may take; beyond it parts are cut, oldest and worst first."""

    persona: int = 600
    excerpts: int = 1_200
    excerpt: int = 400
    summary: int = 200
    examples: int = 160
    history: int = 800
    question: int = 500


@dataclass(frozen=True, slots=True)
class Prompter:
    """Makes messages of prompts; *persona* is the file a person may edit."""

    persona: str
    budget: Budget = field(default_factory=Budget)
    examples: tuple[Example, ...] = field(default_factory=built_in)
    rules: str = field(default_factory=lambda: _RULES.read_text("utf-8").strip())

    @classmethod
    def of_file(cls, path: Path = PERSONA, budget: Budget | None = None) -> "Prompter":
        """Read the persona from *path*. Blocking. Raises `OSError` and `UnicodeDecodeError`."""
        budget = budget or Budget()
        text = cut_to_tokens(path.read_text("utf-8").strip(), budget.persona)
        return cls(text, budget)

    @property
    def version(self) -> str:
        """A short hash of all that stands before the conversation, for cache keys."""
        return hashlib.blake2b(self._system().encode(), digest_size=6).hexdigest()

    def messages(self, prompt: Prompt) -> list[dict[str, str]]:
        """The chat messages for *prompt*: `{"role": ..., "content": ...}`, the stable part first."""
        if prompt.task:
            return [{"role": "system", "content": prompt.task}, {"role": "user", "content": prompt.question}]
        return [
            {"role": "system", "content": self._system()},
            *self._shown(prompt.question),
            *_recent(prompt.history, self.budget.history),
            {"role": "user", "content": self._last(prompt)},
            *_goes_on(prompt.said),
        ]

    def _system(self) -> str:
        return f"{self.persona}\n\n{self.rules}"

    def _shown(self, question: str) -> list[dict[str, str]]:
        """Examples like the question, as turns before the first one."""
        chosen = alike(question, self.examples, self.budget.examples)
        turns = [(("user", one.question), ("assistant", one.answer)) for one in chosen]
        return [{"role": role, "content": content} for turn in turns for role, content in turn]

    def _last(self, prompt: Prompt) -> str:
        parts = []
        if prompt.summary:
            summary = cut_to_tokens(_harmless(prompt.summary), self.budget.summary)
            parts.append(f"(What you two talked about before: {summary})")
        if excerpts := _quoted(prompt.excerpts, self.budget):
            parts.append(excerpts)
        if not prompt.language.lower().startswith("en"):
            parts.append(f"(The person's language is {_tag(prompt.language)}.)")
        parts.append(cut_to_tokens(prompt.question.strip(), self.budget.question))
        return "\n\n".join(parts)


def _goes_on(said: str) -> list[dict[str, str]]:
    """What makes a model go on with an answer that another one began."""
    if not said:
        return []
    ask = "Go on from exactly there, as if you had not been interrupted. Repeat nothing."
    return [{"role": "assistant", "content": said}, {"role": "user", "content": ask}]


def citations(text: str) -> list[int]:
    """The excerpt numbers that *text* cites, in order, each once."""
    numbers = [int(number) for found in _CITATION.findall(text) for number in found.split(",")]
    return list(dict.fromkeys(numbers))


def without_citations(text: str) -> str:
    """*text* as it is to be heard and shown: without its [1]."""
    return _CITATION.sub("", text)


def _recent(history: tuple[Message, ...], most: int) -> list[dict[str, str]]:
    """The latest turns that fit, oldest first; they begin with the person."""
    kept: list[dict[str, str]] = []
    left = most
    for message in reversed(history):
        cost = count_tokens(message.content) + 4
        if cost > left:
            break
        left -= cost
        kept.append({"role": message.role, "content": message.content})
    kept.reverse()
    # Several servers refuse a conversation that the assistant opens.
    while kept and kept[0]["role"] == "assistant":
        kept.pop(0)
    return kept


def _quoted(excerpts: tuple[Excerpt, ...], budget: Budget) -> str:
    lines = []
    left = budget.excerpts
    for number, excerpt in enumerate(excerpts, 1):
        text = cut_to_tokens(_harmless(excerpt.text), min(budget.excerpt, left))
        if not text:
            break
        left -= count_tokens(text)
        title = " ".join(_harmless(excerpt.place).replace('"', "'").split())[:120]
        lines.append(f'<excerpt number="{number}" title="{title}">\n{text}\n</excerpt>')
    return "<excerpts>\n" + "\n".join(lines) + "\n</excerpts>" if lines else ""


def _harmless(text: str) -> str:
    """*text* that cannot close its own quotation, nor do so once a part of it is taken out."""
    text = _INVISIBLE.sub("", text)
    while (without := _FENCING.sub("", text)) != text:
        text = without
    return text.strip()


def _tag(language: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", language)[:20]
