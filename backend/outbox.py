"""The single writer's queue: numbered frames, kept until the client has them, so that a connection can resume."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from backend import wire

KEPT_BYTES = 4 * 1024 * 1024
"""Frames kept for one session at most. Speech is paced to a few seconds ahead (48 kB each), so this is only
reached by a client that never acknowledges anything."""

UNKNOWN = 10_000
"""Frames that a client may have beyond those known here, at most: some minutes of an answer."""


class OutboxFull(Exception):
    """The client acknowledges nothing; the session has to end rather than be buffered without end."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One outgoing websocket frame; `turn` is its generation, None for what belongs to no turn."""

    seq: int
    turn: int | None
    data: bytes | str


class Outbox:
    """Frames in order. One connection at a time takes them by `frames()`; what was taken stays until acknowledged."""

    def __init__(self) -> None:
        self.seq = 0
        self._kept: deque[Frame] = deque()
        self._next = 0  # index in _kept of the first frame not yet taken
        self._bytes = 0
        self._news = asyncio.Event()
        self._empty = asyncio.Event()

    def put(self, message: wire.Sent | wire.Audio, turn: int | None = None) -> None:
        """Number *message* and queue it. Raises `OutboxFull`."""
        self.seq += 1
        if isinstance(message, wire.Audio):
            data: bytes | str = message.pack(self.seq)
        else:
            data = message.model_copy(update={"seq": self.seq}).model_dump_json()
        self._bytes += len(data)
        if self._bytes > KEPT_BYTES:
            raise OutboxFull
        self._kept.append(Frame(self.seq, turn, data))
        self._news.set()

    async def taken(self) -> None:
        """Wait until a connection has taken every frame."""
        while self._next < len(self._kept):
            self._empty.clear()
            await self._empty.wait()

    def acknowledge(self, seq: int) -> None:
        """The client has everything up to *seq*: forget it."""
        while self._next and self._kept[0].seq <= seq:
            self._bytes -= len(self._kept.popleft().data)
            self._next -= 1

    def drop(self, turn: int) -> None:
        """Forget every frame of *turn*, taken or not: its generation is stale."""
        kept: deque[Frame] = deque()
        taken = 0
        for index, frame in enumerate(self._kept):
            if frame.turn == turn:
                self._bytes -= len(frame.data)
                continue
            kept.append(frame)
            taken += index < self._next
        self._kept, self._next = kept, taken

    def after(self, seq: int) -> list[Frame]:
        """The frames that are numbered higher."""
        return [frame for frame in self._kept if frame.seq > seq]

    @property
    def acknowledged(self) -> int:
        """Everything up to this number is forgotten."""
        return self._kept[0].seq - 1 if self._kept else self.seq

    def refill(self, seq: int, frames: Iterable[Frame]) -> None:
        """Take over what another server had."""
        self.seq = seq
        self._kept.extend(frames)
        self._bytes = sum(len(frame.data) for frame in self._kept)

    def rewind(self, seq: int) -> None:
        """A client has come back that has everything up to *seq*: what follows is taken again."""
        # A shelf that was away may know less than the client has; what it would take for old it would drop.
        if self.seq < seq <= self.seq + UNKNOWN:
            self.seq = seq
        self._next = len(self._kept)
        self.acknowledge(seq)
        self._next = 0
        self._news.set()

    async def frames(self) -> AsyncIterator[Frame]:
        """The frames as they come, without end."""
        while True:
            while self._next < len(self._kept):
                frame = self._kept[self._next]
                self._next += 1
                yield frame
            self._empty.set()
            self._news.clear()
            await self._news.wait()
