"""A worker process is killed or hangs; the whole server is killed: people come back by themselves and are answered."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from tests.chaos.house import House, Row, acting, workers_of
from tests.server import free_port
from tests.services import running_redis


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """Two workers with a shelf in Redis first, then one server alone with SQLite."""
    port = free_port()
    with running_redis(port):
        async with House(folder / "two", redis_port=port, options=("--workers", "2")) as house:

            async def strike(number: int) -> None:
                os.kill(workers_of(house.server.pid)[0], number)

            killed = acting(lambda: strike(signal.SIGKILL))
            yield await house.trial("a worker", "is killed (SIGKILL)", killed, people, lasts=1)
            hangs = acting(lambda: strike(signal.SIGSTOP))
            yield await house.trial("a worker", "hangs (SIGSTOP)", hangs, people, lasts=1)
            await house.inspect()
    async with House(folder / "one") as house:

        async def kill() -> None:
            house.server.kill()
            await asyncio.to_thread(house.server.wait)

        killed = acting(kill, house.start)
        yield await house.trial("the server", "is killed (SIGKILL) and started again", killed, people)
        await house.inspect()
