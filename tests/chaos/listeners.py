"""People vanish, hang half-open, read slowly or not at all, report nothing: only they themselves notice."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

from tests.chaos.house import House, Row, acting
from tests.talker import talker


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """Every kind of bad listener, beside good ones; and good ones on bad wires."""
    async with House(folder) as house:

        async def vanish() -> None:
            async with talker(house.url, speed=10) as me:
                await me.say("How does it go with me?")
                await asyncio.sleep(random.uniform(0, 0.5))
                me.socket.transport.abort()

        async def deaf() -> None:
            """Asks, and reads nothing of the answer."""
            async with talker(house.url, speed=10) as me:
                me.socket.transport.pause_reading()  # type: ignore[attr-defined]
                for _ in range(20):
                    await me.send(type="typed", text="How does it go?")
                await asyncio.sleep(4)
                me.socket.transport.abort()

        async def mute() -> None:
            """Reads everything, and reports nothing."""
            async with talker(house.url, play=False) as me:
                await me.say("How does it go with me?")
                await asyncio.sleep(3)

        for who, name in (
            (vanish, "vanish in the middle of an answer"),
            (deaf, "read nothing for 4 s"),
            (mute, "report nothing of what they hear"),
        ):
            crowd = [who] * people

            async def all_of_them(crowd: list = crowd) -> None:  # type: ignore[type-arg]
                await asyncio.gather(*(one() for one in crowd))

            yield await house.trial("others", name, acting(all_of_them), people)
        slow = house.door.broken("slow", 0.01)
        yield await house.trial("the connection", "is slow (200 kB/s)", slow, people)
        yield await house.trial(
            "the connection", "breaks again and again", house.door.broken("cut"), people, limited=2.0
        )
        # Who was connected never hears again; the person's browser and the server both have to find out by themselves.
        gone = house.door.broken("stall")
        yield await house.trial("the connection", "is half-open", gone, people, limited=1.0)
        await house.inspect()
