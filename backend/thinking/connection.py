"""Connections to model servers: made off the event loop, kept warm, shared by the minds of one server."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

NO_KEY = "none"
"""Local servers want no key, but the client library wants some."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a conversation can wait, in seconds, and how many answers may stream at once."""

    connect: float = 3.0
    first_token: float = 8.0
    stall: float = 5.0
    parallel: int = 32
    queue: float = 2.0
    """How long an answer waits for its turn when `parallel` others stream."""


class Connection:
    """A pool of HTTP connections, which the minds of one server share. *auth* makes what signs the requests."""

    def __init__(self, limits: Limits | None = None, auth: "Callable[[], httpx2.Auth] | None" = None) -> None:
        self.limits = limits or Limits()
        self._auth = auth
        self._making = asyncio.Lock()
        self._http: httpx2.AsyncClient | None = None

    async def http(self) -> "httpx2.AsyncClient":
        """The client; made in a thread on first use."""
        async with self._making:
            if self._http is None:
                # Importing the libraries takes about 0.9 s, the SSL context 20 ms: neither on the loop.
                self._http = await asyncio.to_thread(self._make)
        return self._http

    async def aclose(self) -> None:
        """Close the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def _make(self) -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415
        import openai  # noqa: F401, PLC0415

        return httpx2.AsyncClient(
            auth=self._auth() if self._auth else None,
            timeout=httpx2.Timeout(self.limits.first_token, connect=self.limits.connect, pool=self.limits.queue),
            # Kept for two minutes of silence: a handshake costs a tenth of a second before the first word.
            limits=httpx2.Limits(max_connections=2 * self.limits.parallel, keepalive_expiry=120.0),
        )
