"""A wire between two parts that can be cut, frozen, slowed down and garbled while both of them are well."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Literal

Mode = Literal["open", "refuse", "stall", "slow", "cut", "garble"]
"""What the wire does.

`refuse` breaks what is open and whatever is opened. `stall` swallows everything and closes nothing, as a machine does
that has lost its power: who was connected then never hears again. `slow` passes 2 kB at a time, `delay` seconds
each. `cut` breaks a connection in the middle of the next answer. `garble` turns over bits of what the far side says.
"""
SLICE = 2048


class Wire:
    """Relays TCP connections to 127.0.0.1:*target*; `port` is where they are made."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.mode: Mode = "open"
        self.delay = 0.1
        self.stalled = 0
        """Pieces swallowed so far: shows that somebody was on the wire when it froze."""
        self._ends: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def strung(self) -> AsyncIterator["Wire"]:
        """It relays until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1024 * 1024)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.drop()

    @contextmanager
    def broken(self, mode: Mode, delay: float = 0.1) -> Iterator[None]:
        """*mode* until the block ends."""
        self.mode, self.delay = mode, delay
        if mode == "refuse":
            self.drop()
        try:
            yield
        finally:
            self.mode = "open"

    def drop(self) -> None:
        """Break every connection."""
        for end in list(self._ends):
            end.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            if self.mode == "refuse":
                return
            if self.mode == "stall":
                await self._swallow(reader)
            there, far = await asyncio.open_connection("127.0.0.1", self.target, limit=1024 * 1024)
            self._ends.add(far)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far, answer=False))
                group.create_task(self._pump(there, writer, answer=True))
        except* OSError:
            pass
        finally:
            for end in (writer, far):
                if end is not None:
                    self._ends.discard(end)
                    end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answer: bool) -> None:
        while data := await reader.read(64 * 1024):
            match self.mode:
                case "stall":
                    await self._swallow(reader)
                    return
                case "slow":
                    for at in range(0, len(data), SLICE):
                        await asyncio.sleep(self.delay)
                        writer.write(data[at : at + SLICE])
                        await writer.drain()
                    continue
                case "cut" if answer:
                    writer.write(data[: len(data) // 2])
                    with suppress(OSError):
                        await writer.drain()
                    raise ConnectionAbortedError
                case "garble" if answer:
                    data = bytes(byte ^ 0x15 if index % 3 == 1 else byte for index, byte in enumerate(data))
            writer.write(data)
            await writer.drain()
        raise ConnectionAbortedError  # one side has left: so does the other

    async def _swallow(self, reader: asyncio.StreamReader) -> None:
        while await reader.read(64 * 1024):
            self.stalled += 1
        raise ConnectionAbortedError
