"""The SQLite file behind the embedded knowledge: documents, their chunks, a full-text index of the stems."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.knowing.chunks import Chunk, Document, chunks
from backend.words import stems

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    hash TEXT NOT NULL,
    learned_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents(id),
    position INTEGER NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS chunks_document ON chunks(document);
CREATE INDEX IF NOT EXISTS chunks_hash ON chunks(hash);
CREATE TABLE IF NOT EXISTS vectors (
    hash TEXT NOT NULL,
    model TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (hash, model)
) WITHOUT ROWID;
-- Holds stems (`backend.words.stems`), not prose: the query is stemmed the same way.
CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(title, heading, body, tokenize = 'unicode61');
CREATE VIRTUAL TABLE IF NOT EXISTS terms USING fts5vocab(search, row);
-- The last one: readers take a store without it for one that is still being made.
CREATE TABLE IF NOT EXISTS state (version INTEGER NOT NULL);
INSERT INTO state SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM state);
"""
SCHEMA_VERSION = 2


def open_store(path: Path) -> sqlite3.Connection:
    """Open the store for writing, making it (or making it anew, when its layout is an older one)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = _connect(path)
    except sqlite3.DatabaseError:
        _remove(path)  # it is an index: damaged is as good as gone
        connection = _connect(path)
    if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, SCHEMA_VERSION):
        connection.close()
        _remove(path)
        connection = _connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.executescript(_SCHEMA)
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the store read-only. Raises `sqlite3.OperationalError` while there is none."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=2.0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT name FROM sqlite_master LIMIT 1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def is_made(connection: sqlite3.Connection) -> bool:
    """Whether the store has all its tables, in the present layout."""
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone()
    return bool(made) and layout == SCHEMA_VERSION


def version(connection: sqlite3.Connection) -> int:
    """A number that grows with every change of what is known."""
    return int(connection.execute("SELECT version FROM state").fetchone()[0])


def fingerprint(connection: sqlite3.Connection, model: str) -> str:
    """A digest of what is known, and by how many vectors of *model*; bases with the same documents have the same."""
    digest = hashlib.blake2b(f"{SCHEMA_VERSION} {model}".encode(), digest_size=12)
    for row in connection.execute("SELECT hash FROM documents ORDER BY hash"):
        digest.update(row[0].encode())
    vectors = connection.execute("SELECT count(*) FROM vectors WHERE model = ?", (model,)).fetchone()[0]
    return f"{digest.hexdigest()}-{vectors}"


def content_hash(text: str) -> str:
    """The hash by which a chunk or a document is known."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def put(connection: sqlite3.Connection, document: Document) -> bool:
    """Store *document* in place of its older self. Returns whether anything changed."""
    digest = content_hash(f"{document.source}\n{document.title}\n{document.text}")
    row = connection.execute("SELECT hash FROM documents WHERE address = ?", (document.address,)).fetchone()
    if row and row[0] == digest:
        return False
    pieces = chunks(document.text)
    with writing(connection):
        _drop(connection, document.address)
        cursor = connection.execute(
            "INSERT INTO documents(address, source, title, hash) VALUES (?, ?, ?, ?)",
            (document.address, document.source, document.title, digest),
        )
        for position, piece in enumerate(dict.fromkeys(pieces)):
            _put_chunk(connection, cursor.lastrowid, position, document.title, piece)
    return True


def _put_chunk(connection: sqlite3.Connection, document: int | None, position: int, title: str, piece: Chunk) -> None:
    # The hash is shared by equal chunks of several documents: one vector serves all, one is shown.
    digest = content_hash(f"{piece.heading}\n{piece.text}")
    cursor = connection.execute(
        "INSERT INTO chunks(document, position, heading, text, hash) VALUES (?, ?, ?, ?, ?)",
        (document, position, piece.heading, piece.text, digest),
    )
    connection.execute(
        "INSERT INTO search(rowid, title, heading, body) VALUES (?, ?, ?, ?)",
        (cursor.lastrowid, *(" ".join(stems(part)) for part in (title, piece.heading, piece.text))),
    )


def drop(connection: sqlite3.Connection, addresses: Iterable[str]) -> int:
    """Forget the documents at *addresses*. Returns how many there were."""
    with writing(connection):
        return sum(_drop(connection, address) for address in addresses)


def _drop(connection: sqlite3.Connection, address: str) -> int:
    its_chunks = "SELECT id FROM chunks WHERE document = (SELECT id FROM documents WHERE address = ?)"
    connection.execute(f"DELETE FROM search WHERE rowid IN ({its_chunks})", (address,))  # noqa: S608
    connection.execute(f"DELETE FROM chunks WHERE id IN ({its_chunks})", (address,))  # noqa: S608
    return connection.execute("DELETE FROM documents WHERE address = ?", (address,)).rowcount


class Here:
    """The store as reading documents sees it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, document: Document) -> bool:
        """Store *document* in place of its older self."""
        return put(self._connection, document)

    def drop(self, addresses: Iterable[str]) -> int:
        """Forget documents."""
        return drop(self._connection, addresses)

    def addresses(self) -> list[str]:
        """Those of all documents."""
        return [row[0] for row in self._connection.execute("SELECT address FROM documents")]


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction: all of it or nothing; a changed base gets its next version."""
    connection.execute("BEGIN IMMEDIATE")
    before = connection.total_changes
    try:
        yield
        if connection.total_changes > before:
            connection.execute("UPDATE state SET version = version + 1")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
    try:
        # Readers go on while a write is under way.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
