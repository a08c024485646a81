"""Where spending, keeping and caches meet the conversations: one per server, one `Account` per session."""

import asyncio
import logging
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from backend.answers import Answers
from backend.billing import TurnBill
from backend.cache import open_cache
from backend.cache.tiers import TierError
from backend.keeping import Exchange, Keeper, KeepingError, open_keeper
from backend.keeping.lakebase import address, cached, fetch
from backend.keeping.writing import Writer
from backend.knowing.embedders import Embedder
from backend.rendered import Lines, by_rhubarb
from backend.settings import Settings
from backend.spending.budget import Budget, Grant, Level, Limits
from backend.spending.counters import Counters, LocalCounters, SharedCounters
from backend.spending.ledger import Bill, Line, Tokens, Totals, cautious
from backend.spending.money import NANO
from backend.spending.prices import Book, open_book, unknown_price
from backend.thinking.prompt import Prompter
from backend.thresholds import thresholds_of
from backend.watching import Seen, Watcher

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000
MOST_PROMPT = 3_600
"""Tokens of the longest prompt: what `thinking.prompt.Budget` allows all parts together, and the rules."""
REOPEN, LONGEST = 2.0, 60.0
"""Seconds between tries to open the database, doubling."""
WORKSPACE_PRICES = "prices.toml"
"""In the data folder: what `visavis prices --refresh` read."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A turn as far as it is known: sent to its end, or closed with what was really heard."""

    number: int
    origin: str
    asked: str
    heard: str
    why: str
    answered_by: str
    sources: list[dict[str, object]] = field(default_factory=list)
    latency: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a turn works with besides the engines: its bill, and what was said before."""

    bill: TurnBill = field(default_factory=lambda: TurnBill(Bill(Book())))
    lines: Lines | None = None
    answers: Answers | None = None
    context: tuple[object, ...] = ()
    """What else an answer depends on, for its key: the model and the prompt."""


class Accounts:
    """The server's cache, price book, budgets, totals and records."""

    def __init__(self, settings: Settings) -> None:
        self.models: Callable[[], Mapping[Level, str]] = dict
        """Gives the names of the models by level, as far as they are known."""
        self.book = open_book(settings.data / WORKSPACE_PRICES, *([settings.prices] if settings.prices else []))
        self.totals = Totals()
        self.watchers: list[Watcher] = []
        self.keeper: Keeper | None = None
        self.cache = open_cache(
            settings.data / "cache",
            settings.cache_memory_mb * MEGABYTE,
            settings.cache_disk_mb * MEGABYTE,
            redis_url=settings.redis_url.get_secret_value(),
            redis_bytes=settings.cache_redis_mb * MEGABYTE,
            announce=_tell_of_cache,
        )
        least = thresholds_of(settings.data).keep_seconds
        self.lines = Lines(self.cache, by_rhubarb if settings.refine else None, least)
        self.answers = Answers(self.cache)
        self.caching = settings.cache
        self.writer = Writer(settings.keep_days, _warn)
        self._settings = settings
        self._prompt: str | None = None
        self._told: set[str] = set()
        self._counters = _counters(settings)
        self._budget = Budget(_limits(settings), self._counters)

    async def run(self) -> None:
        """Open the records and write them, until cancelled."""
        # Reading the prompt brings in a stemmer: a tenth of a second that the start need not wait for.
        self._prompt = await asyncio.to_thread(_prompt_version, self._settings)
        if not self._settings.keep:
            return
        self.keeper = await self._open()
        await self._seed(self.keeper)
        await self.writer.run(self.keeper)

    async def close(self) -> None:
        """Release files and connections; after `run` was cancelled."""
        await self.answers.close()
        await self.lines.close()
        await self.cache.close()
        if isinstance(self._counters, SharedCounters):
            await self._counters.close()
        if self.keeper is not None:
            await self.keeper.close()

    def meet(self, models: Callable[[], Mapping[Level, str]], embedder: Embedder | None) -> None:
        """The engines are there: *models* gives their names by level, as far as they are known; with an *embedder*
        the same question in other words finds its answer as well."""
        self.models = models
        if embedder is not None:
            self.answers = Answers(self.cache, embedder.embed, embedder.name)

    def open(self, owner: str) -> "Account":
        """The account of a new session of *owner*."""
        return Account(self, owner)

    async def admit(self, session: str, owner: str) -> Grant:
        """What the next turn may use."""
        # As long as no model's name is known its price is not either; that must not keep anybody from an answer.
        models = self.models() or {"strong": ""}
        prices = {level: self._most(model) if model else 0 for level, model in models.items()}
        wanted: Level = "strong" if "strong" in prices else "small" if "small" in prices else "offline"
        return await self._budget.admit(session, owner, wanted, prices)

    def unpriced(self) -> list[str]:
        """The models in use whose price the book does not know."""
        return [model for model in self.models().values() if model and not self.book.prices_tokens(model)]

    def _most(self, model: str) -> int:
        """Nano-dollars of the dearest turn of *model*, for the budgets."""
        if self._budget.limited and not self.book.prices_tokens(model) and model not in self._told:
            self._told.add(model)
            log.warning("%s", unknown_price(self.book, model))
        bill = Bill(self.book)
        bill.tokens("answer", model, Tokens(MOST_PROMPT, self._settings.max_tokens))
        return bill.cautious

    def strongest(self) -> str:
        """The model that would answer everything if there were no router; empty without any."""
        return self.models().get("strong", "")

    def context(self) -> tuple[object, ...]:
        """What an answer depends on besides the question: models and prompt. Empty until the prompt is known."""
        if self._prompt is None:
            return ()
        return (sorted(self.models().values()), self._prompt, self._settings.max_tokens)

    async def _open(self) -> Keeper:
        url, tokens = _database(self._settings), None
        if not self._settings.database.get_secret_value() and (lakebase := address(os.environ)):
            url = lakebase
            tokens = None if os.environ.get("PGPASSWORD") else cached(fetch)
        pause = 0.0
        while True:
            try:
                return await open_keeper(url, tokens)
            except KeepingError as error:
                if not pause:
                    log.warning("conversations are not kept: %s %s", error.reason, error.remedy)
                pause = min(LONGEST, pause * 2 or REOPEN)
                await asyncio.sleep(pause)

    async def _seed(self, keeper: Keeper) -> None:
        """Budgets go on where they stood before the start."""
        today = time.strftime("%Y-%m-%d", time.gmtime())
        try:
            spent = await keeper.spent(today[:8] + "01", today)
            day = sum(cautious(self.book, row) for row in spent if row.day == today)
            await self._budget.seed(day, sum(cautious(self.book, row) for row in spent))
        except (KeepingError, TierError) as error:
            log.warning("budgets begin at nothing: %s", error)


class Account:
    """The records of one session: its bills, its budget, its conversation's turns."""

    def __init__(self, accounts: Accounts, owner: str) -> None:
        self.owner = owner
        self._accounts = accounts
        self._session = uuid.uuid4().hex
        self._conversation = ""
        self._language = ""
        self._kept: dict[int, tuple[Exchange, tuple[Line, ...]]] = {}

    def desk(self) -> Desk:
        """What the next turn works with."""
        accounts = self._accounts
        bill = TurnBill(Bill(accounts.book), accounts.strongest())
        context = accounts.context()
        if not accounts.caching:
            return Desk(bill, None, None, context)
        return Desk(bill, accounts.lines, accounts.answers if context else None, context)

    async def admit(self) -> Grant:
        """What the next turn may use."""
        return await self._accounts.admit(self._session, self.owner)

    def ended(self, turn: Ended, bill: Bill, language: str) -> None:
        """A turn was sent, or broken off: count and keep it. Never raises, and waits for nothing."""
        lines = bill.lines
        self._accounts.totals.add(lines)
        exchange = Exchange(
            turn.number, time.time(), turn.origin, turn.asked, turn.heard, turn.why, turn.answered_by,
            list(turn.sources), dict(turn.latency),
        )  # fmt: skip
        self._begin(language)
        self._language = language
        self._kept = {turn.number: (exchange, lines)}
        self._accounts.writer.put(self.owner, self._conversation, exchange, lines)

    def behind(self, stage: str) -> TurnBill:
        """The bill of work behind the conversation, to be handed to `done`."""
        return TurnBill(Bill(self._accounts.book), stage=stage)

    async def done(self, work: TurnBill, grant: Grant) -> None:
        """Such work is over, or was broken off: count and keep what it took."""
        work.close()
        self._spend(work.bill.lines)
        await grant.settle(work.bill.cautious)

    def speculated(self, bill: Bill, language: str) -> None:
        """An answer was begun too early, and dropped: count and keep what it took. Waits for nothing."""
        if lines := bill.as_speculation().lines:
            self._begin(language)
            self._spend(lines)

    def _spend(self, lines: tuple[Line, ...]) -> None:
        """Count what was spent outside of any turn, and keep it with the conversation if there still is one."""
        self._accounts.totals.add(lines, turns=0)
        if lines and self._conversation:
            self._accounts.writer.spend(self.owner, self._conversation, lines)

    def _begin(self, language: str) -> None:
        self._conversation = self._conversation or self._accounts.writer.begin(self.owner, language)

    def state(self) -> dict[str, Any]:
        """What another server needs to go on with these records; the last turn too, as long as no database has it."""
        state: dict[str, Any] = {"session": self._session, "conversation": self._conversation}
        if self._kept and self._accounts.writer.waits(self._conversation):
            ((exchange, lines),) = self._kept.values()
            state["unwritten"] = [self._language, asdict(exchange), list(map(asdict, lines))]
        return state

    def go_on(self, state: dict[str, Any]) -> None:
        """Go on with the records that another server began, and may have been killed before it wrote them."""
        self._session, self._conversation = state["session"], state["conversation"]
        if unwritten := state.get("unwritten"):
            language, exchange, lines = unwritten
            self._kept = {exchange["number"]: (Exchange(**exchange), tuple(Line(**line) for line in lines))}
            ((last, bill),) = self._kept.values()
            self._accounts.writer.begin(self.owner, language, self._conversation)
            # Kept twice it is the same turn.
            self._accounts.writer.put(self.owner, self._conversation, last, bill)

    def seen(self, seen: Seen) -> None:
        """Tell those who look on."""
        for watcher in self._accounts.watchers:
            watcher.turn(seen)

    def heard(self, number: int, heard: str) -> None:
        """Now it is known what really reached the person."""
        kept = self._kept.pop(number, None)
        if kept is None or kept[0].heard == heard:
            return
        exchange, lines = kept
        said = Exchange(
            exchange.number, exchange.at, exchange.origin, exchange.asked, heard, exchange.why, exchange.answered_by,
            exchange.sources, exchange.latency,
        )  # fmt: skip
        self._accounts.writer.put(self.owner, self._conversation, said, lines)


def _prompt_version(settings: Settings) -> str:
    try:
        return (Prompter.of_file(settings.persona) if settings.persona else Prompter.of_file()).version
    except (OSError, UnicodeDecodeError):
        return ""  # the mind itself says what is wrong with the file


def _database(settings: Settings) -> str:
    path = (settings.data / "conversations.db").absolute()
    return settings.database.get_secret_value() or f"sqlite+aiosqlite:///{path}"


def _counters(settings: Settings) -> Counters:
    url = settings.redis_url.get_secret_value()
    return SharedCounters(url, _warn) if url else LocalCounters()


def _limits(settings: Settings) -> Limits:
    scopes = ("turn", "session", "user", "day", "month")
    amounts = {scope: round(getattr(settings, f"budget_{scope}") * NANO) for scope in scopes}
    return Limits(**amounts, stop=settings.budget_stop)


def _tell_of_cache(tier: str, reason: str) -> None:
    log.warning("cache, %s: %s", tier, reason or "it works again")


def _warn(reason: str) -> None:
    log.warning("%s", reason)
