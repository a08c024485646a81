"""One websocket of a session: what comes in is handed on, what the session's outbox holds goes out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from backend import wire
from backend.outbox import Outbox, OutboxFull

log = logging.getLogger(__name__)

SEND_LIMIT = 20.0
"""Seconds that one frame may take to leave; a connection slower than that is dropped and may resume."""
SERVICE_RESTART = 1012
"""The websocket close code that says: come back in a moment (IANA's registry; RFC 6455 section 7.4)."""

SLOW = wire.Error(code="slow_client", text="This page does not keep up.", fatal=True)
TAKEN_OVER = wire.Error(code="taken_over", text="This conversation goes on in another window.", fatal=True)


class Connection:
    """*socket*, read in the task that makes this and written in one of *group*."""

    def __init__(self, socket: WebSocket, group: asyncio.TaskGroup) -> None:
        self._socket = socket
        self._group = group
        self._reader = asyncio.current_task()
        self._writer: asyncio.Task[None] | None = None

    async def begin(self, ready: wire.Ready) -> None:
        """Send the first message."""
        await self._socket.send_text(ready.model_dump_json())

    async def serve(
        self, outbox: Outbox, put_by: Callable[[int], Awaitable[bool]], take: Callable[[str | None, bytes | None], None]
    ) -> None:
        """Until it closes, *take* each frame, and send those of *outbox* once *put_by* allows for their numbers."""
        self._writer = self._group.create_task(self._write(outbox, put_by), name="write")
        try:
            while (frame := await self._socket.receive())["type"] != "websocket.disconnect":
                take(frame.get("text"), frame.get("bytes"))
        except OutboxFull:
            await self._close(SLOW)
        finally:
            self._writer.cancel()

    def give_way(self) -> None:
        """To a newer connection of the same session."""
        if self._writer is not None:
            self._writer.cancel()
            self._group.create_task(self._close(TAKEN_OVER), name="give way")

    async def restart(self) -> None:
        """Ask the browser to come back in a moment."""
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(SERVICE_RESTART)

    def cancel(self) -> None:
        """Nobody will come back."""
        if self._reader is not None:
            self._reader.cancel()

    async def _write(self, outbox: Outbox, put_by: Callable[[int], Awaitable[bool]]) -> None:
        try:
            async for frame in outbox.frames():
                if not await put_by(frame.seq):
                    return
                async with asyncio.timeout(SEND_LIMIT):
                    if isinstance(frame.data, str):
                        await self._socket.send_text(frame.data)
                    else:
                        await self._socket.send_bytes(frame.data)
        except Exception as error:
            if not isinstance(error, TimeoutError | WebSocketDisconnect | RuntimeError):
                log.exception("a connection's writer failed")
            # The reader will notice; what was not sent stays in the outbox for a resume.
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(1011)

    async def _close(self, error: wire.Error) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.send_text(error.model_dump_json())
                await self._socket.close(1008)
