"""Examples of good answers, chosen for each question by likeness, within a budget of tokens."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backend.thinking.tokens import count_tokens
from backend.words import is_generic, stems

EXAMPLES = Path(__file__).with_name("examples.toml")
MOST = 2
LIKENESS_LEAST = 0.2
"""Some word of the subject has to be shared: the same kind of question alone is no likeness."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with an answer as it should sound, and what makes it alike."""

    question: str
    answer: str
    stems: frozenset[str]
    kind: str


def read_examples(path: Path = EXAMPLES) -> tuple[Example, ...]:
    """The examples in a TOML file. Blocking. Raises `OSError` or `ValueError`."""
    try:
        rows = tomllib.loads(path.read_text("utf-8"))["examples"]
        return tuple(_example(str(row["question"]), str(row["answer"])) for row in rows)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: every example needs a question and an answer") from error


@cache
def built_in() -> tuple[Example, ...]:
    """The examples that come along."""
    return read_examples()


def alike(question: str, examples: Sequence[Example], budget: int) -> list[Example]:
    """The examples most like *question*, the best first, that fit into *budget* tokens."""
    asked = _example(question[:500], "")
    ranked = sorted(examples, key=lambda example: -_likeness(asked, example))
    chosen: list[Example] = []
    for example in ranked:
        cost = count_tokens(example.question) + count_tokens(example.answer) + 8
        if len(chosen) == MOST or _likeness(asked, example) < LIKENESS_LEAST:
            break
        if cost <= budget:
            budget -= cost
            chosen.append(example)
    return chosen


def _likeness(one: Example, other: Example) -> float:
    """Shared content words, and a little for the same kind of question; 0 to 1."""
    either = one.stems | other.stems
    shared = sum(0.4 if is_generic(stem) else 1.0 for stem in one.stems & other.stems)
    return 0.85 * (shared / len(either) if either else 0.0) + 0.15 * (one.kind == other.kind)


def _example(question: str, answer: str) -> Example:
    first = question.strip().lower().split(maxsplit=1)
    return Example(question, answer, frozenset(stems(question)), first[0] if first else "")
