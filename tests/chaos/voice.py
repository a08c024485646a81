"""The voice refuses, is silent, stalls, breaks off, sends garbage, is slow, cannot be reached."""

from collections.abc import AsyncIterator
from pathlib import Path

from tests.chaos.house import House, Row, failing
from tests.fakes.edge import Failure


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """Every fault of the voice."""
    async with House(folder) as house:
        edge = house.edge
        for kind, name in (
            ("403", "refuses (403)"),
            ("503", "is too busy (503)"),
            ("no_audio", "sends no sound"),
            ("silent", "never answers"),
            ("bad_frame", "sends a broken frame"),
            ("garbage", "sends garbage for sound"),
        ):
            yield await house.trial("the voice", name, failing(edge, kind), people)
        for kind, name in (("cut", "breaks off in mid-line"), ("stall", "stalls in mid-line"), ("deaf", "is deaf")):
            edge.failures.extend(Failure(kind, 0.4) for _ in range(people))  # type: ignore[arg-type]
            yield await house.trial("the voice", name, failing(edge, ""), people)
            edge.failures.clear()
        slow = failing(edge, "", first_byte=0.8, speed=1.2)
        yield await house.trial("the voice", "is slow (0.8 s, then 1.2 x its own speed)", slow, people)
        for mode, name in (("garble", "is garbled on the way"), ("cut", "is cut off on the way")):
            yield await house.trial("the voice", name, house.voice.broken(mode), people)  # type: ignore[arg-type]
        for mode, name in (("stall", "vanishes without a word"), ("refuse", "cannot be reached")):
            yield await house.trial("the voice", name, house.voice.broken(mode), people)  # type: ignore[arg-type]
        await house.inspect()
