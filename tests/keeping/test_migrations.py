"""The tables that the migrations make are the tables that the code uses."""

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from backend.keeping import KeepingError, open_keeper
from backend.keeping.database import Database
from backend.keeping.lakebase import address, cached
from backend.keeping.migrate import FOLDER, HEAD
from backend.keeping.tables import metadata
from tests.keeping.conftest import fresh_database


async def test_migrations_and_tables_agree(url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    keeper = await open_keeper(url)
    assert isinstance(keeper, Database)
    async with keeper._engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await keeper.close()


def test_the_newest_migration_is_known() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_passwords_that_live_an_hour(postgres: str) -> None:
    """As Lakebase does it: every new connection asks for the password of the moment."""
    url = await fresh_database(postgres, "lakebase")
    admin = await asyncpg.connect(url.replace("+asyncpg", ""))
    await admin.execute("DROP ROLE IF EXISTS app")
    await admin.execute("CREATE ROLE app LOGIN PASSWORD 'token-1'")
    await admin.execute("GRANT ALL ON SCHEMA public TO app")
    now, fetched = 0.0, 0

    async def fetch() -> tuple[str, float]:
        nonlocal fetched
        fetched += 1
        return f"token-{fetched}", now + 3_600

    keeper = await open_keeper(url.replace("visavis@", "app@"), cached(fetch, lambda: now))
    assert isinstance(keeper, Database)
    await keeper.begin("ann", "en-US")
    assert fetched == 1, "a token is used for its hour"
    await admin.execute("ALTER ROLE app PASSWORD 'token-2'")
    await keeper.begin("ann", "en-US")
    await keeper._engine.dispose()
    with pytest.raises(KeepingError):
        await keeper.begin("ann", "en-US")
    now = 3_400.0
    await keeper.begin("ann", "en-US")
    assert fetched == 2
    await keeper.close()
    await admin.close()


def test_lakebase_is_found_in_the_environment() -> None:
    assert address({}) == ""
    found = address({"PGHOST": "db.example", "PGUSER": "a b@c", "PGDATABASE": "kept", "PGSSLMODE": "require"})
    assert found == "postgresql+asyncpg://a%20b%40c@db.example:5432/kept?ssl=require"
