"""All conversations of this process: who may begin one, who may come back, and who is forgotten."""

import asyncio
import time

from backend import wire
from backend.accounts import Accounts
from backend.allowance import Allowance
from backend.openers import Opening, Rendered
from backend.rooms import Engines
from backend.session import Session
from backend.settings import Settings
from backend.shelf import Shelf

SWEEP = 5.0
"""Seconds between looks for sessions whose browser did not come back."""


ENDING = 2.0
"""Seconds that turns may take to stop; they let go of models and voices at once."""


class Sessions:
    """The registry. `open` gives a hello its session; `sweep` ends those that nobody came back for."""

    def __init__(self, settings: Settings, engines: Engines, group: asyncio.TaskGroup, accounts: Accounts) -> None:
        self._settings = settings
        self._engines = engines
        self._group = group
        self._accounts = accounts
        self._by_token: dict[str, Session] = {}
        self._leaving = False
        url = settings.redis_url.get_secret_value()
        self._openers = Rendered(accounts.lines, engines.urgency, group.create_task) if settings.openers else None
        self._shelf = Shelf(url, settings.resume_seconds) if url else None

    def __len__(self) -> int:
        return len(self._by_token)

    @property
    def connected(self) -> int:
        """Conversations whose browser is there."""
        return sum(session.dropped_at is None for session in self._by_token.values())

    async def open(self, hello: wire.Hello, allowance: Allowance) -> tuple[Session, bool] | wire.Error:
        """(session, resumed) for the hello of whose *allowance* it is, or why there is none."""
        if hello.protocol != wire.PROTOCOL:
            text = f"This server speaks version {wire.PROTOCOL} of the protocol. Please reload the page."
            return wire.Error(code="protocol", text=text, fatal=True)
        if hello.resume and (session := await self._find(hello.resume.token, allowance)):
            session.allowance = allowance
            return session, True
        if self._leaving:
            text = "This server is being restarted. Please try again in a moment."
            return wire.Error(code="leaving", text=text, retryable=True, fatal=True)
        if len(self._by_token) >= self._settings.sessions:
            text = "There are too many conversations at the moment. Please try again in a minute."
            return wire.Error(code="full", text=text, retryable=True, fatal=True)
        if not allowance.conversation():
            text = "You have begun many conversations just now. Please wait a minute."
            return wire.Error(code="too_many", text=text, retryable=True, fatal=True)
        session = self._new(allowance)
        self._by_token[session.token] = session
        return session, False

    def _new(self, allowance: Allowance) -> Session:
        account = self._accounts.open(allowance.owner)
        opening = Opening(self._openers) if self._openers is not None else None
        return Session(
            self._settings, self._engines, self._group, account,
            allowance=allowance, shelf=self._shelf, opening=opening,
        )  # fmt: skip

    async def _find(self, token: str, allowance: Allowance) -> Session | None:
        """The session of *token* if it is theirs: the one here, unless another server has gone on with it."""
        here = self._by_token.get(token)
        shelved = await self._shelf.whose(token) if self._shelf is not None else None
        if self._shelf is None or shelved is None or (here is not None and shelved[1]):
            return here if here is not None and here.owner == allowance.owner else None
        if shelved[0] != allowance.owner or self._leaving:
            return None
        if here is not None:
            here.end()
            del self._by_token[token]
        if (taken := await self._shelf.take(token)) is None:
            return None
        session = self._by_token[token] = self._new(allowance)
        session.restore(token, taken)
        return session

    async def sweep(self) -> None:
        """End what was dropped too long ago, for ever."""
        while True:
            await asyncio.sleep(SWEEP)
            for token, session in list(self._by_token.items()):
                if session.dropped_at and time.monotonic() - session.dropped_at > self._settings.resume_seconds:
                    session.end()
                    del self._by_token[token]

    async def leave(self, limit: float) -> None:
        """Ask everyone to come back elsewhere: who is being answered after the answer, or after *limit* seconds."""
        self._leaving = True
        async with asyncio.TaskGroup() as group:
            for session in self._by_token.values():
                group.create_task(session.leave(limit))

    async def end(self) -> None:
        """The server stops: end all turns, and wait a moment until what they took is written down."""
        if self._openers is not None:
            self._openers.end()
        for session in self._by_token.values():
            session.end()
        if jobs := [job for session in self._by_token.values() for job in session.jobs]:
            await asyncio.wait(jobs, timeout=ENDING)
        self._by_token.clear()

    async def close(self) -> None:
        """Let the shelf go."""
        if self._shelf is not None:
            await self._shelf.close()
