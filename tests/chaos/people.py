"""People for whom things go wrong: those who come back by themselves, those who vanish, and those who do not listen."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.talker import Heard, Talker

PATIENCE = 60.0
"""Seconds after which somebody was left without an answer and without a word why."""
AGAIN = 0.2
"""Seconds before a lost connection is tried again."""
KNOWN = 10.0
"""Seconds in which a question that was sent into a breaking connection shows itself after coming back."""


@dataclass(slots=True)
class Answer:
    """What one question brought in the end."""

    asked: str
    text: str = ""
    why: str = ""
    mind: str = ""
    voices: set[str] = field(default_factory=set)
    """Of its lines; an empty name is a caption."""
    told: list[str] = field(default_factory=list)
    """Codes of the notices and errors since the last question."""
    anew: int = 0
    """How often it had to be asked again, because the conversation was lost."""

    @property
    def answered(self) -> bool:
        """An answer, to its end."""
        return self.why == "complete" and bool(self.text.strip())

    @property
    def plain(self) -> bool:
        """At least a word why there is none."""
        return self.answered or bool(self.text.strip()) or bool(self.told)


class Person:
    """Talks, listens at *speed* times real time, and comes back like the page when the connection is lost."""

    def __init__(self, url: str, speed: float = 10.0) -> None:
        self._url = url.replace("http", "ws", 1) + "/ws"
        self._speed = speed
        self.talker: Talker | None = None
        self.conversations = 0
        """How many it took: more than one when one was lost."""
        self.returns = 0
        self._there = asyncio.Event()
        self._asked: set[str] = set()
        self._seen = 0

    async def ask(self, question: str, limit: float = PATIENCE) -> Answer:
        """Ask and listen to the end; asks again where the conversation was lost. Raises TimeoutError."""
        answer = Answer(question)
        async with asyncio.timeout(limit):
            for attempt in itertools.count():
                answer.asked = question if not attempt else f"{question} Once more, {attempt}."
                answer.anew = attempt
                heard = await self._try(answer.asked)
                if heard is not None:
                    break
        answer.told = self._news()
        answer.text = heard.text
        answer.voices = {line.voice for line in heard.lines.values()}
        answer.why = str((heard.end or {}).get("why", ""))
        answer.mind = str((heard.end or {}).get("cost", {}).get("answered_by", ""))
        return answer

    async def _try(self, text: str) -> Heard | None:
        """The turn of *text*; None when its conversation was lost."""
        await self._there.wait()
        mine, talker = self.conversations, self.talker
        assert talker is not None

        def begun() -> Heard | None:
            for heard in talker.turns.values():
                if any(m.get("text") == text and m["type"] == "turn_started" for m in heard.messages):
                    return heard
            return None

        while begun() is None:
            await self._there.wait()
            if self.conversations != mine:
                return None
            with suppress(WebSocketException, OSError):
                await talker.send(type="typed", text=text)
            with suppress(TimeoutError):
                await talker.until(lambda: begun() or self.conversations != mine, KNOWN)
        heard = begun()
        assert heard is not None
        await talker.until(lambda: heard.end or self.conversations != mine, 2 * PATIENCE)
        return heard if heard.end else None

    def _news(self) -> list[str]:
        assert self.talker is not None
        all_news = [*self.talker.notices, *self.talker.errors]
        assert all(one["text"].strip() for one in all_news), "every notice says something"
        new, self._seen = all_news[self._seen :], len(all_news)
        return [str(one["code"]) for one in new]

    async def stay(self) -> None:
        """Be connected, for ever."""
        playing: asyncio.Task[None] | None = None
        player: Talker | None = None
        try:
            while True:
                with suppress(OSError, WebSocketException, TimeoutError):
                    async with connect(self._url, max_size=None, ping_interval=2, ping_timeout=4) as socket:
                        listening = await self._arrive(socket)
                        if self.talker is not player or playing is None or playing.done():
                            await _stop(playing)
                            player = self.talker
                            assert player is not None
                            playing = asyncio.create_task(player.play())
                        await listening
                self._there.clear()
                await asyncio.sleep(AGAIN)
        finally:
            await _stop(playing)

    async def _arrive(self, socket: Any) -> "asyncio.Task[None]":
        before = self.talker
        resume = {"token": before.ready["resume"], "seq": before.seq} if before and before.ready else None
        talker = before or Talker(socket)
        token = dict(talker.ready)
        talker.socket, talker.speed, talker.ready = socket, self._speed, {}
        failures = len(talker.errors)
        listening = asyncio.create_task(talker.listen())
        try:
            await talker.send(type="hello", greet=False, resume=resume)
            await talker.until(lambda: talker.ready or len(talker.errors) > failures, 15)
        except BaseException:
            talker.ready = token
            listening.cancel()
            raise
        if not talker.ready:
            talker.ready = token
            listening.cancel()
            raise ConnectionAbortedError
        self.returns += bool(resume)
        if not talker.ready["resumed"]:
            self.conversations += 1
            # Numbers begin again. The player of the lost conversation has nothing more to report.
            self.talker = Talker(socket)
            self.talker.speed, self.talker.ready, self.talker.seq = self._speed, talker.ready, 0
            await _stop(listening)
            listening = asyncio.create_task(self.talker.listen())
            self.talker.notices, self.talker.errors = talker.notices, talker.errors
            async with talker._news:
                talker._news.notify_all()
        self._there.set()
        return listening


async def _stop(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def present(url: str, count: int, speed: float = 10.0) -> AsyncIterator[list[Person]]:
    """*count* people, connected until the block ends."""
    everyone = [Person(url, speed) for _ in range(count)]
    staying = [asyncio.create_task(person.stay()) for person in everyone]
    try:
        for person in everyone:
            await asyncio.wait_for(person._there.wait(), PATIENCE)
        yield everyone
    finally:
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
