"""The writer never holds a turn up, and loses nothing that a database can still take."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from backend.keeping import Cost, Exchange, KeepingError, open_keeper
from backend.keeping.writing import WAITING, Writer
from tests.keeping.test_keeper import TURN, Line


class Away:
    """A keeper that is away for its first calls."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.kept: list[int] = []

    async def keep(self, owner: str, conversation: str, exchange: Exchange, costs: Sequence[Cost] = ()) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise KeepingError("The database cannot be used now.")
        self.kept.append(exchange.number)


async def running(writer: Writer, keeper: "object") -> "asyncio.Task[None]":
    task = asyncio.create_task(writer.run(keeper))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    return task


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def nap(_: float) -> None:
    await asyncio.sleep(0)


async def test_tries_again_in_order_and_says_so_once() -> None:
    keeper, told = Away(5), []
    writer = Writer(announce=told.append, sleep=nap)
    task = await running(writer, keeper)
    for number in range(3):
        writer.put("ann", "c", replace(TURN, number=number))
    while len(keeper.kept) < 3:
        await asyncio.sleep(0.001)
    assert keeper.kept == [0, 1, 2]
    assert told == ["The database cannot be used now."]
    await stop(task)


async def test_a_short_memory_for_a_long_outage() -> None:
    writer = Writer(sleep=nap)
    for number in range(WAITING + 10):
        writer.put("ann", "c", replace(TURN, number=number))
    assert writer.lost == 10


async def test_what_waits_is_written_at_the_end(tmp_path: Path) -> None:
    keeper = await open_keeper(f"sqlite+aiosqlite:///{tmp_path}/x.db")
    writer = Writer()
    one = writer.begin("ann", "en-US")
    task = await running(writer, keeper)
    await asyncio.sleep(0.01)
    for number in range(20):
        writer.put("ann", one, replace(TURN, number=number), [Line()])
    await stop(task)
    assert len(await keeper.exchanges("ann", one)) == 20 and writer.lost == 0
    await keeper.close()


async def test_a_forgotten_conversation_holds_nobody_up(tmp_path: Path) -> None:
    keeper = await open_keeper(f"sqlite+aiosqlite:///{tmp_path}/x.db")
    one = await keeper.begin("ann", "en-US")
    writer = Writer()
    writer.put("bob", one, TURN)
    writer.put("ann", one, replace(TURN, number=2))
    task = await running(writer, keeper)
    for _ in range(200):
        if await keeper.exchanges("ann", one):
            break
        await asyncio.sleep(0.01)
    assert [turn.number for turn in await keeper.exchanges("ann", one)] == [2]
    await stop(task)
    await keeper.close()


@pytest.mark.parametrize("module", ["backend.keeping", "backend.keeping.writing"])
def test_the_door_imports_no_database(module: str) -> None:
    import subprocess
    import sys

    code = f"import {module}, sys; sys.exit(any(m in sys.modules for m in ('sqlalchemy', 'alembic')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
