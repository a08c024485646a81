"""The tables of a knowledge base in PostgreSQL, and how our stems become its full-text vectors."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.fallback import EngineError

LOCK = 7_262_135_812
"""For PostgreSQL's advisory locks: one server writes at a time. Any number that nothing else uses."""
LAYOUT = 1
LEXEME_MOST = 64
"""Letters of a stem, as in questions."""
POSITIONS_MOST = 16_383
"""The last position that a tsvector can hold (PostgreSQL's manual, "Text Search Limitations")."""
INDEXED_MOST = 2_000
"""Dimensions that pgvector indexes in single precision; longer vectors are compared one by one."""

_TABLES = """
CREATE TABLE IF NOT EXISTS visavis_base (
    one INTEGER PRIMARY KEY CHECK (one = 1), layout INTEGER NOT NULL, base TEXT NOT NULL, version BIGINT NOT NULL,
    chunks BIGINT NOT NULL, usual REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS visavis_documents (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, address TEXT NOT NULL UNIQUE, source TEXT NOT NULL,
    title TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS visavis_chunks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document BIGINT NOT NULL REFERENCES visavis_documents ON DELETE CASCADE, position INTEGER NOT NULL,
    heading TEXT NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL,
    title_stems TEXT NOT NULL, heading_stems TEXT NOT NULL, stems TEXT NOT NULL, words TSVECTOR NOT NULL
);
CREATE INDEX IF NOT EXISTS visavis_chunks_words ON visavis_chunks USING gin (words);
CREATE INDEX IF NOT EXISTS visavis_chunks_document ON visavis_chunks (document);
CREATE INDEX IF NOT EXISTS visavis_chunks_hash ON visavis_chunks (hash);
CREATE TABLE IF NOT EXISTS visavis_terms (term TEXT PRIMARY KEY, chunks BIGINT NOT NULL);
INSERT INTO visavis_base VALUES (1, :layout, md5(random()::text || clock_timestamp()::text), 0, 0, 100)
    ON CONFLICT DO NOTHING
"""
_VECTORS = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS visavis_vectors (
    hash TEXT NOT NULL, model TEXT NOT NULL, vector vector NOT NULL, PRIMARY KEY (hash, model)
)
"""


async def alone(connection: AsyncConnection) -> None:
    """Wait until no other server writes; holds until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


async def make_tables(engine: AsyncEngine, *, vectors: bool) -> None:
    """Make what is missing. Raises `EngineError` where *vectors* are wanted and the database has no pgvector."""
    async with engine.begin() as connection:
        await alone(connection)
        for statement in _TABLES.split(";"):
            await connection.execute(text(statement), {"layout": LAYOUT} if ":layout" in statement else {})
    if not vectors:
        return
    try:
        async with engine.begin() as connection:
            await alone(connection)
            for statement in _VECTORS.split(";"):
                await connection.execute(text(statement))
    except DBAPIError as error:
        reason = "The database has no pgvector, or may not switch it on."
        raise EngineError(reason, "Its owner can: CREATE EXTENSION vector") from error


def tsvector(*fields: Iterable[str]) -> str:
    """A tsvector's text for the stems of title, heading and body, which weigh A, B and D.

    Made here, as PostgreSQL's own parser splits words by the database's locale, and ours are stems already.
    """
    places: dict[str, list[str]] = {}
    position = 0
    for stems, weight in zip(fields, "ABD", strict=True):
        for stem in stems:
            position = min(position + 1, POSITIONS_MOST)
            places.setdefault(stem[:LEXEME_MOST], []).append(f"{position}{weight}")
    return " ".join(f"{quoted(stem)}:{','.join(where[:255])}" for stem, where in places.items())


def tsquery(terms: Iterable[str]) -> str:
    """The text of a tsquery for any of *terms*."""
    return " | ".join(quoted(term[:LEXEME_MOST]) for term in terms)


def quoted(lexeme: str) -> str:
    """*lexeme* as both take it: no sign in it has a meaning."""
    return "'" + lexeme.replace("\0", "").replace("\\", "\\\\").replace("'", "''") + "'"


def vector_text(row: Iterable[float]) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.7g}" for value in row) + "]"


def cosine_index(model: str, dimensions: int) -> tuple[str, str]:
    """(the statement that makes the index of *model*'s vectors, the expression that uses it)."""
    name = hashlib.blake2b(f"{model} {dimensions}".encode(), digest_size=6).hexdigest()
    literal = model.replace("'", "''").replace(":", "\\:")
    make = (
        f"CREATE INDEX IF NOT EXISTS visavis_vectors_{name} ON visavis_vectors USING hnsw "
        f"((vector::vector({dimensions})) vector_cosine_ops) "
        f"WHERE model = '{literal}' AND vector_dims(vector) = {dimensions}"
    )
    return make, f"CAST(vector AS vector({dimensions}))"
