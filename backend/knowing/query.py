"""From a person's question to a full-text query, and from its hits to a confidence."""

import math
import sqlite3
from dataclasses import dataclass

from backend.words import stems

TERMS_MOST = 24
"""A question longer than this (in different stems) is asked by its rarest ones."""
PREFIX_LETTERS = 4
"""The last word of an unfinished question counts as a prefix from this many letters on."""
WEIGHTS = (1.5, 2.5, 1.0)
"""BM25 weights of title, heading and body: a word in a heading says more than one in the prose."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that holds some of the question's words: its BM25 (higher is better), its coverage (0 to 1)."""

    chunk: int
    bm25: float
    coverage: float


def terms_of(text: str) -> list[str]:
    """The different stems of *text*'s content words, in order."""
    return list(dict.fromkeys(stem[:64] for stem in stems(text[:4_000])))


def rarity(connection: sqlite3.Connection, terms: list[str]) -> dict[str, float]:
    """How much each term tells (inverse document frequency as in BM25; unknown words tell most)."""
    count = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    weights = {}
    for term in terms:
        row = connection.execute("SELECT doc FROM terms WHERE term = ?", (term,)).fetchone()
        holders = row[0] if row else 0
        weights[term] = math.log(1 + (count - holders + 0.5) / (holders + 0.5))
    return weights


def match(terms: list[str], *, open_end: bool = False) -> str:
    """The FTS5 query for any of *terms*; every term is quoted, so no syntax can slip in."""
    quoted = ['"' + term.replace('"', '""') + '"' for term in terms]
    if open_end and quoted and len(terms[-1]) >= PREFIX_LETTERS:
        quoted[-1] += "*"
    return " OR ".join(quoted)


def lexical(connection: sqlite3.Connection, text: str, limit: int, *, open_end: bool = False) -> list[Hit]:
    """The *limit* chunks that BM25 finds best for *text*, best first.

    The coverage is the share of the question's rarity that a chunk's words hold: unlike BM25 it means the
    same in a small and in a large base, and is low when the question's rarest words are missing.
    """
    terms = terms_of(text)
    if not terms:
        return []
    weights = rarity(connection, terms)
    if len(terms) > TERMS_MOST:
        kept = set(sorted(terms, key=lambda term: -weights[term])[:TERMS_MOST])
        terms = [term for term in terms if term in kept]
    rows = connection.execute(
        "SELECT rowid, -bm25(search, ?, ?, ?), title || ' ' || heading || ' ' || body FROM search "
        "WHERE search MATCH ? ORDER BY 2 DESC LIMIT ?",
        (*WEIGHTS, match(terms, open_end=open_end), limit),
    ).fetchall()
    total = sum(weights[term] for term in terms)
    prefix = terms[-1] if open_end and len(terms[-1]) >= PREFIX_LETTERS else None
    hits = []
    for chunk, bm25, body in rows:
        held = set(body.split())
        found = sum(weights[term] for term in terms if term in held)
        if prefix and prefix not in held and any(word.startswith(prefix) for word in held):
            found += weights[prefix]
        hits.append(Hit(chunk, bm25, found / total))
    return hits
