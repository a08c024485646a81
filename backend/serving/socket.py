"""The websocket route: who may come in, and the first message."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from backend import wire
from backend.frames import parse
from backend.serving.identity import person_of

router = APIRouter()

HELLO_LIMIT = 10.0
"""Seconds for the first message."""
HELLO_TRIES = 5
"""Wrong first messages before the connection is closed."""


@router.websocket("/ws")
async def conversation(socket: WebSocket) -> None:
    """One connection, from hello to goodbye."""
    state = socket.app.state
    await socket.accept()
    with suppress(WebSocketDisconnect):
        hello = await _hello(socket)
        if hello is None:
            await socket.close(1008)
            return
        person = person_of(socket)
        opened = await state.sessions.open(hello, state.allowances.of(person.name, person.address))
        if isinstance(opened, wire.Error):
            await socket.send_text(opened.model_dump_json())
            await socket.close(1013 if opened.retryable else 1008)
            return
        session, resumed = opened
        await session.serve(socket, hello, resumed)


async def _hello(socket: WebSocket) -> wire.Hello | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(HELLO_LIMIT):
            for _ in range(HELLO_TRIES):
                frame = await socket.receive()
                if frame["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect
                message = parse(frame.get("text"), frame.get("bytes"))
                if isinstance(message, wire.Hello):
                    return message
                if not isinstance(message, wire.Error):
                    message = wire.Error(code="wrong_order", text="The first message has to be `hello`.")
                await socket.send_text(message.model_dump_json())
    error = wire.Error(code="no_hello", text="No `hello` came; the connection is closed.", retryable=True, fatal=True)
    await socket.send_text(error.model_dump_json())
    return None
