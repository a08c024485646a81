"""The room that remembers: conversations, turns, what they cost and what people thought of them.

Everything belongs to an owner (the signed-in user, or "local" on one's own machine) and is only ever found by it.
SQLAlchemy and Alembic take most of a second to import, so this module names neither: `open_keeper` brings them in
behind a server that already answers.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from backend.fallback import EngineError

Tokens = Callable[[], Awaitable[str]]
"""Gives the password of the moment, for databases whose passwords live an hour."""


class KeepingError(EngineError):
    """What should be kept or remembered cannot be now."""


class UnknownConversation(KeepingError):
    """There is no such conversation of theirs (any more); trying again is no use."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn as it is kept. `heard` is what really reached the person. Times are seconds since the epoch.

    `sources` and `latency` are JSON as the page got them.
    """

    number: int
    at: float
    origin: str
    asked: str
    heard: str
    why: str = "complete"
    answered_by: str = ""
    sources: list[dict[str, Any]] = field(default_factory=list)
    latency: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation without its turns."""

    id: str
    started: float
    last: float
    language: str
    turns: int
    opening: str
    """The first thing that the person said, as a title."""


class Cost(Protocol):
    """One line of a turn's bill, as the ledger writes it. Money is in whole nano-dollars."""

    @property
    def stage(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def nano(self) -> int: ...
    @property
    def saved(self) -> int: ...
    @property
    def estimated(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Spent:
    """Bill lines of a day added up. `owner` is empty unless it was asked for, and for people who were forgotten."""

    day: str
    stage: str
    item: str
    unit: str
    owner: str
    quantity: int
    nano: int
    saved: int
    lines: int


class Keeper(Protocol):
    """The door of this room. Every method raises `KeepingError` when the database cannot be asked."""

    async def begin(self, owner: str, language: str, id: str = "") -> str:
        """A new conversation, under a given *id* or one of its own; its id. Begun twice, it is the same one."""
        ...

    async def keep(self, owner: str, conversation: str, exchange: Exchange, costs: Sequence[Cost] = ()) -> None:
        """Keep a turn and its bill, once: the same number again replaces it. Of a conversation that was forgotten only
        the bill is kept, with nobody's name, and `UnknownConversation` is raised."""
        ...

    async def spend(self, owner: str, conversation: str, number: int, at: float, costs: Sequence[Cost]) -> None:
        """Keep what was spent *at* a time outside of any turn, once: the same (negative) number again replaces it."""
        ...

    async def conversations(self, owner: str, limit: int = 50) -> list[Kept]:
        """The owner's conversations, the latest first."""
        ...

    async def exchanges(self, owner: str, conversation: str, limit: int = 200) -> list[Exchange]:
        """The last turns of one of the owner's conversations, in order; empty if it is not theirs."""
        ...

    async def judge(self, owner: str, conversation: str, number: int, value: int, note: str = "") -> bool:
        """Feedback on a turn (-1, 0 or 1); False when there is no such turn of theirs."""
        ...

    async def forget(self, owner: str) -> int:
        """Delete all that is the owner's; how many conversations. Sums of money stay, with nobody's name."""
        ...

    async def expire(self, before: float) -> int:
        """Delete conversations last used before that time; how many."""
        ...

    def export(self, owner: str) -> AsyncIterator[str]:
        """All that is the owner's as one JSON document, in pieces."""
        ...

    async def spent(self, since: str, until: str, by_owner: bool = False) -> list[Spent]:
        """What was spent from day *since* to day *until* (YYYY-MM-DD, UTC, both included)."""
        ...

    async def close(self) -> None:
        """Release the connections."""
        ...


async def open_keeper(url: str, tokens: Tokens | None = None) -> Keeper:
    """The keeper at the SQLAlchemy address *url*, its tables brought up to date.

    `sqlite+aiosqlite:///path`, `postgresql+asyncpg://...`; *tokens* gives a fresh password for every connection.
    Raises `KeepingError`.
    """
    module = await asyncio.to_thread(importlib.import_module, "backend.keeping.database")
    keeper: Keeper = await module.connect(url, tokens)
    return keeper
