"""Microsoft Edge's Read-Aloud voices: free, streamed, and able to refuse at any time."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from backend.fallback import EngineError
from backend.speaking import Spoken, Style, WordMark
from backend.speaking.decoding import Mp3Decoder
from backend.speaking.edge_voices import voice_for
from backend.speaking.reachable import Doorbell
from backend.speaking.silence import Line

if TYPE_CHECKING:
    from backend.speaking.edge_client import EdgeClient

_TICKS = 10_000_000
"""Edge counts in units of 100 ns."""
_QUEUED = 512
"""Messages (some 120 ms, 720 bytes each) read ahead of the listener. A whole line fits: its place among the parallel
calls is free again as soon as the service has sent it, not when somebody has listened to it."""
_SLICE = 4096
"""Bytes decoded in one go, about 0.2 ms of work."""
_BASE_PITCH = 200.0
"""Hz; Edge takes pitch in Hz only, and its default voices are women's."""
_VOICE = re.compile(r"[a-z]{2,}-[A-Z]{2,}-[\w-]+Neural")
_MICROSOFT = "wss://speech.platform.bing.com"
REACH = "Check the network, or set VISAVIS_EDGE_URL to a relay that can reach it."
_DEFAULT_PARALLEL = 3
"""The service has answered 503 to four calls at once."""


class EdgeVoice:
    """Edge behind the `Voice` door. It marks words.

    *url* is another endpoint (a relay) instead of Microsoft's own; *parallel* is how many lines may be
    spoken at once. Times are seconds: to connect, from there to the first sound (waiting for a free place
    included), and between two pieces of sound. Raises `ValueError` when *url* is no websocket address.
    """

    name = "edge"

    def __init__(
        self,
        url: str | None = None,
        *,
        parallel: int = _DEFAULT_PARALLEL,
        connect: int = 3,
        first_byte: float = 5.0,
        stall: float = 5.0,
    ) -> None:
        if url is not None and (urlsplit(url).scheme not in {"ws", "wss"} or not urlsplit(url).netloc):
            raise ValueError("the Edge endpoint must be an address like wss://host/path")
        self._url = url
        self._places = asyncio.Semaphore(parallel)
        self._connect, self._first_byte, self._stall = connect, first_byte, stall
        self._client: EdgeClient | None = None
        self._doorbell = Doorbell(url or _MICROSOFT, limit=connect)
        self._loading = asyncio.Lock()

    async def prepare(self) -> None:
        """Import edge-tts and build its client off the loop, and see whether the service can be reached, so that
        no line waits for either. Raises `EngineError` when it can't speak.
        """
        await self._load()
        if ringing := self._doorbell.ring():
            await ringing
        await self._check()

    async def _check(self) -> None:
        if not await self._doorbell.answered():
            raise EngineError("Edge cannot be reached.", REACH)

    async def _load(self) -> "EdgeClient":
        async with self._loading:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(_build, self._url, self._connect)
                except ImportError as error:
                    reason = "The package edge-tts is missing."
                    raise EngineError(reason, "Install it: uv sync") from error
            return self._client

    async def say(self, text: str, style: Style) -> AsyncIterator[Spoken]:
        """See `backend.speaking.Voice`."""
        if not any(map(str.isalnum, text)):
            return
        client = self._client or await self._load()
        await self._check()
        from backend.speaking.edge_client import Opened, explained  # noqa: PLC0415 - loaded by now

        arrived: asyncio.Queue[dict[str, Any] | Exception | None] = asyncio.Queue(_QUEUED)
        with Opened() as opened:
            reading = asyncio.create_task(self._read(client, text, style, arrived))
        line, decoder = Line(), Mp3Decoder()
        limit = self._connect + self._first_byte
        try:
            while (item := await _next(arrived, limit)) is not None:
                if isinstance(item, Exception):
                    raise item
                if item["type"] == "audio":
                    limit = self._stall
                    for at in range(0, len(item["data"]), _SLICE):
                        for spoken in line.feed(decoder.feed(item["data"][at : at + _SLICE])):
                            yield spoken
                elif item["type"] == "WordBoundary":
                    start = item["offset"] / _TICKS
                    line.mark(WordMark(start, start + item["duration"] / _TICKS, item["text"]))
            for spoken in (*line.feed(decoder.finish()), *line.finish()):
                yield spoken
        except TimeoutError:
            begun = limit == self._stall and line.seconds > 0
            reason = "Edge stopped in the middle of a line." if begun else "Edge does not answer."
            raise EngineError(reason, "Check the network.") from None
        except Exception as error:
            raise explained(error) from error
        finally:
            opened.drop()
            reading.cancel()
            decoder.close()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, client: "EdgeClient", text: str, style: Style, arrived: asyncio.Queue[Any]) -> None:
        """Puts the service's items into *arrived*, then None, or the exception that ended it."""
        voice = style.voice if _VOICE.fullmatch(style.voice) else voice_for(style.language)
        rate, pitch = f"{round(style.rate * 100):+d}%", f"{round(style.pitch * _BASE_PITCH):+d}Hz"
        try:
            async with self._places:
                async for item in client.stream(text, voice, rate, pitch):
                    await arrived.put(item)
            await arrived.put(None)
        except Exception as error:
            await arrived.put(error)


async def _next(queue: asyncio.Queue[Any], limit: float) -> Any:
    if not queue.empty():
        return queue.get_nowait()
    async with asyncio.timeout(limit):
        return await queue.get()


def _build(url: str | None, connect: int) -> "EdgeClient":
    from backend.speaking.edge_client import EdgeClient  # noqa: PLC0415 - 0.3 s, in a thread

    return EdgeClient(url, connect)
