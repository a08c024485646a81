"""People with the habits of people: they ask, listen in real time, think, ask again; some cut in, some lose the line.

`python -m bench.load.people --url http://... --people 100 --seconds 120` prints what they saw as one JSON object. It is
a process of its own, so that its CPU time can be told from the server's.
"""

import argparse
import asyncio
import json
import random
import resource
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from backend.wire import HEADER, Flags
from bench.load.line import Line

THINKS = (2.0, 8.0)
"""Seconds between the end of an answer and the next question: what people take to think and to speak."""
CUTS_IN, DROPS = 0.1, 0.05
"""Shares of turns that are interrupted, and in which the connection is lost."""
ALONE = 15
"""Turns of the one who is alone."""
REPORT = 0.25
"""Seconds between reports of what was played, as the page sends them."""
PATIENCE = 60.0
"""Seconds after which a turn counts as lost."""
SECOND = 48_000
"""Bytes of a second of sound."""


@dataclass(slots=True)
class Seen:
    """What everybody saw together. Times in seconds."""

    alone: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    starved: list[float] = field(default_factory=list)
    spoken: float = 0.0
    cut: int = 0
    dropped: int = 0
    resumed: int = 0
    errors: list[str] = field(default_factory=list)
    cpu: float = 0.0


@dataclass(slots=True)
class Turn:
    """One answer as it arrives and is played."""

    asked: float
    number: int = -1
    first: float = 0.0
    due: float = 0.0
    starved: float = 0.0
    lines: dict[int, tuple[float, bool]] = field(default_factory=dict)
    """Seconds of each line so far, and whether that is all."""
    over: bool = False
    cancelled: bool = False
    line: int = 0
    played: float = 0.0

    @property
    def finished(self) -> bool:
        """Everything was heard."""
        return self.over and (self.cancelled or self.line not in self.lines)


class Person:
    """One of them."""

    def __init__(self, url: str, seen: Seen, chance: random.Random) -> None:
        self._url, self._seen, self._chance = url, seen, chance
        self._line: Line | None = None
        self._turn: Turn | None = None
        self._seq = 0
        self._token = ""
        self._resumed: bool | None = None
        self._news = asyncio.Event()
        self._gone = asyncio.Event()

    async def connect(self) -> None:
        """Come in, or back."""
        self._gone.clear()
        self._resumed = None
        self._line = await Line.to(self._url, self._heard, self._lost)
        resume = {"token": self._token, "seq": self._seq} if self._token else None
        self._line.send(type="hello", greet=False, resume=resume)
        await self._until(lambda: self._resumed is not None)

    async def evening(self, until: float) -> None:
        """Converse until then."""
        await asyncio.sleep(self._chance.uniform(0, THINKS[1]))
        while time.monotonic() < until:
            try:
                if self._line is None or self._gone.is_set():
                    await self.connect()
                await self._exchange(self._chance.random())
                await asyncio.sleep(self._chance.uniform(*THINKS))
            except (OSError, TimeoutError) as error:
                self._seen.errors.append(type(error).__name__)
                self._token, self._seq = "", 0
                await asyncio.sleep(1)
        self.leave()

    def leave(self) -> None:
        """Close the page."""
        if self._line is not None:
            self._line.drop()

    async def _exchange(self, fate: float) -> None:
        seen = self._seen
        if fate < CUTS_IN:
            await self.cut_in(self._chance.uniform(0.5, 4.0))
            seen.cut += 1
            return
        turn = self._ask()
        if fate < CUTS_IN + DROPS:
            await self._until(lambda: turn.first or turn.over)
            await asyncio.sleep(self._chance.uniform(0, 2.0))
            assert self._line is not None
            self._line.drop()
            await self._gone.wait()
            seen.dropped += 1
            await asyncio.sleep(self._chance.uniform(0.2, 2.0))
            await self.connect()
            seen.resumed += bool(self._resumed)
            if not self._resumed:
                seen.errors.append("not resumed")
                return
        await self._listen(turn)
        if not turn.first:
            seen.errors.append("no sound")
        elif fate >= CUTS_IN + DROPS:
            seen.first.append(turn.first - turn.asked)
            seen.starved.append(turn.starved)

    async def cut_in(self, after: float) -> float:
        """Ask, and interrupt *after* seconds of sound; the seconds to the first of it."""
        turn = self._ask()
        await self._until(lambda: turn.first or turn.over)
        await self._listen(turn, after)
        assert self._line is not None
        if not turn.over:
            self._line.send(type="interrupt", turn=turn.number, line=turn.line, played_ms=turn.played * 1000)
            await self._until(lambda: turn.over)
        return turn.first - turn.asked

    def _ask(self) -> Turn:
        assert self._line is not None
        turn = self._turn = Turn(time.monotonic())
        self._line.send(type="typed", text="How does it work?")
        return turn

    async def _listen(self, turn: Turn, seconds: float = PATIENCE) -> None:
        """Play what comes in real time, and report it, until the answer was heard or for *seconds*."""
        began = last = time.monotonic()
        while not turn.finished and not self._gone.is_set():
            await asyncio.sleep(REPORT)
            now = time.monotonic()
            self._play(turn, now - last)
            last = now
            if now - began > seconds:
                if seconds == PATIENCE:
                    raise TimeoutError
                return

    def _play(self, turn: Turn, seconds: float) -> None:
        """*seconds* further on, over the ends of lines."""
        if not turn.first:
            return
        while turn.line in turn.lines:
            length, complete = turn.lines[turn.line]
            step = min(seconds, length - turn.played)
            turn.played += step
            seconds -= step
            self._report(turn)
            if not complete or turn.played < length - 1e-6:
                return
            turn.line, turn.played = turn.line + 1, 0.0

    def _report(self, turn: Turn) -> None:
        if self._line is not None:
            played = round(turn.played * 1000, 1)
            self._line.send(type="playback", turn=turn.number, line=turn.line, played_ms=played, seq=self._seq)

    # ------------------------------------------------------------------ what arrives

    def _heard(self, text: bool, data: bytes) -> None:
        if not text:
            self._sound(data)
            return
        # Mouth cues and captions are for the face and the page: only their numbers matter here.
        if data.startswith((b'{"type":"timing"', b'{"type":"text"')):
            begin = data.index(b'"seq":') + 6
            self._seq = max(self._seq, int(data[begin : data.index(b",", begin)]))
            return
        self._message(json.loads(data))

    def _sound(self, data: bytes) -> None:
        _, _, flags, seq, number, line, _ = HEADER.unpack_from(data)
        self._seq = max(self._seq, seq)
        turn = self._turn
        if turn is None or turn.number != number:
            return
        now, seconds = time.monotonic(), (len(data) - HEADER.size) / SECOND
        if not turn.first:
            turn.first = turn.due = now
            self._news.set()
        # A player that began at the first sound runs dry where a chunk comes after its time.
        turn.starved += max(0.0, now - turn.due)
        turn.due = max(turn.due, now) + seconds
        turn.lines[line] = (turn.lines.get(line, (0.0, False))[0] + seconds, bool(flags & Flags.LAST))
        self._seen.spoken += seconds

    def _message(self, message: dict[str, Any]) -> None:
        self._seq = max(self._seq, message.get("seq", 0))
        turn = self._turn
        match message["type"]:
            case "ready":
                if not message["resumed"]:
                    self._seq = 0
                self._token, self._resumed = message["resume"], message["resumed"]
            case "error":
                self._seen.errors.append(message["code"])
                if self._resumed is None:
                    self._resumed = False
            case "turn_started" if turn is not None and turn.number < 0:
                turn.number = message["turn"]
            case "line" if turn is not None and not message["voice"]:
                self._seen.errors.append("caption only")
            case "turn_ended" | "cancelled" if turn is not None and message["turn"] == turn.number:
                turn.over = True
                turn.cancelled = message["type"] == "cancelled"
        self._news.set()

    def _lost(self) -> None:
        self._gone.set()
        self._news.set()

    async def _until(self, true: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                if self._gone.is_set():
                    raise ConnectionAbortedError
                self._news.clear()
                await self._news.wait()


async def alone(url: str, turns: int) -> list[float]:
    """Seconds to the first sound of somebody who is alone, *turns* times."""
    me = Person(url, Seen(), random.Random(0))
    await me.connect()
    await me.cut_in(1.0)  # imports are warm, the fakes have made each clause once
    found = []
    for _ in range(turns):
        found.append(await me.cut_in(1.0))
        await asyncio.sleep(0.3)
    me.leave()
    return found


async def crowd(url: str, people: int, seconds: float, seed: int) -> Seen:
    """*people* at once for *seconds*."""
    seen = Seen()
    seen.alone = await alone(url, ALONE)
    print("alone", flush=True)
    before, until = _cpu(), time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(Person(url, seen, random.Random(seed * 10_000 + number)).evening(until))
    seen.cpu = _cpu() - before
    return seen


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run as a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seen = asyncio.run(crowd(options.url, options.people, options.seconds, options.seed))
    print(json.dumps(asdict(seen)), flush=True)


if __name__ == "__main__":
    main()
