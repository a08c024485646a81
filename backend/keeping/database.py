"""The keeper over SQLAlchemy: the same few statements for SQLite and PostgreSQL."""

import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, case, cast, delete, exists, func, insert, literal_column, select, update
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.keeping import Cost, Exchange, KeepingError, Kept, Spent, Tokens, UnknownConversation
from backend.keeping.engine import WRITE, make_engine
from backend.keeping.migrate import migrate
from backend.keeping.tables import conversations, costs, exchanges, feedback

TEXT_LIMIT = 32_000
"""Characters of one text that are kept; the socket takes 4,000, and no spoken answer is that long."""


async def connect(url: str, tokens: Tokens | None) -> "Database":
    """Open the database and bring its tables up to date. Raises `KeepingError`."""
    try:
        engine = make_engine(url, tokens)
    except (ArgumentError, ImportError) as error:
        problem = "is not an address that SQLAlchemy knows" if isinstance(error, ArgumentError) else "needs a driver"
        remedy = "pip install 'visavis[postgres]', or an address like sqlite+aiosqlite:///conversations.db"
        raise KeepingError(f"The address of the database {problem}.", remedy) from None
    database = Database(engine)
    try:
        async with _plainly():
            await migrate(engine)
    except BaseException:
        await engine.dispose()
        raise
    return database


class Database:
    """The `Keeper` of `backend.keeping`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**WRITE)

    async def begin(self, owner: str, language: str, id: str = "") -> str:
        """A new conversation; its id."""
        id, now = id or uuid.uuid4().hex, time.time()
        async with self._write() as connection:
            if (await connection.execute(select(exists().where(conversations.c.id == id)))).scalar():
                return id
            row = {"id": id, "owner": owner, "language": language, "started": now, "last": now}
            await connection.execute(insert(conversations).values(row))
        return id

    async def keep(self, owner: str, conversation: str, exchange: Exchange, bill: Sequence[Cost] = ()) -> None:
        """Keep a turn and its bill, once: the same number again replaces it."""
        row = asdict(exchange) | {"conversation": conversation}
        row["asked"], row["heard"] = _clean(exchange.asked), _clean(exchange.heard)
        async with self._write() as connection:
            known = await _bill(connection, owner, conversation, exchange.number, at=exchange.at, bill=bill)
            if known:
                this = (exchanges.c.conversation == conversation) & (exchanges.c.number == exchange.number)
                await connection.execute(delete(exchanges).where(this))
                await connection.execute(insert(exchanges).values(row))
        if not known:
            raise UnknownConversation("There is no such conversation.")

    async def spend(self, owner: str, conversation: str, number: int, at: float, bill: Sequence[Cost]) -> None:
        """Keep what was spent outside of any turn."""
        async with self._write() as connection:
            await _bill(connection, owner, conversation, number, at=at, bill=bill)

    async def conversations(self, owner: str, limit: int = 50) -> list[Kept]:
        """The owner's conversations, the latest first."""
        first = (
            select(exchanges.c.asked)
            .where(exchanges.c.conversation == conversations.c.id, exchanges.c.asked != "")
            .order_by(exchanges.c.number)
            .limit(1)
            .scalar_subquery()
        )
        count = (
            select(func.count())
            .select_from(exchanges)
            .where(exchanges.c.conversation == conversations.c.id)
            .scalar_subquery()
        )
        query = (
            select(conversations, count.label("turns"), func.coalesce(first, "").label("opening"))
            .where(conversations.c.owner == owner)
            .order_by(conversations.c.last.desc())
            .limit(limit)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            Kept(row["id"], row["started"], row["last"], row["language"], row["turns"], row["opening"][:200])
            for row in rows
        ]

    async def exchanges(self, owner: str, conversation: str, limit: int = 200) -> list[Exchange]:
        """The last turns of one of the owner's conversations, in order; empty if it is not theirs."""
        query = (
            select(exchanges)
            .join(conversations, conversations.c.id == exchanges.c.conversation)
            .where(conversations.c.owner == owner, exchanges.c.conversation == conversation)
            .order_by(exchanges.c.number.desc())
            .limit(limit)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_exchange(dict(row)) for row in reversed(rows)]

    async def judge(self, owner: str, conversation: str, number: int, value: int, note: str = "") -> bool:
        """Feedback on a turn (-1, 0 or 1); False when there is no such turn of theirs."""
        if value not in {-1, 0, 1}:
            raise ValueError("feedback is -1, 0 or 1")
        theirs = (
            select(exchanges.c.number)
            .join(conversations, conversations.c.id == exchanges.c.conversation)
            .where(conversations.c.owner == owner, conversations.c.id == conversation, exchanges.c.number == number)
        )
        where = {"conversation": conversation, "number": number}
        async with self._write() as connection:
            if not (await connection.execute(select(exists(theirs)))).scalar():
                return False
            await connection.execute(delete(feedback).filter_by(**where))
            await connection.execute(
                insert(feedback).values(where | {"at": time.time(), "value": value, "note": _clean(note)})
            )
        return True

    async def forget(self, owner: str) -> int:
        """Delete all that is the owner's; how many conversations. Sums of money stay, with nobody's name."""
        async with self._write() as connection:
            await connection.execute(update(costs).where(costs.c.owner == owner).values(owner="", conversation=""))
            return (await connection.execute(delete(conversations).where(conversations.c.owner == owner))).rowcount

    async def expire(self, before: float) -> int:
        """Delete conversations last used before that time; how many."""
        old = select(conversations.c.id).where(conversations.c.last < before)
        async with self._write() as connection:
            await connection.execute(
                update(costs).where(costs.c.conversation.in_(old)).values(owner="", conversation="")
            )
            return (await connection.execute(delete(conversations).where(conversations.c.last < before))).rowcount

    async def export(self, owner: str) -> AsyncIterator[str]:
        """All that is the owner's as one JSON document, in pieces."""
        yield '{"format": "visavis conversations 1", "conversations": ['
        kept = await self.conversations(owner, limit=1_000_000)
        for index, one in enumerate(kept):
            turns = await self.exchanges(owner, one.id, limit=1_000_000)
            opinions = select(feedback.c.number, feedback.c.at, feedback.c.value, feedback.c.note)
            bill = select(costs.c.number, costs.c.stage, costs.c.item, costs.c.unit, costs.c.quantity, costs.c.nano,
                          costs.c.saved, costs.c.estimated)  # fmt: skip
            async with self._read() as connection:
                judged = await connection.execute(opinions.where(feedback.c.conversation == one.id))
                billed = await connection.execute(bill.where(costs.c.conversation == one.id).order_by(costs.c.id))
            whole = asdict(one) | {
                "exchanges": [asdict(turn) for turn in turns],
                "feedback": [dict(row) for row in judged.mappings()],
                "costs": [dict(row) for row in billed.mappings()],
            }
            yield ("," if index else "") + json.dumps(whole, ensure_ascii=False)
        yield "]}"

    async def spent(self, since: str, until: str, by_owner: bool = False) -> list[Spent]:
        """What was spent from day *since* to day *until* (YYYY-MM-DD, UTC, both included)."""
        owner = costs.c.owner if by_owner else literal_column("''")
        groups = [costs.c.day, costs.c.stage, costs.c.item, costs.c.unit]
        sums = [func.sum(costs.c.quantity), func.sum(costs.c.nano), func.sum(costs.c.saved), func.count()]
        query = (
            select(*groups, owner, *sums)
            .where(costs.c.day >= since, costs.c.day <= until)
            .group_by(*groups, *([owner] if by_owner else []))
            .order_by(*groups)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        return [Spent(*row[:5], *map(int, row[5:])) for row in rows]

    async def judged(self) -> tuple[int, int]:
        """(liked, disliked) over all that is kept."""

        def count(value: int) -> Any:
            return func.coalesce(func.sum(cast(case((feedback.c.value == value, 1), else_=0), Integer)), 0)

        async with self._read() as connection:
            liked, disliked = (await connection.execute(select(count(1), count(-1)))).one()
        return int(liked), int(disliked)

    async def close(self) -> None:
        """Release the connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        async with _plainly(), self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncConnection]:
        async with _plainly(), self._writer.begin() as connection:
            yield connection


async def _bill(
    connection: AsyncConnection, owner: str, conversation: str, number: int, *, at: float, bill: Sequence[Cost]
) -> bool:
    """Write the lines of *bill*, in place of those that stood under the same number. Returns whether the conversation
    is there; where it was forgotten what was spent stays spent, with nobody's name. Raises `UnknownConversation` if it
    is somebody else's."""
    theirs = select(conversations.c.owner).where(conversations.c.id == conversation)
    whose = (await connection.execute(theirs)).scalar()
    if whose not in {None, owner}:
        raise UnknownConversation("There is no such conversation.")
    if whose is not None:
        await connection.execute(update(conversations).where(conversations.c.id == conversation).values(last=at))
    where = {"conversation": conversation, "number": number}
    await connection.execute(delete(costs).filter_by(**where))
    day = datetime.fromtimestamp(at, UTC).date().isoformat()
    lines = [where | {"day": day, "owner": whose or ""} | _line(cost) for cost in bill]
    if lines:
        await connection.execute(insert(costs), lines)
    return whose is not None


@asynccontextmanager
async def _plainly() -> AsyncIterator[None]:
    """Turns what a database can raise into plain words; its own would tell addresses and statements."""
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        kind = type(error.__cause__ or error).__name__
        raise KeepingError(f"The database cannot be used now ({kind}).") from error


def _clean(text: str) -> str:
    """PostgreSQL takes no NUL and no half of a surrogate pair."""
    return text[:TEXT_LIMIT].replace("\0", "").encode("utf-8", "replace").decode()


def _line(cost: Cost) -> dict[str, Any]:
    names = ("stage", "item", "unit", "quantity", "nano", "saved", "estimated")
    return {name: getattr(cost, name) for name in names}


def _exchange(row: dict[str, Any]) -> Exchange:
    del row["conversation"]
    return Exchange(**row)
