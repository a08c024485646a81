"""The database is slow, vanishes, is killed while it writes, is locked: nobody notices, and every turn is kept once."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.house import House, Row, acting
from tests.services import Postgres

LOCKED = 7.0
"""Seconds: longer than a writer waits for another one (`keeping.engine.BUSY`)."""


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """PostgreSQL first, then SQLite."""
    with TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as base:
        server = await asyncio.to_thread(Postgres, Path(base))
        with ExitStack() as running:
            await asyncio.to_thread(running.enter_context, server.running(signal.SIGKILL))
            async with House(folder / "postgres", database_port=server.port) as house:

                async def kill() -> None:
                    await asyncio.to_thread(running.close)

                async def start() -> None:
                    await asyncio.to_thread(running.enter_context, server.running(signal.SIGKILL))

                killed = acting(kill, 1.0, start)
                yield await house.trial("PostgreSQL", "is killed while it writes, and started again", killed, people)
                for mode, delay, name in (
                    ("slow", 0.2, "is slow (0.2 s each way)"),
                    ("garble", 0, "is garbled on the way"),
                    ("cut", 0, "is cut off on the way"),
                    ("refuse", 0, "cannot be reached"),
                    ("stall", 0, "vanishes without a word"),
                ):
                    wire = house.database.broken(mode, delay)  # type: ignore[arg-type]
                    yield await house.trial("PostgreSQL", name, wire, people)
                await house.inspect()
    async with House(folder / "sqlite") as house:
        path = folder / "sqlite" / "data" / "conversations.db"
        yield await house.trial(
            "SQLite", f"is locked by somebody else for {LOCKED:.0f} s", locked(path), people, lasts=LOCKED
        )
        await house.inspect()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program writes, and does not finish."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()
