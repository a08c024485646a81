from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from backend.keeping import Keeper, open_keeper
from tests.services import running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """An empty server; its address without a database of one's own."""
    with running_postgres() as url:
        yield url


async def fresh_database(postgres: str, name: str) -> str:
    connection = await asyncpg.connect(postgres.replace("+asyncpg", ""))
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return postgres.rpartition("/")[0] + f"/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/kept/conversations.db"
    return await fresh_database(request.getfixturevalue("postgres"), "test")


@pytest.fixture
async def keeper(url: str) -> AsyncIterator[Keeper]:
    keeper = await open_keeper(url)
    yield keeper
    await keeper.close()
