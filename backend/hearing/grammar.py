"""What six languages tell about being done: words that demand more, that ask, request, answer, fill."""

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

_TABLES = Path(__file__).parent / "grammar.toml"
_PHRASES = frozenset({"openers", "closed", "answers", "fillers", "existentials"})
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words of one language, all in lower case; phrases have up to four words."""

    never_last: frozenset[str] = _NOTHING
    """A turn hardly ever ends on these: articles, conjunctions, auxiliaries, possessives."""
    stranded: frozenset[str] = _NOTHING
    """Prepositions, ..."""
    strandable: frozenset[str] = _NOTHING
    """... and those that may end a question ("what is it for")."""
    strandings: frozenset[str] = _NOTHING
    """Question words after which they may."""
    either: frozenset[str] = _NOTHING
    """Articles that are pronouns too: they may end a question ("was ist das")."""
    openers: frozenset[str] = _NOTHING
    """Phrases that announce more."""
    closed: frozenset[str] = _NOTHING
    """Endings that lack nothing although their last word alone would."""
    conditions: frozenset[str] = _NOTHING
    """Words that begin a clause on which another one follows: "if", "when"."""
    subjects: frozenset[str] = _NOTHING
    determiners: frozenset[str] = _NOTHING
    questions: frozenset[str] = _NOTHING
    inversions: frozenset[str] = _NOTHING
    """Words that begin a question without a question word: "is it", "can you"."""
    auxiliaries: frozenset[str] = _NOTHING
    """Those of them that another verb must follow."""
    requests: frozenset[str] = _NOTHING
    creators: frozenset[str] = _NOTHING
    """Verbs whose new thing is hardly ever described yet when it is named: "write a note" - about what? ..."""
    indefinites: frozenset[str] = _NOTHING
    """... and the articles that make it new."""
    existentials: frozenset[str] = _NOTHING
    """Phrases that ask for nothing by themselves: "is there a", "is it possible"."""
    transitives: frozenset[str] = _NOTHING
    """Verbs that ask for their object: "can I change" - what?"""
    answers: frozenset[str] = _NOTHING
    """Whole turns."""
    closers: frozenset[str] = _NOTHING
    """Last words that close anything."""
    starters: frozenset[str] = _NOTHING
    """What may stand before a sentence without changing it."""
    fillers: frozenset[str] = _NOTHING
    shortest_question: int = 3
    """Words that a question has at least."""

    def bare(self, said: list[str]) -> list[str]:
        """*said* without its starters."""
        first = next((n for n, word in enumerate(said) if word not in self.starters), len(said) - 1)
        return said[first:]

    def question(self, said: list[str]) -> bool:
        """Whether the words begin as a question, perhaps after a starter or a preposition."""
        said = self.bare(said)
        if self.condition(said):
            return False
        return (
            said[0] in self.questions
            or " ".join(said[:2]) in self.questions
            or (len(said) > 1 and said[0] in self.stranded and said[1] in self.questions)
            or (len(said) > 2 and said[0] in self.inversions and said[1] in self.subjects)
        )

    def condition(self, said: list[str]) -> bool:
        """Whether the words begin a clause on which another one follows: "if it works", but not "when was it"."""
        if not said or said[0] not in self.conditions:
            return False
        return said[0] not in self.questions or (len(said) > 1 and said[1] in self.subjects)

    def request(self, said: list[str]) -> bool:
        """Whether the words begin as a request."""
        said = self.bare(said)
        return said[0] in self.requests or " ".join(said[:2]) in self.requests


@cache
def _tables() -> dict[str, Grammar]:
    lists = [field.name for field in fields(Grammar) if field.name != "shortest_question"]
    return {
        language: replace(
            Grammar(*[_split(table[name], name in _PHRASES) for name in lists]),  # type: ignore[arg-type]
            shortest_question=table.get("shortest_question", 3),
        )
        for language, table in tomllib.loads(_TABLES.read_text(encoding="utf-8")).items()
    }


def _split(text: str, phrases: bool) -> frozenset[str]:
    parts = text.split(",") if phrases else text.split()
    return frozenset(" ".join(part.replace("_", " ").split()) for part in parts) - {""}


def grammar(language: str) -> Grammar:
    """The grammar for a BCP 47 tag; for other languages one that knows no words, so that every text is unclear."""
    return _tables().get(language.split("-", 1)[0].lower(), Grammar())
