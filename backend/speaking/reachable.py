"""Whether a service can be reached at all, found out beside the conversation instead of in it.

A closed network often drops packets without a word. Whoever speaks first would then wait for a time limit, and
so would everyone who tries again later.
"""

import asyncio
import time
import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

_MOMENT = 0.3
"""Seconds; a connection over half the world takes about as long."""
_PORTS = {"ws": 80, "wss": 443}


class Doorbell:
    """Rings at *url* (ws or wss): one TCP connection, within *limit* seconds, at most every *pause* seconds."""

    def __init__(
        self, url: str, *, limit: float = 3.0, pause: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        self._limit, self._pause, self._clock = limit, pause, clock
        # Behind a proxy a direct connection says nothing.
        proxies = urllib.request.getproxies()
        self._direct = not (proxies.get(parts.scheme.replace("ws", "http")) or proxies.get("all"))
        self._ringing: asyncio.Task[None] | None = None
        self._rang = float("-inf")
        self._unanswered = False

    async def answered(self) -> bool:
        """False if nobody answered of late; then it rings again in the background, for those who ask later.

        Waits while the first ring is on its way, and a moment for a later one, whose answer comes at once where
        the way is free again. Nothing is known before `ring`: that counts as True.
        """
        if self._ringing is not None and not self._unanswered:
            await asyncio.shield(self._ringing)
        if self._unanswered and self._clock() - self._rang > self._pause and (ringing := self.ring()):
            await asyncio.wait([ringing], timeout=_MOMENT)
        return not self._unanswered

    def ring(self) -> asyncio.Task[None] | None:
        """Start to find out, if it is not on its way; None where there is nothing to find out."""
        if self._ringing is None and self._direct:
            self._rang = self._clock()
            self._ringing = asyncio.create_task(self._ring())
        return self._ringing

    async def _ring(self) -> None:
        try:
            async with asyncio.timeout(self._limit):
                _, writer = await asyncio.open_connection(self._host, self._port)
            writer.close()
            self._unanswered = False
        except (OSError, TimeoutError):
            self._unanswered = True
        finally:
            self._ringing = None
