"""Answers by quoting: the sentences of the excerpts that fit a question best, as prose to be spoken."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.thinking import Excerpt
from backend.words import is_generic, stem, stems, synonyms, words

WORDS_MOST = 60
"""About 25 s of speech; nobody listens to more at once."""
WORDS_ENOUGH = 14
"""A chosen sentence shorter than this is followed by its neighbour."""
WORDS_BEFORE = 20
"""A sentence that points back ("It ...") takes the one before along, if that is no longer than this."""
COVERAGE_LEAST = 0.46
"""The share of what the question asks for that a sentence, with its heading, must hold."""

GENERIC_WEIGHT, SYNONYM_WEIGHT, HEADING_WEIGHT = 0.35, 0.5, 0.6
"""What a word counts that fits every question, that is only a synonym, that only the heading holds."""

PRECISE, FIRST, DEFINES = 0.7, 0.3, 0.6
"""What it counts that the heading is the question itself, that the sentence is the first under such a heading, and
that it begins with "X is"."""

ASKED = 2.0
"""A heading that is a question itself says this much more about what stands under it."""

_WHAT_IS = re.compile(r"what (is|are) (?:an? |the )?([\w -]{2,40}?)\s*\??$")
_FENCE = re.compile(r"^\s*(```|~~~)[^\n]*\n?(.*?)(?:^\s*\1\s*$|\Z)", re.DOTALL | re.MULTILINE)
_COMMENTED = re.compile(r"^\s*(\S[^#\n]*?)\s{1,}#\s+(\S.*)$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,200}>")
_URL = re.compile(r"\bhttps?://\S+")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_SENTENCE = re.compile(r"(?<=[.!?。！？।؟])[\"”’)*_]*\s+(?=[\"“‘(*_`\[]*[^\sa-z])|(?<=[。！？])")
_MARKS = re.compile(r"(\*\*|__|[*`]|(?<!\w)_|_(?!\w))")
_POINTS_BACK = re.compile(r"^(?:it|this|that|these|those|they|he|she|then|there|so|also|both|such)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the excerpt with the number *excerpt* (from 1), at *position* in it."""

    text: str
    excerpt: int
    position: int
    paragraph: int
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
    worth = _worth(wanted, sentences)
    total = sum(worth.values())
    headings = [frozenset(map(stem, words(f"{excerpt.title} {excerpt.heading}"))) for excerpt in excerpts]
    precision = [_precision(excerpt, worth) for excerpt in excerpts]
    subject = _subject(question)

    def held(sentence: Sentence, heading: frozenset[str]) -> float:
        """The share of what is asked for that *sentence* holds, or its *heading* for it."""
        found = 0.0
        for term, weight in worth.items():
            if term in sentence.stems:
                found += weight
            elif term in heading:
                found += weight * HEADING_WEIGHT
            elif any(other in sentence.stems for other in synonyms(term)):
                found += weight * SYNONYM_WEIGHT
        return found / total

    def score(sentence: Sentence) -> float:
        excerpt = sentence.excerpt - 1
        length = len(sentence.text.split())
        unwieldy = 0.15 if length < 4 or length > WORDS_MOST else 0.0
        place = 0.05 / (1 + sentence.position)
        own = held(sentence, frozenset()) + PRECISE * precision[excerpt]
        own += FIRST * precision[excerpt] if sentence.position == 0 else 0.0
        own += DEFINES if subject and sentence.text.lower().startswith(subject) else 0.0
        return own + 0.5 * held(sentence, headings[excerpt]) + 0.3 * excerpts[excerpt].score + place - unwieldy

    best = max(sentences, key=score)
    coverage = held(best, headings[best.excerpt - 1])
    if coverage < COVERAGE_LEAST:
        return None
    return Quote(_with_neighbours(best, sentences, set(wanted)), best.excerpt, coverage)


def _precision(excerpt: Excerpt, worth: Mapping[str, float]) -> float:
    """How nearly the excerpt's own heading is the question itself: 0 to 1, or to 2 where it is a question."""
    heading = excerpt.heading.rpartition(" > ")[2] or excerpt.title
    own = set(stems(heading))
    named = [term for term in worth if term in own]
    if not named:
        return 0.0
    asked = ASKED if heading.endswith("?") else 1.0
    return asked * sum(worth[term] for term in named) / sum(worth.values()) * len(named) / len(own)


def _subject(question: str) -> str:
    """The beginning of a sentence that would define what "What is X?" asks for: "x is"."""
    found = _WHAT_IS.match(question.strip().lower())
    return f"{found[2]} {found[1]} " if found else ""


def _worth(wanted: Sequence[str], sentences: Sequence[Sentence]) -> dict[str, float]:
    """How much each stem tells: the rarer among the sentences, the more."""
    holders = Counter(held for sentence in sentences for held in sentence.stems)
    return {
        term: math.log(1 + len(sentences) / (1 + holders[term])) * (GENERIC_WEIGHT if is_generic(term) else 1.0)
        for term in wanted
    }


def _with_neighbours(best: Sentence, sentences: list[Sentence], wanted: set[str]) -> str:
    own = (best.excerpt, best.paragraph)
    around = {one.position: one for one in sentences if (one.excerpt, one.paragraph) == own}
    chosen = [best]
    before = around.get(best.position - 1)
    if before and _POINTS_BACK.match(best.text) and len(before.text.split()) <= WORDS_BEFORE:
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
    text = _FENCE.sub(_told, excerpt.text)
    found: list[Sentence] = []
    for paragraph, block in enumerate(_blocks(text)):
        for part in _SENTENCE.split(block):
            clean = _clean(part)
            if _speakable(clean):
                found.append(Sentence(clean, number, len(found), paragraph, frozenset(stems(clean))))
    return found


def _told(fence: re.Match[str]) -> str:
    """Of code only the commands that a comment explains, as list items."""
    lines = _COMMENTED.findall(fence[2])
    return "\n\n" + "\n".join(f"- {command}: {comment}" for command, comment in lines) + "\n\n"


def _row(line: str) -> str:
    """A row of a table as a sentence: its first cell, then the others."""
    cells = [cell.strip() for cell in line.strip("| ").split("|")]
    filled = [cell for cell in cells if any(c.isalnum() for c in cell)]
    return f"{filled[0]}: {', '.join(reversed(filled[1:]))}" if len(filled) > 1 else ""


def _blocks(text: str) -> list[str]:
    """Paragraphs and list items, each in one line; headings, rules and tables are left out."""
    blocks: list[str] = []
    joins = False
    lines = text.split("\n")
    for number, line in enumerate(lines):
        bare = line.strip()
        if bare.startswith("|"):
            is_head = number + 1 < len(lines) and not any(c.isalnum() for c in lines[number + 1])
            blocks.extend(filter(None, [] if is_head else [_row(bare)]))
            joins = False
        elif not bare or bare[0] == "#" or not any(c.isalnum() for c in bare):
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
    if text.endswith(":"):  # it announces something that is not prose
        text = text[: text.rfind(";")] if ";" in text else ""
    return text if not text or text[-1] in ".!?。！？।؟" else text.rstrip(",;") + "."


def _speakable(text: str) -> bool:
    letters = sum(c.isalpha() or c.isspace() for c in text)
    spoken = text.rstrip(".!?").split()
    code = sum(any(c in "./_=<>{}()" for c in word[:-1]) or word.startswith("-") for word in spoken)
    return len(words(text)) >= 3 and letters / len(text) > 0.7 and code <= len(spoken) / 3
