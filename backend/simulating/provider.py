"""Fake providers for the simulation: models that answer at once, and a search that finds the right passage."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.thinking import Excerpt, Prompt, Token, Usage
from backend.thinking.prompt import Prompter
from backend.thinking.tokens import count_tokens

_TEXT = (
    "open the settings choose the entry confirm with the green button wait until the light is steady then check "
    "the list on the right side of the page and save the change before you leave so that your team can see it"
)
_WORDS = _TEXT.split()


def prose(seed: str, words: int) -> str:
    """That many words that depend on *seed* alone, in sentences."""
    dice = random.Random(seed)
    said = [dice.choice(_WORDS) for _ in range(words)]
    for end in range(11, words, 12):
        said[end] += "."
    return " ".join(said).capitalize() + "."


def passages(meaning: str, count: int, words: int) -> tuple[Excerpt, ...]:
    """What a search finds for it: the right passage first, then others of the same length."""
    return tuple(
        Excerpt("Handbook", prose(f"{meaning} {number}", words), "handbook.md", 0.9 - number / 20)
        for number in range(count)
    )


@dataclass(slots=True, eq=False)
class FakeMind:
    """A model of a price, without thoughts. As a real one it never says the same thing twice in the same words."""

    model: str
    prompter: Prompter
    words: int
    """Of an answer: about what the persona asks for, or what a model says when nobody asks for less."""
    meaning: str = ""
    answers: int = 0

    @property
    def name(self) -> str:
        """For the router's breakers."""
        return self.model

    async def answer(self, prompt: Prompt) -> AsyncIterator[Token | Usage]:
        """The answer in one piece, and exactly what it would take."""
        self.answers += 1
        text = f"{prose(f'{self.meaning} {self.answers}', self.words)} [1]"
        asked = sum(count_tokens(message["content"]) + 4 for message in self.prompter.messages(prompt))
        yield Token(text)
        yield Usage(self.model, asked, min(count_tokens(text), prompt.max_tokens))


async def agreeing(texts: Sequence[str]) -> Any:
    """An embedder to which all questions are the same: it leaves the decision to words alone, which is the hardest
    case for the cache's correctness and the best for its hit rate."""
    return np.ones((len(texts), 1), np.float32)
