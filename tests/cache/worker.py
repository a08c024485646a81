"""Another process that uses the cache: `python -m tests.cache.worker WHAT ...`."""

import asyncio
import sys
from pathlib import Path

from backend.cache import BYTES, Cache, connection, open_cache
from backend.cache.redis import RedisTier


async def write(folder: str) -> None:
    """Write without end, telling after each entry which one stands."""
    cache = open_cache(Path(folder), 0, 50_000_000)
    space = cache.space("lines", 1, 600, BYTES)
    for number in range(1_000_000):
        await space.put(bytes([number % 251]) * 60_000, number)
        print(number, flush=True)


async def make(url: str, root: str, log: str, seconds: str) -> None:
    """Compute one key through Redis; every computation leaves a line in *log*."""
    connection.PATIENCE = 5.0
    cache = Cache([RedisTier(url, 1_000_000, root)])

    async def compute() -> str:
        with Path(log).open("a") as file:
            file.write("made\n")
        await asyncio.sleep(float(seconds))
        return "value"

    print("ready", flush=True)
    sys.stdin.readline()
    hit = await cache.space("answers", 1, 60).make(compute, "question")
    print(hit.value, hit.tier or "made", flush=True)
    await cache.close()


async def fill(folder: str) -> None:
    """Write more than there is room for, and say what was announced and whether reading goes on."""
    told: list[str] = []
    cache = open_cache(Path(folder), 0, 50_000_000, announce=lambda tier, reason: told.append(f"{tier}: {reason}"))
    space = cache.space("lines", 1, 600, BYTES)
    served = 0
    for number in range(100):
        await space.put(bytes([number]) * 50_000, number)
    for number in range(100):
        if (hit := await space.get(number)) is not None:
            assert hit.value == bytes([number]) * 50_000
            served += 1
    print(len(told), served, *told, sep="|", flush=True)


if __name__ == "__main__":
    asyncio.run({"write": write, "make": make, "fill": fill}[sys.argv[1]](*sys.argv[2:]))
