"""The model is throttled, fails, never answers, stalls, breaks off, sends garbage, is slow, cannot be reached."""

from collections.abc import AsyncIterator
from pathlib import Path

from tests.chaos.house import House, Row, failing
from tests.fakes.chat import Failure


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """Every fault of the model."""
    async with House(folder) as house:
        mind = house.mind
        for kind, name in (
            ("429", "is throttled (429)"),
            ("500", "fails (500)"),
            ("503", "is overloaded (503)"),
            ("401", "refuses the key (401)"),
            ("silent", "never answers"),
        ):
            yield await house.trial("the model", name, failing(mind, kind), people)
        for kind, name in (
            ("cut", "breaks off in the middle"),
            ("stall", "stalls in the middle"),
            ("garbage", "streams garbage"),
            ("content_filter", "is stopped by a content filter"),
        ):
            mind.failures.extend(Failure(kind, 3) for _ in range(people))  # type: ignore[arg-type]
            yield await house.trial("the model", name, failing(mind, ""), people)
            mind.failures.clear()
        slow = failing(mind, "", first_token=1.0, rate=6.0)
        yield await house.trial("the model", "is slow (1 s, then 6 tokens a second)", slow, people)
        for mode, name in (
            ("garble", "is garbled on the way"),
            ("cut", "is cut off on the way"),
            ("stall", "vanishes without a word"),
            ("refuse", "cannot be reached"),
        ):
            yield await house.trial("the model", name, house.model.broken(mode), people)  # type: ignore[arg-type]
        await house.inspect()
