"""edge-tts, fitted to a server: an endpoint of its own, one SSL context, connections that can be dropped.

Importing this takes about 0.3 s (aiohttp, edge-tts), so `edge.py` does it in a thread.
"""

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import aiohttp
from edge_tts.constants import TRUSTED_CLIENT_TOKEN
from edge_tts.exceptions import EdgeTTSException, NoAudioReceived, SkewAdjustmentError

from backend.fallback import EngineError
from backend.speaking.decoding import DecodingError
from backend.speaking.edge import REACH

_UPDATE = "Update the package edge-tts; Microsoft may have changed its service."

_OPENED: ContextVar[list[asyncio.Transport]] = ContextVar("_OPENED")
"""The transports that the current line has opened."""


class CutError(ConnectionError):
    """The connection closed before the service had said that the line was done."""


class EdgeClient:
    """One endpoint of the Edge Read-Aloud service (None: Microsoft's own).

    Building it blocks for about 20 ms (the SSL context): do it in a thread. `stream` must be called on one
    event loop only.
    """

    def __init__(self, url: str | None, connect_timeout: int) -> None:
        self._module = _own_copy(url)
        self._connect_timeout = connect_timeout
        self._connector: _Connector | None = None

    async def stream(self, text: str, voice: str, rate: str, pitch: str) -> AsyncIterator[dict[str, Any]]:
        """edge-tts's items ("audio", "WordBoundary"). Raises what edge-tts and aiohttp do, or `CutError`."""
        if self._connector is None:
            self._connector = _Connector(force_close=True, limit=0, ttl_dns_cache=300)
        communicate = self._module.Communicate(
            text,
            voice,
            rate=rate,
            pitch=pitch,
            boundary="WordBoundary",
            connector=self._connector,
            connect_timeout=self._connect_timeout,
        )
        async with contextlib.aclosing(communicate.stream()) as stream:
            async for item in stream:
                yield item
        # edge-tts takes a broken connection for the end. It clears this count at the service's "turn.end".
        if communicate.state["chunk_audio_bytes"]:
            raise CutError


class Opened:
    """`with Opened() as opened:` around a line's start; `opened.drop()` breaks its connections at once.

    A websocket's own goodbye waits up to 10 s for the other side.
    """

    def __enter__(self) -> "Opened":
        self._transports: list[asyncio.Transport] = []
        self._token = _OPENED.set(self._transports)
        return self

    def __exit__(self, *_: object) -> None:
        _OPENED.reset(self._token)

    def drop(self) -> None:
        for transport in self._transports:
            transport.abort()


class _Connector(aiohttp.TCPConnector):
    """Outlives the calls that use it (edge-tts closes what it is given), so that names are resolved once."""

    async def connect(self, *arguments: Any, **options: Any) -> Any:
        connection = await super().connect(*arguments, **options)
        if connection.transport is not None:
            _OPENED.get([]).append(connection.transport)
        return connection

    def close(self, *, abort_ssl: bool = False) -> Any:
        # With force_close there is never an idle connection to close. And nothing to wait for: a session whose closing
        # is cancelled on its way counts as left open.
        return _Done()


class _Done:
    def __await__(self) -> Iterator[None]:
        return iter(())


def _own_copy(url: str | None) -> ModuleType:
    """edge-tts reads its endpoint from a module constant. A copy of that module, known to nobody else, can
    have another one without moving the endpoint of the whole process."""
    spec = importlib.util.find_spec("edge_tts.communicate")
    if spec is None or spec.loader is None:
        raise ImportError("edge_tts.communicate")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if url is not None:
        # edge-tts appends "&name=value".
        query = "" if "?" in url else f"?TrustedClientToken={TRUSTED_CLIENT_TOKEN}"
        module.WSS_URL = url + query  # type: ignore[attr-defined]
    return module


def explained(error: Exception) -> EngineError:  # noqa: PLR0911 - one cause, one answer
    """*error* in plain words. The address is left out: it may hold a relay's secret."""
    match error:
        case EngineError():
            return error
        case SkewAdjustmentError():
            return _refused(403, None)
        case aiohttp.WSServerHandshakeError():
            return _refused(error.status, _retry_after(error))
        case NoAudioReceived():
            return EngineError("Edge sent no sound.", "Check the voice's name and language.")
        case CutError() | ConnectionResetError():
            return EngineError("Edge broke off in the middle of a line.")
        case aiohttp.ClientConnectorCertificateError():
            return EngineError("Edge's certificate is not trusted here.", REACH)
        case aiohttp.ClientError() | OSError():
            return EngineError("Edge cannot be reached.", REACH)
        case EdgeTTSException() | DecodingError():
            return EngineError("Edge sent something that is no speech.", _UPDATE)
        case _:
            return EngineError("Edge answered in a way that is not understood.", _UPDATE)


def _refused(status: int, retry_after: float | None) -> EngineError:
    match status:
        case 401 | 403:
            return EngineError("Edge refuses to speak.", f"Check this machine's clock. {_UPDATE}", retry_after)
        case 429 | 503:
            return EngineError("Edge is too busy to speak.", "", retry_after)
        case _:
            return EngineError(f"Edge cannot speak (HTTP {status}).", "", retry_after)


def _retry_after(error: aiohttp.WSServerHandshakeError) -> float | None:
    value = error.headers.get("Retry-After", "") if error.headers else ""
    # It may also be a date; then the chain's own patience will do.
    return float(value) if value.isdigit() else None
