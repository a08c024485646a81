"""Fuzzes the socket: `python -m tests.fuzz socket --inputs 100000`.

Half are messages of the protocol with values out of place, half are bytes: binary frames with broken headers, and valid
messages that were cut, doubled and had bits turned. Every one must be answered by a typed error or be taken; the
connection stays, and an honest question in between is always answered.
"""

import asyncio
import json
import random
import struct
import time
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from backend import wire
from tests.server import serving

HELLO = json.dumps({"type": "hello", "greet": False})
TYPES = ["hello", "heard", "typed", "interrupt", "playback", "ping", "ready", "dance", "", None, 7]
FIELDS = ["text", "final", "revision", "turn", "line", "played_ms", "seq", "t", "utterance", "quiet_ms", "resume",
          "language", "voice", "protocol", "extra", "sound"]  # fmt: skip
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**32, 2**63, 1e308, -0.0, 1.5, [], {}, [[[[]]]]),
    *("", "a", "\x00", "\ud800", "🙂" * 50, "a" * 5_000, "en-US", "'; DROP TABLE", "<script>", "../../.."),
    *({"token": "x", "seq": 0}, {"token": "x" * 500, "seq": -1}),
]
BURST = 20
"""Messages at once; with the pauses between it stays under what the server allows a second."""


def message(chance: random.Random) -> str | bytes:
    """One input."""
    kind = chance.random()
    if kind < 0.5:
        found = {field: chance.choice(ODD) for field in chance.sample(FIELDS, chance.randint(0, 5))}
        if chance.random() < 0.95:
            found["type"] = chance.choice(TYPES)
        text = json.dumps(found)
        return text if chance.random() < 0.7 else mutated(text.encode(), chance).decode("utf-8", "replace")
    if kind < 0.75:
        header = struct.pack(
            "<BBBBIIHH", chance.choice([0, 1, 2, 255]), chance.choice([0, 1, 2, 3, 255]), chance.getrandbits(8),
            chance.getrandbits(8), chance.getrandbits(32), chance.getrandbits(32), chance.getrandbits(16),
            chance.getrandbits(16),
        )  # fmt: skip
        return header[: chance.choice([0, 1, 15, 16])] + chance.randbytes(chance.choice([0, 1, 2, 319, 320, 640]))
    if kind < 0.9:
        return mutated(wire.Audio(1, 0, 0, bytes(320), kind=wire.Kind.MICROPHONE).pack(1), chance)
    return chance.randbytes(chance.randint(0, 200))


def mutated(data: bytes, chance: random.Random) -> bytes:
    """*data* with a few turned bits, cut or doubled."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if found:
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found[: chance.randint(0, len(found))] * chance.choice([1, 1, 2]))


AT_ONCE = 24
"""Connections; what one alone may send in a second is little."""


async def fuzz(inputs: int, seed: int = 1) -> int:
    """Send at least *inputs*; how many were sent. Raises AssertionError with the input that did harm."""
    connections = min(AT_ONCE, max(1, inputs // 1_000))
    # Who sits at the machine has no limits of their own, only those of each connection.
    async with serving(voices=("espeak",), resume_seconds=1, keep=False, sessions=10_000) as url:
        address = url.replace("http", "ws") + "/ws"
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_one(address, -(-inputs // connections), random.Random(seed * AT_ONCE + number)))
                for number in range(connections)
            ]
        async with connect(address, max_size=None) as socket:
            await socket.send(HELLO)
            await answered(socket)
    return sum(task.result() for task in tasks)


async def _one(address: str, inputs: int, chance: random.Random) -> int:
    sent = 0
    while sent < inputs:
        async with connect(address, max_size=None) as socket:
            await socket.send(HELLO)
            assert json.loads(await socket.recv())["type"] == "ready"
            for _ in range(50):
                batch = [message(chance) for _ in range(BURST)]
                await harmless(socket, batch)
                sent += len(batch)
                if sent >= inputs:
                    break
    return sent


async def harmless(socket: ClientConnection, batch: list[str | bytes]) -> None:
    """Send the batch, then a ping that must come back; errors on the way are typed and plain."""
    mark = time.monotonic()
    try:
        for one in batch:
            await socket.send(one)
        while True:
            await socket.send(json.dumps({"type": "ping", "t": mark}))
            async with asyncio.timeout(60):
                if await pong(socket, mark):
                    return
            await asyncio.sleep(0.1)  # too fast: the bucket fills again
    except (websockets.ConnectionClosed, TimeoutError) as error:
        raise AssertionError(f"{type(error).__name__} after one of {batch!r}") from error


async def pong(socket: ClientConnection, mark: float) -> bool:
    """Read until the ping comes back, or is refused for haste."""
    async for frame in socket:
        if isinstance(frame, bytes):
            continue
        found = json.loads(frame)
        if found["type"] == "pong" and found["t"] == mark:
            return True
        if found["type"] == "error":
            assert not found["fatal"], found
            assert found["code"] != "turn_failed", found
            assert "Traceback" not in found["text"]
            assert len(found["text"]) < 500
            if found["code"] == "too_fast":
                return False
    raise AssertionError("the server closed the connection")


async def answered(socket: ClientConnection) -> None:
    """An honest question gets its sound."""
    await socket.send(json.dumps({"type": "typed", "text": "Hello!"}))
    async with asyncio.timeout(30):
        async for frame in socket:
            if isinstance(frame, bytes):
                return
