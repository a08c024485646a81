"""From a person's question to a full-text query, and from its hits to a ranking and a confidence."""

import math
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.words import is_generic, stems, synonyms

TERMS_MOST = 24
"""A question longer than this (in different stems) is asked by its rarest ones."""
CANDIDATES = 60
"""Chunks that FTS5 hands over to be ranked."""
LARGE = 5_000
"""From this many chunks on, words that stand in every `COMMON`th chunk don't choose candidates: they only rank them."""
COMMON = 20
GENERIC_WEIGHT = 0.35
"""What a word that fits every document ("use", "change") counts beside one of the subject."""
SYNONYM_WEIGHT = 0.5
TITLE, HEADING = 0.5, 0.6
"""What a word counts that stands in the title, or in the heading, besides its place in the text."""
PRECISE = 1.0
"""What a heading counts that is the question itself, beside all the question's words in the text."""
SATURATION, LENGTH = 1.2, 0.75
"""BM25's k1 and b, at their usual values."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that holds some of the question's words: its score (higher is better), its coverage (0 to 1)."""

    chunk: int
    score: float
    coverage: float


def terms_of(text: str) -> list[str]:
    """The different stems of *text*'s content words, in order."""
    return list(dict.fromkeys(stem[:64] for stem in stems(text[:4_000])))


def spread(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, int]:
    """In how many chunks each term stands."""
    found = {}
    for term in terms:
        row = connection.execute("SELECT doc FROM terms WHERE term = ?", (term,)).fetchone()
        found[term] = row[0] if row else 0
    return found


def rarity(held: Mapping[str, int], count: int) -> dict[str, float]:
    """How much each term tells (inverse document frequency as in BM25; unknown words tell most)."""
    return {
        term: math.log(1 + (count - holders + 0.5) / (holders + 0.5)) * (GENERIC_WEIGHT if is_generic(term) else 1.0)
        for term, holders in held.items()
    }


def match(terms: Iterable[str]) -> str:
    """The FTS5 query for any of *terms*; all is quoted: no syntax can slip in."""
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is asked: what its terms weigh, what may stand for them, and the words that choose candidates."""

    weights: Mapping[str, float]
    near: Mapping[str, list[str]]
    asked: list[str]


def related(terms: Iterable[str]) -> dict[str, list[str]]:
    """What people say for each of *terms*, without the terms themselves."""
    terms = list(terms)
    return {term: [other for other in synonyms(term) if other not in terms] for term in terms}


def plan(terms: list[str], held: Mapping[str, int], count: int) -> Plan:
    """The plan for a question of *terms* to a base of *count* chunks; *held* says how many of them hold each of the
    terms and of those `related` to them."""
    weights = rarity({term: held[term] for term in terms}, count)
    if len(terms) > TERMS_MOST:
        terms = sorted(terms, key=lambda term: -weights[term])[:TERMS_MOST]
        weights = {term: weights[term] for term in terms}
    near = related(terms)
    asked = [*terms, *dict.fromkeys(other for others in near.values() for other in others)]
    if count > LARGE:
        telling = [term for term in asked if 0 < held.get(term, 0) < count / COMMON]
        asked = telling if any(term in weights for term in telling) else terms
    return Plan(weights, near, asked)


def ranked(rows: Iterable[tuple[int, str, str, str]], plan: Plan, usual: float, limit: int) -> list[Hit]:
    """The best *limit* of the candidates *rows*: chunk, and the stems of its title, heading and text.

    *usual* is the usual number of stems in a text. The coverage is the share of the question's weight that a chunk
    holds: unlike a score it means the same in a small and in a large base, and it is low when the question's rarest
    words are missing.
    """
    hits = [Hit(row[0], *_rank(row[1:], plan, usual)) for row in rows]
    return sorted(hits, key=lambda hit: -hit.score)[:limit]


def lexical(connection: sqlite3.Connection, text: str, limit: int) -> list[Hit]:
    """The *limit* chunks that fit *text* best by their words, best first.

    FTS5's BM25 finds the candidates; they are ranked anew with a weight for each word and each place.
    """
    terms = terms_of(text)
    if not terms:
        return []
    count = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    others = [other for others in related(terms).values() for other in others]
    how = plan(terms, spread(connection, [*terms, *others]), count)
    rows = connection.execute(
        "SELECT rowid, title, heading, body FROM search WHERE search MATCH ? ORDER BY bm25(search, ?, ?, 1.0) LIMIT ?",
        (match(how.asked), 1 + TITLE, 1 + HEADING, max(limit, CANDIDATES)),
    ).fetchall()
    return ranked(rows, how, _usual_length(connection), limit)


def _rank(fields: tuple[str, str, str], plan: Plan, usual: float) -> tuple[float, float]:
    """Score and coverage of a chunk with the stems of title, heading and body in *fields*."""
    weights = plan.weights
    title, heading = frozenset(fields[0].split()), frozenset(fields[1].split())
    body = Counter(fields[2].split())
    length = 1 - LENGTH + LENGTH * body.total() / usual

    def worth(term: str) -> float:
        count = body[term]
        return (
            count * (SATURATION + 1) / (count + SATURATION * length)
            + TITLE * (term in title)
            + HEADING * (term in heading)
        )

    score = covered = total = 0.0
    for term, weight in weights.items():
        own = worth(term)
        other = max(map(worth, plan.near[term]), default=0.0) * SYNONYM_WEIGHT
        score += weight * max(own, other)
        covered += weight * (1.0 if own else SYNONYM_WEIGHT if other else 0.0)
        total += weight
    own_heading = heading - title or heading
    named = [term for term in weights if term in own_heading]
    if named:
        precision = len(named) / len(own_heading)
        score += PRECISE * sum(weights[term] for term in named) * precision
    return score, covered / total


def _usual_length(connection: sqlite3.Connection) -> float:
    """The mean number of stems in a chunk, from a sample: about a hundred stems are usual."""
    row = connection.execute("SELECT avg(length(body)) FROM (SELECT body FROM search LIMIT 200)").fetchone()
    return max(10.0, (row[0] or 600.0) / 6.0)
