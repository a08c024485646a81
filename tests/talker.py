"""A person without a browser: speaks the socket's protocol and listens in real time, as a page would."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from backend import wire

RATE = 24_000


@dataclass(slots=True)
class Line:
    """A line as it arrived. Times are seconds of `time.monotonic`."""

    text: str
    voice: str
    seconds: float = 0.0
    cues: dict[float, str] = field(default_factory=dict)
    words: list[tuple[float, float, str]] = field(default_factory=list)
    pcm: bytearray = field(default_factory=bytearray)
    complete: bool = False
    uncovered: float = 0.0
    """Seconds of sound that came before their mouth cues."""
    until: float = 0.0
    opener: bool = False


@dataclass(slots=True)
class Heard:
    """What one turn brought."""

    turn: int
    lines: dict[int, Line] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    first_sound: float | None = None
    first_word: float | None = None
    """The first sound of the answer itself."""
    first_cue: float | None = None
    starved: float = 0.0
    """Seconds of silence because sound came later than it was due."""
    _due: float | None = None

    @property
    def text(self) -> str:
        return " ".join(line.text for _, line in sorted(self.lines.items()) if not line.opener)

    @property
    def opener(self) -> Line | None:
        """What bridged the wait for the answer."""
        return next((line for line in self.lines.values() if line.opener), None)

    @property
    def end(self) -> dict[str, Any] | None:
        return next((m for m in self.messages if m["type"] in {"turn_ended", "cancelled"}), None)

    def seconds(self) -> float:
        return sum(len(line.pcm) for line in self.lines.values()) / 2 / RATE


class Talker:
    """One connection. `frames` keeps everything that arrived, with its time."""

    def __init__(self, socket: ClientConnection, *, play: bool = True) -> None:
        self.socket = socket
        self.ready: dict[str, Any] = {}
        self.turns: dict[int, Heard] = {}
        self.notices: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.frames: list[tuple[float, dict[str, Any]]] = []
        self.seq = 0
        self.speed = 1.0
        """How much faster than real time this listener listens; 0 never reports what it heard."""
        self._news = asyncio.Condition()
        self._play = play
        self._played: dict[int, float] = {}

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def say(self, text: str, **more: Any) -> "Heard":
        """Type *text* and wait until its turn has begun."""
        before = max(self.turns, default=0)
        await self.send(type="typed", text=text, **more)
        await self.until(lambda: max(self.turns, default=0) > before)
        return self.turns[max(self.turns)]

    async def ask(self, text: str, timeout: float = 30) -> "Heard":
        """Type *text* and wait for the whole answer."""
        heard = await self.say(text)
        await self.until(lambda: heard.end is not None, timeout)
        return heard

    async def until(self, true: Any, timeout: float = 15) -> None:
        async with asyncio.timeout(timeout), self._news:
            await self._news.wait_for(true)

    async def listen(self) -> None:
        """Take frames until the connection closes."""
        with suppress(websockets.ConnectionClosed):
            async for frame in self.socket:
                now = time.monotonic()
                message = self._binary(frame, now) if isinstance(frame, bytes) else self._text(json.loads(frame), now)
                self.frames.append((now, message))
                self.seq = max(self.seq, message.get("seq", 0))
                async with self._news:
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def play(self) -> None:
        """Report playback in (a multiple of) real time, four times a second and at the end of each line."""
        turn = 0
        while True:
            # Not every number is heard of: a turn may be taken back before it began to speak.
            await self.until(lambda t=turn: any(one > t for one in self.turns), 3600)
            turn = min(one for one in self.turns if one > turn)
            await self._play_turn(turn)

    async def _play_turn(self, turn: int) -> None:
        heard = self.turns[turn]
        for number in itertools.count():
            await self.until(lambda n=number: n in heard.lines or heard.end or turn < max(self.turns), 3600)
            if number not in heard.lines:
                return
            line, played = heard.lines[number], 0.0
            while turn == max(self.turns):
                length = line.seconds if not line.voice else len(line.pcm) / 2 / RATE
                if (line.complete or not line.voice) and played >= length:
                    break
                step = 0.25
                await asyncio.sleep(step / self.speed)
                played = min(length, played + step)
                with suppress(websockets.ConnectionClosed):
                    await self.send(type="playback", turn=turn, line=number, played_ms=played * 1000, seq=self.seq)

    def _text(self, message: dict[str, Any], now: float) -> dict[str, Any]:
        match message["type"]:
            case "ready":
                self.ready = message
            case "notice":
                self.notices.append(message)
            case "error":
                self.errors.append(message)
            case "turn_started":
                self.turns[message["turn"]] = Heard(message["turn"])
        if (heard := self.turns.get(message.get("turn", 0))) is None:
            return message
        heard.messages.append(message)
        if message["type"] == "line":
            heard.lines[message["line"]] = Line(
                message["text"], message["voice"], message["seconds"], opener=message["opener"]
            )
        elif message["type"] == "timing":
            line = heard.lines[message["line"]]
            line.cues = {t: s for t, s in line.cues.items() if t < message["since"]} | dict(map(tuple, message["cues"]))
            line.words += [tuple(word) for word in message["words"]]
            line.until = message["until"]
            heard.first_cue = heard.first_cue or now
        return message

    def _binary(self, frame: bytes, now: float) -> dict[str, Any]:
        seq, audio = wire.unpack(frame)
        heard = self.turns[audio.turn]
        line = heard.lines[audio.line]
        heard.first_sound = heard.first_sound or now
        if not line.opener:
            heard.first_word = heard.first_word or now
        # A player that began at the first sound runs dry where a chunk comes after its time.
        due = heard._due if heard._due is not None else now
        heard.starved += max(0.0, now - due)
        heard._due = max(due, now) + len(audio.pcm) / 2 / RATE
        line.pcm += audio.pcm
        line.complete = bool(audio.flags & wire.Flags.LAST)
        line.uncovered = max(line.uncovered, len(line.pcm) / 2 / RATE - line.until)
        return {"type": "sound", "seq": seq, "turn": audio.turn, "line": audio.line, "bytes": len(audio.pcm)}


@asynccontextmanager
async def talker(
    url: str,
    *,
    play: bool = True,
    speed: float = 1.0,
    headers: dict[str, str] | None = None,
    turns: dict[int, Heard] | None = None,
    **hello: Any,
) -> AsyncIterator[Talker]:
    """Connect to the server at *url* (http://…), say hello, listen and play until the block ends.

    Who comes back brings the *turns* that they have of the conversation.
    """
    async with connect(url.replace("http", "ws", 1) + "/ws", max_size=None, additional_headers=headers) as socket:
        person = Talker(socket)
        person.speed = speed
        person.turns = turns if turns is not None else {}
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(person.listen())]
            if play:
                tasks.append(group.create_task(person.play()))
            await person.send(**{"type": "hello", "greet": False} | hello)
            await person.until(lambda: person.ready or person.errors)
            try:
                yield person
            finally:
                for task in tasks:
                    task.cancel()
