"""The clock of the server's machine jumps, forwards and back, while it runs (libfaketime, preloaded)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.house import House, Row
from tests.services import faketime

NOTICED = 1
"""Seconds until libfaketime reads the file anew."""


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """Jumps of the clock. The monotonic clock goes on, as it does in a real machine."""
    library = faketime()
    if library is None:
        raise RuntimeError("libfaketime is missing: run `python -m tests.services`")
    folder.mkdir(parents=True, exist_ok=True)
    clock = folder / "clock"
    clock.write_text("+0")
    environment = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": str(NOTICED),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    async with House(folder, environment=environment) as house:
        for jump, name in (
            ("+3600", "jumps an hour ahead"),
            ("-3600", "jumps an hour back"),
            ("+40d", "jumps 40 days ahead"),
        ):
            yield await house.trial("the clock", name, jumped(clock, jump), people, lasts=NOTICED + 1)
            await asyncio.sleep(NOTICED)
        await house.inspect()


@contextmanager
def jumped(clock: Path, by: str) -> Iterator[None]:
    """The clock is *by* off; then it is set right, which is another jump."""
    clock.write_text(by)
    try:
        yield
    finally:
        clock.write_text("+0")
