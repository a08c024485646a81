"""A real server with everything around it, each part at the end of a wire, and what has to hold whatever breaks.

    async with House(folder) as house:
        row = await house.trial("voice", "refuses", house.voice.broken("refuse"), people=6)
        await house.inspect()

A trial: people are there, some in the middle of an answer, when the fault begins; all of them ask while it lasts;
when it is over the server has to find back by itself, and everybody asks once more.
"""

import asyncio
import itertools
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any, Self

import asyncpg
import httpx

from tests.chaos.people import Answer, Person, present
from tests.chaos.wire import Wire
from tests.fakes.chat import ChatFake
from tests.fakes.edge import EdgeFake
from tests.server import free_port, process

BACK = 60.0
"""Seconds in which a server has to be its old self again, without a restart."""
WRITTEN = 60.0
"""Seconds in which the last turn has to be in the store."""
SPREAD = 0.4
"""Seconds over which people ask."""
SPARE = 8
"""Open files of a process that may be there afterwards beyond those before: databases and caches keep a few
connections. One more for each who talked at the same time: connections to the model are kept for two minutes."""


@dataclass(slots=True)
class Row:
    """How one fault went."""

    part: str
    fault: str
    asked: int = 0
    as_ever: int = 0
    """Answers by the engines that answer when all is well."""
    otherwise: Counter[str] = field(default_factory=Counter)
    """How the rest were answered."""
    told: Counter[str] = field(default_factory=Counter)
    back: float = 0.0
    """Seconds from the fault's end until everything was as ever."""


@dataclass
class House:
    """The server and its surroundings. *database* is an address of PostgreSQL, or empty for SQLite."""

    folder: Path
    redis_port: int = 0
    database_port: int = 0
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.mind = await stack.enter_async_context(ChatFake())
            self.mind.answers.extend(_answers())
            self.edge = await stack.enter_async_context(EdgeFake())
            self.model = await stack.enter_async_context(Wire(self.mind.port).strung())
            self.voice = await stack.enter_async_context(Wire(self.edge.port).strung())
            self.redis = await stack.enter_async_context(Wire(self.redis_port).strung())
            self.database = await stack.enter_async_context(Wire(self.database_port).strung())
            self.port = free_port()
            self.door = await stack.enter_async_context(Wire(self.port).strung())
            self._running: AbstractContextManager[tuple[str, Popen[bytes]]] | None = None
            stack.push_async_callback(self.stop)
            await self.start()
            self.asked: list[str] = []
            self._most = 0
            async with present(self.url, 1) as (person,):
                self.asked.append((await person.ask("How does it go at first?")).asked)
            await self._kept()
            self._before = await self.measure() | {"conversations": 0}
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """Where people come in: over a wire of their own."""
        return f"http://127.0.0.1:{self.door.port}"

    async def start(self) -> None:
        """Start the server (again), at the same address and with the same data."""
        self._running = process(self._environment(), self.port, *self.options)
        self._inside, self.server = await asyncio.to_thread(self._running.__enter__)

    async def stop(self) -> None:
        """Stop the server."""
        running, self._running = self._running, None
        if running is not None:
            await asyncio.to_thread(running.__exit__, None, None, None)

    def _environment(self) -> dict[str, str]:
        documents = self.folder / "documents"
        documents.mkdir(parents=True, exist_ok=True)
        (documents / "one.md").write_text("# Tea\n\nTea is made with water that has just boiled.\n")
        found = {
            "OPENAI_BASE_URL": self.mind.url.replace(str(self.mind.port), str(self.model.port)),
            "OPENAI_API_KEY": "none",
            "OPENAI_MODEL": "fake-small",
            "VISAVIS_EDGE_URL": self.edge.url.replace(str(self.edge.port), str(self.voice.port)),
            "VISAVIS_EDGE_PARALLEL": "32",
            "VISAVIS_DATA": str(self.folder / "data"),
            "VISAVIS_DOCUMENTS": str(documents),
            "VISAVIS_PATIENCE_SECONDS": "1",
            "VISAVIS_ASIDE_SECONDS": "1",
            "VISAVIS_PING_SECONDS": "2",
            "VISAVIS_RESUME_SECONDS": "5",
        }
        if self.redis_port:
            found["VISAVIS_REDIS_URL"] = f"redis://127.0.0.1:{self.redis.port}/0"
        if self.database_port:
            found["VISAVIS_DATABASE"] = f"postgresql+asyncpg://visavis@127.0.0.1:{self.database.port}/postgres"
        return found | self.environment

    # ------------------------------------------------------------------ a trial

    async def trial(
        self,
        part: str,
        name: str,
        fault: AbstractContextManager[Any] | AbstractAsyncContextManager[Any],
        people: int,
        *,
        as_ever: Callable[[Answer], bool] | None = None,
        lasts: float = 0.0,
        limited: float = 0.0,
    ) -> Row:
        """*people* under *fault*, and after it. Raises where something does not hold.

        The fault lasts until everyone has their answer, and for *lasts* seconds at least; with *limited* it is over
        after so many seconds, answers or not.
        """
        row, well = Row(part, name), as_ever or _as_ever
        self._most = max(self._most, people)
        numbers = itertools.count()

        async def asks(person: Person, after: float) -> None:
            await asyncio.sleep(after)
            question = f"How does it go, number {next(numbers)} with {part} that {name}?"
            try:
                answer = await person.ask(question)
            except TimeoutError:
                raise AssertionError(f"{part}, {name}: no answer and no word to {question!r}") from None
            assert answer.plain, f"{part}, {name}: silence after {question!r}"
            row.asked += 1
            row.told.update(set(answer.told))
            if well(answer):
                row.as_ever += 1
            else:
                row.otherwise[_how(answer)] += 1
            self.asked.append(answer.asked)

        async with present(self.url, people) as everyone:
            async with asyncio.TaskGroup() as group:
                # A third of them are in the middle of it when the fault begins.
                early = everyone[: people // 3]
                for person in early:
                    group.create_task(asks(person, 0))
                await asyncio.sleep(random.uniform(0.05, 0.3))
                async with _entered(fault):
                    asking = [
                        group.create_task(asks(person, random.uniform(0, SPREAD))) for person in everyone[people // 3 :]
                    ]
                    await asyncio.sleep(limited or lasts)
                    if not limited:
                        await asyncio.gather(*asking)
            over = time.monotonic()
            row.back = await self._recover(well, part, name) - over
            async with asyncio.TaskGroup() as group:
                for person in everyone:
                    group.create_task(asks(person, random.uniform(0, SPREAD)))
        # The next fault strikes this one's records no more.
        await self._kept()
        print(f"{part}, {name}: {row.as_ever} of {row.asked} as ever, {dict(row.otherwise)}, told {dict(row.told)}")
        return row

    async def _recover(self, well: Callable[[Answer], bool], part: str, name: str) -> float:
        """Ask until all is as ever; when it was."""
        deadline = time.monotonic() + BACK
        async with present(self.url, 1) as (person,):
            for number in itertools.count():
                answer = await person.ask(f"Is it well, {number}, with {part} that {name}?")
                self.asked.append(answer.asked)
                if well(answer):
                    return time.monotonic()
                assert time.monotonic() < deadline, f"{part}, {name}: not itself again: {answer}"
                await asyncio.sleep(0.2)
        raise AssertionError

    # ------------------------------------------------------------------ what has to hold

    async def inspect(self) -> None:
        """Every question stands in the store, once; nothing is left over."""
        kept = await self._kept()
        lost = [text for text in self.asked if not kept[text]]
        doubled = [text for text in self.asked if kept[text] > 1]
        assert not lost, f"turns that are lost: {lost}"
        assert not doubled, f"turns that are there twice: {doubled}"
        after: dict[str, float] = {}
        for _ in range(60):
            after = await self.measure()
            spare = {"conversations": 0, "tasks": 2, "files": SPARE * self._processes() + self._most}
            if all(after[what] <= self._before[what] + spare[what] for what in after):
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"left over: {self._before} became {after}")

    def _processes(self) -> int:
        return max(1, len(workers_of(self.server.pid)))

    async def measure(self) -> dict[str, float]:
        """Conversations, tasks and open files of the server."""
        async with httpx.AsyncClient() as client:
            text = (await client.get(self._inside + "/metrics")).text
        found = {"conversations": 0.0, "tasks": 0.0}
        for name, value in re.findall(r"^visavis_(conversations|tasks)(?:\{.*\})? (\S+)$", text, re.MULTILINE):
            found[name] += float(value)
        pids = [self.server.pid, *workers_of(self.server.pid)]
        return found | {"files": float(sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids))}

    async def _kept(self) -> Counter[str]:
        deadline, kept = time.monotonic() + WRITTEN, Counter[str]()
        while time.monotonic() < deadline:
            kept = Counter(await (self._in_postgres() if self.database_port else asyncio.to_thread(self._in_sqlite)))
            if all(kept[text] for text in self.asked):
                break
            await asyncio.sleep(0.3)
        return kept

    def _in_sqlite(self) -> list[str]:
        connection = sqlite3.connect(self.folder / "data" / "conversations.db")
        try:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if "exchanges" not in tables:
                return []  # nothing was ever written
            return [asked for (asked,) in connection.execute("SELECT asked FROM exchanges")]
        finally:
            connection.close()

    async def _in_postgres(self) -> list[str]:
        connection = await asyncpg.connect(f"postgresql://visavis@127.0.0.1:{self.database_port}/postgres")
        try:
            if await connection.fetchval("SELECT to_regclass('exchanges')") is None:
                return []  # nothing was ever written
            return [row["asked"] for row in await connection.fetch("SELECT asked FROM exchanges")]
        finally:
            await connection.close()


def workers_of(pid: int) -> list[int]:
    """The worker processes of a server, the oldest first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def failing(fake: ChatFake | EdgeFake, kind: str, **settings: Any) -> AbstractContextManager[None]:
    """*fake* answers every request with failure *kind*, or with other *settings* (none: as well as ever)."""
    from contextlib import contextmanager

    @contextmanager
    def broken() -> Any:
        before = {name: getattr(fake, name) for name in settings}
        fake.set(**settings)
        fake.fail = kind or None  # type: ignore[assignment]
        try:
            yield
        finally:
            fake.fail = None
            fake.set(**before)

    return broken()


@asynccontextmanager
async def acting(*steps: Callable[[], Awaitable[Any]] | float) -> AsyncIterator[None]:
    """The fault is something that is done: *steps* one after the other, numbers are seconds between them."""

    async def act() -> None:
        for step in steps:
            await (asyncio.sleep(step) if isinstance(step, int | float) else step())

    task = asyncio.create_task(act())
    try:
        yield
        await task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _entered(fault: AbstractContextManager[Any] | AbstractAsyncContextManager[Any]) -> AsyncIterator[None]:
    if isinstance(fault, AbstractAsyncContextManager):
        async with fault:
            yield
    else:
        with fault:
            yield


def _as_ever(answer: Answer) -> bool:
    return answer.answered and answer.mind == "openai" and answer.voices == {"edge"}


def _how(answer: Answer) -> str:
    if not answer.answered:
        return "told why not"
    other = [] if answer.mind == "openai" else ["the offline mind"]
    if "" in answer.voices:
        other.append("captions")
    elif answer.voices != {"edge"}:
        other.append("the built-in voice" if "edge" not in answer.voices else "the built-in voice from some line on")
    return " and ".join(other) or "as ever, with a notice"


def _answers() -> list[str]:
    """No two alike: what is kept from one answer does not hide what is wrong with the next."""
    return [f"It goes like {n}. So does {n + 5000}." for n in range(5000)]
