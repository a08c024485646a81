"""A local server that speaks the Edge Read-Aloud protocol, with real speech and true word times.

`async with EdgeFake() as edge: ... edge.url`, or `python -m tests.fakes.edge --port 8765` beside a benchmark.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from xml.etree import ElementTree

from aiohttp import WSMsgType, web

from tests.fakes.host import Fake, main
from tests.fakes.speech import BYTES_PER_SECOND, LEADING, Speech, speak

TICKS = 10_000_000
FRAME_BYTES = 720
"""MP3 bytes in one binary message: five frames, 120 ms."""

Kind = Literal["403", "503", "no_audio", "silent", "stall", "deaf", "cut", "bad_frame", "garbage"]
"""How a request can fail.

403 and 503 refuse the handshake. `no_audio` ends the turn without sound. `silent` never answers. `stall`
stops sending and holds the connection, `deaf` does not even read any more, `cut` breaks the connection,
`bad_frame` sends a frame whose header is longer than the frame, and `garbage` sends sound that is no MP3: the
latter five after `Failure.after` seconds of sound.
"""


@dataclass(frozen=True, slots=True)
class Failure:
    kind: Kind
    after: float = 0.0


@dataclass(slots=True)
class Request:
    """What was asked, and how it went. Times are seconds of `time.monotonic`, the same in all processes."""

    at: float
    text: str = ""
    voice: str = ""
    rate: str = ""
    pitch: str = ""
    boundary: str = ""
    first_byte_at: float | None = None
    ended_at: float | None = None
    seconds_sent: float = 0.0
    outcome: str = "open"
    """"done", "closed" (by the client, before its end) or the kind of failure."""


class EdgeFake(Fake):
    """An Edge Read-Aloud service on this machine."""

    scheme = "ws"
    path = "/consumer/speech/synthesize/readaloud/edge/v1?TrustedClientToken=none"

    def __init__(
        self,
        port: int = 0,
        *,
        first_byte: float = 0.0,
        speed: float = 50.0,
        parallel: float = 0,
        fail: Kind | None = None,
    ) -> None:
        super().__init__(port)
        self.first_byte = first_byte
        """Seconds from the request to the first sound."""
        self.speed = speed
        """Seconds of sound sent per second."""
        self.parallel = parallel
        """How many connections are served at once before 503; 0 for any number."""
        self.fail: Kind | None = fail
        """How every request fails from now on."""
        self.failures: deque[Failure | None] = deque()
        """How the next requests fail, one each (None: not at all), before `fail` counts."""
        self.requests: list[Request] = []
        self.open = 0
        """Connections open now."""
        self.truth: dict[str, Speech] = {}
        """What was said, by text."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(self.path.partition("?")[0], self._connect)]

    def log(self) -> list[dict[str, Any]]:
        return [asdict(request) for request in self.requests]

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        record = Request(time.monotonic())
        self.requests.append(record)
        failure = self.failures.popleft() if self.failures else self.fail and Failure(self.fail)
        if self.parallel and self.open >= self.parallel:
            failure = Failure("503")
        if failure and failure.kind in {"403", "503"}:
            record.outcome, record.ended_at = failure.kind, time.monotonic()
            return web.Response(status=int(failure.kind))
        socket = web.WebSocketResponse(compress=False)
        self.open += 1
        try:
            await socket.prepare(request)
            await _Turn(self, socket, request, record, failure or None).run()
        except (asyncio.CancelledError, ConnectionError):
            if record.outcome == "open":
                record.outcome = "closed"
        finally:
            self.open -= 1
            record.ended_at = time.monotonic()
        return socket


@dataclass(slots=True)
class _Turn:
    """One utterance over one connection."""

    fake: EdgeFake
    socket: web.WebSocketResponse
    request: web.Request
    record: Request
    failure: Failure | None
    boundary: str = "SentenceBoundary"
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    async def run(self) -> None:
        answering: asyncio.Task[None] | None = None
        try:
            async for message in self.socket:
                if message.type != WSMsgType.TEXT:
                    continue
                head, _, body = message.data.partition("\r\n\r\n")
                headers = dict(line.partition(":")[::2] for line in head.split("\r\n"))
                match headers.get("Path", "").strip():
                    case "speech.config":
                        self._configure(json.loads(body))
                    case "ssml":
                        self.id = headers["X-RequestId"]
                        answering = asyncio.create_task(self._answer(body))
        finally:
            if answering is not None:
                unfinished = answering.cancel()
                if unfinished and self.record.outcome == "open":
                    self.record.outcome = "closed"
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await answering

    def _configure(self, config: dict[str, Any]) -> None:
        audio = config["context"]["synthesis"]["audio"]
        assert audio["outputFormat"] == "audio-24khz-48kbitrate-mono-mp3"
        if audio["metadataoptions"]["wordBoundaryEnabled"] == "true":
            self.boundary = "WordBoundary"

    async def _answer(self, ssml: str) -> None:
        asked = time.monotonic()
        voice = next(ElementTree.fromstring(ssml).iter("{http://www.w3.org/2001/10/synthesis}voice"))
        prosody = voice[0]
        record = self.record
        record.text, record.voice, record.boundary = prosody.text or "", voice.get("name", ""), self.boundary
        record.rate, record.pitch = prosody.get("rate", "+0%"), prosody.get("pitch", "+0Hz")
        speech = await asyncio.to_thread(_say, record.text, record.voice, record.rate, record.pitch)
        self.fake.truth[record.text] = speech
        kind = self.failure.kind if self.failure else None
        if kind == "silent":
            record.outcome = "silent"
            await asyncio.Event().wait()
        await self._text("turn.start", {"context": {"serviceTag": uuid.uuid4().hex}})
        stream = uuid.uuid4().hex.upper()
        inline = {"type": "inline", "streamId": stream}
        await self._text("response", {"context": {"serviceTag": self.id}, "audio": inline})
        await asyncio.sleep(max(0.0, asked + self.fake.first_byte - time.monotonic()))
        if kind != "no_audio" and speech.mp3:
            await self._sound(speech, stream)
            if record.outcome != "open":
                return
        record.outcome = "done" if kind != "no_audio" else "no_audio"
        await self._text("turn.end", {})

    async def _sound(self, speech: Speech, stream: str) -> None:
        begin = self.record.first_byte_at = time.monotonic()
        marks = deque(_marks(speech, self.boundary, self.record.text))
        for at in range(0, len(speech.mp3), FRAME_BYTES):
            seconds = at / BYTES_PER_SECOND
            if self.failure and seconds >= self.failure.after and await self._strike(self.failure.kind):
                return
            # The service sends a word's time before its sound.
            while marks and marks[0]["Data"]["Offset"] / TICKS <= seconds + FRAME_BYTES / BYTES_PER_SECOND:
                await self._text("audio.metadata", {"Metadata": [marks.popleft()]})
            await self._binary(speech.mp3[at : at + FRAME_BYTES], stream)
            self.record.seconds_sent = min(seconds + 0.12, speech.seconds)
            ahead = begin + (at + FRAME_BYTES) / BYTES_PER_SECOND / self.fake.speed - time.monotonic()
            if ahead > 0.002:
                await asyncio.sleep(ahead)
        await self._binary(b"", None)

    async def _strike(self, kind: Kind) -> bool:
        self.record.outcome = kind
        match kind:
            case "stall":
                await asyncio.Event().wait()
            case "deaf":
                assert isinstance(self.request.transport, asyncio.Transport)
                self.request.transport.pause_reading()
                await asyncio.Event().wait()
            case "cut":
                assert self.request.transport is not None
                self.request.transport.abort()
            case "bad_frame":
                await self.socket.send_bytes(b"\x7f\xffPath:audio\r\n")
            case "garbage":
                for _ in range(200):
                    await self._binary(b"\x00\x01garbage" * 80, "none")
                await self._text("turn.end", {})
        return True

    async def _text(self, path: str, body: dict[str, Any]) -> None:
        kind = "application/json; charset=utf-8"
        head = f"X-RequestId:{self.id}\r\nContent-Type:{kind}\r\nPath:{path}\r\n\r\n"
        await self.socket.send_str(head + json.dumps(body))

    async def _binary(self, sound: bytes, stream: str | None) -> None:
        # The stream's last message has neither sound nor a Content-Type.
        extra = f"Content-Type:audio/mpeg\r\nX-StreamId:{stream}\r\n" if stream else ""
        head = f"X-RequestId:{self.id}\r\n{extra}Path:audio\r\n".encode()
        await self.socket.send_bytes(len(head).to_bytes(2, "big") + head + sound)


def _say(text: str, voice: str, rate: str, pitch: str) -> Speech:
    """Edge's relative rate in espeak-ng's words a minute, its pitch in Hz as steps of espeak-ng's 0 to 99."""
    speed = round(175 * (1 + int(rate.rstrip("%")) / 100))
    height = min(99, max(0, 50 + int(pitch.removesuffix("Hz")) // 2))
    language = voice.partition("(")[2].partition(",")[0].partition("-")[0] or "en"
    return speak(text, "en-us" if language == "en" else language, speed, height)


def _marks(speech: Speech, boundary: str, text: str) -> list[dict[str, Any]]:
    def mark(start: float, end: float, words: str) -> dict[str, Any]:
        label = {"Text": words, "Length": len(words), "BoundaryType": boundary}
        data = {"Offset": round(start * TICKS), "Duration": round((end - start) * TICKS), "text": label}
        return {"Type": boundary, "Data": data}

    if boundary == "WordBoundary":
        return [mark(word.start, word.end, word.text) for word in speech.words]
    return [mark(LEADING, speech.words[-1].end, text)] if speech.words else []


if __name__ == "__main__":
    main(EdgeFake(), "first_byte", "speed", "parallel")
