"""Connections: SQLite made fit for several readers and writers, PostgreSQL with a password of the moment."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from backend.keeping import Tokens

BUSY = 5_000
"""Milliseconds to wait for another writer of the same SQLite file."""
ANSWER = 5.0
"""Seconds for one statement. A database whose machine is lost says nothing at all, and TCP notices after a quarter of
an hour; meanwhile every turn would wait behind the one that is being written."""
RECYCLE = 1_800
"""Seconds that a connection to PostgreSQL is used; well below the hour after which Lakebase's tokens lapse."""
WRITE = {"visavis_write": True}
"""Execution option of a transaction that will write: SQLite then waits for its turn at the start, where waiting is
possible, and not at the first write, where two readers that both want to write can only fail."""


def make_engine(url: str, tokens: Tokens | None) -> AsyncEngine:
    """The engine for *url*; nothing is connected yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return _sqlite(create_async_engine(parsed))
    engine = create_async_engine(
        parsed, pool_pre_ping=True, pool_recycle=RECYCLE, pool_size=5, max_overflow=5, pool_timeout=5,
        connect_args={"timeout": 10, "command_timeout": ANSWER},
    )  # fmt: skip
    if tokens is not None:

        @event.listens_for(engine.sync_engine, "do_connect")
        def password(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
            parameters["password"] = await_only(tokens())

    return engine


def _sqlite(engine: AsyncEngine) -> AsyncEngine:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own idea of transactions leaves DDL outside of them; `begin` below opens them instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("visavis_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
