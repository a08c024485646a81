"""A process that keeps turns until it is killed: `python -m tests.keeping.worker URL`."""

import asyncio
import sys
from dataclasses import replace

from backend.keeping import open_keeper
from tests.keeping.test_keeper import TURN, Line


async def main(url: str) -> None:
    keeper = await open_keeper(url)
    one = await keeper.begin("ann", "en-US")
    for number in range(100_000):
        await keeper.keep("ann", one, replace(TURN, number=number), [Line(), Line("voice")])
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
