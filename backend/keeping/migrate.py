"""Brings the tables up to date, also when several replicas start at the same moment."""

from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.keeping.engine import WRITE

HEAD = "0001"
"""The newest migration. A test compares it with Alembic's own idea; knowing it here spares every start but the first
the import of Alembic (half a second)."""
FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_262_135_811
"""Any number that nothing else in the database uses for its advisory locks."""


async def migrate(engine: AsyncEngine) -> None:
    """Run the migrations that are missing. Raises SQLAlchemy's errors."""
    if await _version(engine) == HEAD:
        return
    async with engine.execution_options(**WRITE).begin() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        await connection.run_sync(_upgrade)


async def _version(engine: AsyncEngine) -> str:
    try:
        async with engine.connect() as connection:
            return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar() or ""
    except DBAPIError as error:
        # No such table yet. A database that cannot be reached fails again, and for good, in the next step.
        if error.connection_invalidated:
            raise
        return ""


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
