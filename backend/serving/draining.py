"""The end of a server that is asked to stop: conversations are handed on, not cut off.

A platform sends SIGTERM and kills 15 s later (Databricks Apps; Kubernetes grants 30). In between: nobody new is let
in, `/health/ready` says so to the balancer, whoever is silent is told at once to come back elsewhere (websocket close
code 1012, "service restart"), and an answer that is being given may be finished for `FINISH` seconds. Only then the
server itself is told to stop.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextvars import Context
from types import FrameType

from backend.sessions import Sessions

log = logging.getLogger(__name__)

FINISH = 6.0
"""Seconds for answers under way. With uvicorn's 3 (`backend.cli`) and the records' 5 (`keeping.writing`) it stays
below the 15 that a platform grants."""
SIGNALS = (signal.SIGTERM,)

Handler = Callable[[int, FrameType | None], object]


class Draining:
    """Stands before the server's own handler of SIGTERM as long as the app runs; a second signal passes at once."""

    def __init__(self, sessions: Sessions) -> None:
        self.begun = False
        self._sessions = sessions
        self._servers: dict[int, Handler] = {}
        self._task: asyncio.Task[None] | None = None

    def install(self) -> None:
        """Take over the signals. Only the main thread can; elsewhere whoever runs the loop stops it directly."""
        self._loop = asyncio.get_running_loop()
        for number in SIGNALS:
            theirs = signal.getsignal(number)
            if not callable(theirs):
                continue
            try:
                signal.signal(number, self._signalled)
            except ValueError:
                return
            self._servers[number] = theirs

    def uninstall(self) -> None:
        """Give the signals back."""
        for number, theirs in self._servers.items():
            signal.signal(number, theirs)
        self._servers.clear()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if self.begun:
            self._servers[number](number, frame)
            return
        self.begun = True
        # Not in the context of whatever was interrupted.
        self._loop.call_soon_threadsafe(self._start, number, context=Context())

    def _start(self, number: int) -> None:
        self._task = self._loop.create_task(self._drain(number), name="drain")

    async def _drain(self, number: int) -> None:
        log.info("stopping: %d conversations are asked to go on elsewhere", len(self._sessions))
        try:
            await self._sessions.leave(FINISH)
        finally:
            self._servers[number](number, None)
