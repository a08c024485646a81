"""Answers by quoting: the sentences of the excerpts that fit a question best, as prose to be spoken."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from backend.thinking import Excerpt
from backend.words import stem, stems, words

WORDS_MOST = 60
"""About 25 s of speech; nobody listens to more at once."""
WORDS_ENOUGH = 14
"""A chosen sentence shorter than this is followed by its neighbour."""
COVERAGE_LEAST = 0.34
"""The share of what the question asks for that a sentence, with its heading, must hold."""

_FENCE = re.compile(r"^\s*(```|~~~).*?^\s*\1\s*$", re.DOTALL | re.MULTILINE)
_OPEN_FENCE = re.compile(r"^\s*(```|~~~).*", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"<[^>\n]{1,200}>")
_URL = re.compile(r"\bhttps?://\S+")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_SENTENCE = re.compile(r"(?<=[.!?。！？।؟])[\"”’)]*\s+(?=[\"“‘(]*[^\sa-z])|(?<=[。！？])")
_MARKS = re.compile(r"(\*\*|__|[*`]|(?<!\w)_|_(?!\w))")
_POINTS_BACK = re.compile(r"^(?:it|this|that|these|those|they|he|she|then|there|so|also|both|such)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the excerpt with the number *excerpt* (from 1), at *position* in it."""

    text: str
    excerpt: int
    position: int
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Quote:
    """The sentences chosen, joined, and the number of the excerpt they stand in."""

    text: str
    excerpt: int
    coverage: float


def quote(question: str, excerpts: Sequence[Excerpt]) -> Quote | None:
    """The one to three sentences that answer *question* best, all from one excerpt; None when none does."""
    wanted = list(dict.fromkeys(stems(question)))
    sentences = [one for number, excerpt in enumerate(excerpts, 1) for one in sentences_of(excerpt, number)]
    if not wanted or not sentences:
        return None
    holders = Counter(held for sentence in sentences for held in sentence.stems)
    weight = {term: math.log(1 + len(sentences) / (1 + holders[term])) for term in wanted}
    total = sum(weight.values())
    headings = [frozenset(map(stem, words(excerpt.title))) for excerpt in excerpts]

    def coverage(sentence: Sentence) -> float:
        held = sentence.stems | headings[sentence.excerpt - 1]
        return sum(weight[term] for term in wanted if term in held) / total

    def score(sentence: Sentence) -> float:
        own = sum(weight[term] for term in wanted if term in sentence.stems) / total
        length = len(sentence.text.split())
        unwieldy = 0.15 if length < 4 or length > WORDS_MOST else 0.0
        place = 0.05 / (1 + sentence.position)
        return own + 0.4 * coverage(sentence) + 0.3 * excerpts[sentence.excerpt - 1].score + place - unwieldy

    best = max(sentences, key=score)
    if coverage(best) < COVERAGE_LEAST:
        return None
    text = _with_neighbours(best, sentences, set(wanted))
    return Quote(text, best.excerpt, coverage(best))


def _with_neighbours(best: Sentence, sentences: list[Sentence], wanted: set[str]) -> str:
    around = {one.position: one for one in sentences if one.excerpt == best.excerpt}
    chosen = [best]
    before = around.get(best.position - 1)
    if before and _POINTS_BACK.match(best.text):
        chosen.insert(0, before)
    after = around.get(best.position + 1)
    while after and len(chosen) < 3:
        length = sum(len(one.text.split()) for one in chosen)
        fits = length + len(after.text.split()) <= WORDS_MOST
        helps = bool(after.stems & wanted) or length < WORDS_ENOUGH or _POINTS_BACK.match(after.text)
        if not (fits and helps):
            break
        chosen.append(after)
        after = around.get(after.position + 1)
    return _short(" ".join(one.text for one in chosen))


def _short(text: str) -> str:
    parts = text.split()
    if len(parts) <= WORDS_MOST:
        return text
    return " ".join(parts[:WORDS_MOST]).rstrip(",;:–—") + " …"


def sentences_of(excerpt: Excerpt, number: int = 1) -> list[Sentence]:
    """The sentences of an excerpt that can be spoken: no code, no tables, no Markdown."""
    text = _OPEN_FENCE.sub("", _FENCE.sub("", excerpt.text))
    found: list[Sentence] = []
    for block in _blocks(text):
        for part in _SENTENCE.split(block):
            clean = _clean(part)
            if _speakable(clean):
                found.append(Sentence(clean, number, len(found), frozenset(stems(clean))))
    return found


def _blocks(text: str) -> list[str]:
    """Paragraphs and list items, each in one line; headings, rules and tables are left out."""
    blocks: list[str] = []
    joins = False
    for line in text.split("\n"):
        bare = line.strip()
        if not bare or bare[0] in "#|" or not any(c.isalnum() for c in bare):
            joins = False
        elif joins and not _ITEM.match(line):
            blocks[-1] += f" {bare}"
        else:
            blocks.append(_ITEM.sub("", line).strip())
            joins = True
    return blocks


def _clean(text: str) -> str:
    text = _URL.sub("", _TAG.sub("", _LINK.sub(r"\1", text)))
    text = " ".join(_MARKS.sub("", text).split()).strip()
    return text if not text or text[-1] in ".!?。！？।؟:" else text.rstrip(",;") + "."


def _speakable(text: str) -> bool:
    letters = sum(c.isalpha() or c.isspace() for c in text)
    enough = len(words(text)) >= 3
    return enough and not text.endswith(":") and letters / len(text) > 0.7
