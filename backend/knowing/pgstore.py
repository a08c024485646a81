"""Learns documents into PostgreSQL: what changed, once, however many servers read the same folder."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.fallback import EngineError
from backend.knowing.chunks import Document, chunks
from backend.knowing.embedders import Embedder
from backend.knowing.ingest import Report, Source, learn_into
from backend.knowing.meaning import EMBED_AT_ONCE
from backend.knowing.pgtables import INDEXED_MOST, alone, cosine_index, make_tables, tsvector, vector_text
from backend.knowing.store import content_hash
from backend.words import stems

T = TypeVar("T")
Connect = Callable[[], Awaitable[AsyncEngine]]
"""Gives the engine; the first time it takes a while, as it brings SQLAlchemy in."""
INDEXED = 10_000
"""Vectors from which an index is worth its losses; fewer are compared one by one in a few milliseconds."""
CHANGED = "UPDATE visavis_base SET version = version + 1"


async def learn_to_postgres(
    connect: Connect,
    sources: Sequence[Source],
    embedder: Embedder | None,
    progress: Callable[[str], None] = lambda source: None,
) -> Report:
    """Bring the base up to date with *sources*. Raises `EngineError`."""
    with plainly():
        engine = await connect()
        await make_tables(engine, vectors=embedder is not None)
        store = _Store(engine, asyncio.get_running_loop())
        report = await asyncio.to_thread(learn_into, store, sources, progress)
        if embedder is not None:
            report.embedded = await _embed_missing(engine, embedder)
        if report.learned or report.forgotten or await _uncounted(engine):
            await _count(engine)
        return report


@contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong with the database, in plain words and without its address."""
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        remedy = "Check VISAVIS_KNOWLEDGE_DATABASE, and that the database runs."
        raise EngineError("The database of my notes cannot be asked right now.", remedy) from error


class _Store:
    """PostgreSQL as reading documents sees it, from the thread that reads them."""

    def __init__(self, engine: AsyncEngine, loop: asyncio.AbstractEventLoop) -> None:
        self._engine, self._loop = engine, loop

    def put(self, document: Document) -> bool:
        return self._wait(self._put(document))

    def drop(self, addresses: Iterable[str]) -> int:
        return self._wait(self._drop(list(addresses)))

    def addresses(self) -> list[str]:
        return self._wait(self._addresses())

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _put(self, document: Document) -> bool:
        digest = content_hash(f"{document.source}\n{document.title}\n{document.text}")
        known = text("SELECT hash FROM visavis_documents WHERE address = :address")
        async with self._engine.connect() as connection:
            if (await connection.execute(known, {"address": document.address})).scalar() == digest:
                return False
        pieces = await asyncio.to_thread(_rows, document)
        async with self._engine.begin() as connection:
            await alone(connection)
            if (await connection.execute(known, {"address": document.address})).scalar() == digest:
                return False
            await _forget(connection, [document.address])
            values = {"address": document.address, "source": document.source, "title": document.title, "hash": digest}
            made = await connection.execute(
                text(
                    "INSERT INTO visavis_documents (address, source, title, hash) "
                    "VALUES (:address, :source, :title, :hash) RETURNING id"
                ),
                {name: value.replace("\0", "") for name, value in values.items()},
            )
            number = made.scalar_one()
            if pieces:
                await connection.execute(_INSERT_CHUNK, [piece | {"document": number} for piece in pieces])
            await connection.execute(text(CHANGED))
        return True

    async def _drop(self, addresses: list[str]) -> int:
        if not addresses:
            return 0
        async with self._engine.begin() as connection:
            await alone(connection)
            count = await _forget(connection, addresses)
            if count:
                await connection.execute(text(CHANGED))
        return count

    async def _addresses(self) -> list[str]:
        async with self._engine.connect() as connection:
            return [row[0] for row in await connection.execute(text("SELECT address FROM visavis_documents"))]


_INSERT_CHUNK = text(
    "INSERT INTO visavis_chunks "
    "(document, position, heading, text, hash, title_stems, heading_stems, stems, words) VALUES "
    "(:document, :position, :heading, :text, :hash, :title_stems, :heading_stems, :stems, "
    "CAST(CAST(:words AS text) AS tsvector))"
)


def _rows(document: Document) -> list[dict[str, Any]]:
    rows = []
    title = stems(document.title)
    for position, piece in enumerate(dict.fromkeys(chunks(document.text.replace("\0", "")))):
        heading, body = stems(piece.heading), stems(piece.text)
        rows.append(
            {
                "position": position,
                "heading": piece.heading,
                "text": piece.text,
                "hash": content_hash(f"{piece.heading}\n{piece.text}"),
                "title_stems": " ".join(title),
                "heading_stems": " ".join(heading),
                "stems": " ".join(body),
                "words": tsvector(title, heading, body),
            }
        )
    return rows


async def _forget(connection: AsyncConnection, addresses: list[str]) -> int:
    statement = text("DELETE FROM visavis_documents WHERE address = ANY(CAST(:addresses AS text[]))")
    return (await connection.execute(statement, {"addresses": addresses})).rowcount


async def _embed_missing(engine: AsyncEngine, embedder: Embedder) -> int:
    """Give every chunk that has none its vector, and forget those of chunks that are gone. Returns how many."""
    wanted = text(
        "SELECT hash, max(heading), max(text) FROM visavis_chunks c WHERE NOT EXISTS "
        "(SELECT 1 FROM visavis_vectors v WHERE v.hash = c.hash AND v.model = :model) GROUP BY hash"
    )
    async with engine.connect() as connection:
        missing = (await connection.execute(wanted, {"model": embedder.name})).all()
    insert = text(
        "INSERT INTO visavis_vectors (hash, model, vector) "
        "VALUES (:hash, :model, CAST(CAST(:vector AS text) AS vector)) ON CONFLICT DO NOTHING"
    )
    for start in range(0, len(missing), EMBED_AT_ONCE):
        batch = missing[start : start + EMBED_AT_ONCE]
        vectors = await embedder.embed([f"{heading}\n{body}" for _, heading, body in batch])
        rows = [
            {"hash": row[0], "model": embedder.name, "vector": vector_text(vector.tolist())}
            for row, vector in zip(batch, vectors, strict=True)
        ]
        async with engine.begin() as connection:
            await alone(connection)
            await connection.execute(insert, rows)
            await connection.execute(text(CHANGED))
    await _tidy(engine, embedder.name)
    return len(missing)


async def _tidy(engine: AsyncEngine, model: str) -> None:
    async with engine.begin() as connection:
        await alone(connection)
        await connection.execute(
            text(
                "DELETE FROM visavis_vectors v WHERE NOT EXISTS (SELECT 1 FROM visavis_chunks c WHERE c.hash = v.hash)"
            )
        )
        statement = text("SELECT count(*), max(vector_dims(vector)) FROM visavis_vectors WHERE model = :model")
        count, dimensions = (await connection.execute(statement, {"model": model})).one()
        if count >= INDEXED and dimensions <= INDEXED_MOST:
            await connection.execute(text(cosine_index(model, dimensions)[0]))


async def _uncounted(engine: AsyncEngine) -> bool:
    """Whether another run ended before it counted the words."""
    async with engine.connect() as connection:
        statement = text("SELECT chunks <> (SELECT count(*) FROM visavis_chunks) FROM visavis_base")
        return bool((await connection.execute(statement)).scalar())


async def _count(engine: AsyncEngine) -> None:
    """Count in how many chunks each word stands: what a word tells, and whether it may choose candidates."""
    async with engine.begin() as connection:
        await alone(connection)
        await connection.execute(text("DELETE FROM visavis_terms"))
        await connection.execute(
            text("INSERT INTO visavis_terms SELECT word, ndoc FROM ts_stat('SELECT words FROM visavis_chunks')")
        )
        await connection.execute(
            text(
                "UPDATE visavis_base SET version = version + 1, chunks = (SELECT count(*) FROM visavis_chunks), "
                "usual = greatest(10, coalesce((SELECT avg(length(stems)) FROM visavis_chunks), 600) / 6)"
            )
        )
