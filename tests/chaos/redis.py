"""Redis is killed and started again, slow, silent or garbled: caches, budgets and the shelf do without it."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.house import House, Row, acting
from tests.server import free_port
from tests.services import running_redis


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """Every fault of Redis."""
    port = free_port()
    with ExitStack() as running:

        async def start() -> None:
            await asyncio.to_thread(running.enter_context, running_redis(port, stop=signal.SIGKILL))

        async def kill() -> None:
            await asyncio.to_thread(running.close)

        await start()
        # With a budget every turn asks Redis before it begins, and tells it afterwards.
        async with House(folder, redis_port=port, environment={"VISAVIS_BUDGET_DAY": "1000"}) as house:
            killed = acting(kill, 1.0, start)
            yield await house.trial("Redis", "is killed and started again, empty", killed, people)
            for mode, delay, name in (
                ("slow", 0.05, "is slow (50 ms each way)"),
                ("slow", 0.6, "is too slow (0.6 s each way)"),
                ("garble", 0, "is garbled on the way"),
                ("cut", 0, "is cut off on the way"),
                ("stall", 0, "vanishes without a word"),
                ("refuse", 0, "cannot be reached"),
            ):
                yield await house.trial("Redis", name, house.redis.broken(mode, delay), people)  # type: ignore[arg-type]
            await house.inspect()
