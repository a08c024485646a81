"""Answers begun too early are paid for, whatever the person does next: the ledger and the budget agree with the
provider's own log, to the token."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from backend.keeping import open_keeper
from backend.spending.counters import ROOT
from backend.thinking.openai import OpenAIMind
from tests.fakes.chat import ChatFake, Failure, tokens
from tests.server import serving
from tests.talker import Talker, talker

PRICES = """
[price.fake-small]
kind = "model"
source-name = "a test"
date = 2026-11-20
"prompt token" = "1 per 1000000"
"completion token" = "5 per 1000000"
"""
ROUNDS = 4
ANSWER = "Certainly, it runs on two cores. It needs nothing else."


@pytest.fixture(autouse=True)
def the_providers_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut off is counted by our own tokenizer; here it is the provider's, so that sums can be compared."""
    monkeypatch.setattr("backend.billing.count_tokens", lambda text: len(tokens(text)))
    monkeypatch.setattr(
        OpenAIMind, "_asked", staticmethod(lambda messages: sum(len(tokens(one["content"])) for one in messages))
    )
    monkeypatch.setattr("backend.sessions.SWEEP", 0.05)


class Speaker:
    """Says words as a recogniser gives them, and waits until the guess behind them has had some tokens."""

    def __init__(self, person: Talker, chat: ChatFake) -> None:
        self.person = person
        self.chat = chat
        self._revision = 0

    async def words(self, text: str, *, final: bool = False) -> None:
        """Of an utterance without a number: the server waits until it is told that it is over."""
        self._revision += 1
        await self.person.send(type="heard", text=text, final=final, revision=self._revision)

    async def begin(self, text: str, heard: int) -> None:
        """A guess is made on *text*; its answer stalls after *heard* tokens, and all of them arrive."""
        before = len(self.chat.requests)
        self.chat.failures.append(Failure("stall", heard))
        await self.words(text)
        async with asyncio.timeout(10):
            while len(self.chat.requests) == before or self.chat.requests[-1].completion_tokens < heard:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.15)


async def goes_on(speaker: Speaker, number: int) -> None:
    await speaker.begin("how does it work", 1 + number % 3)
    await speaker.words("how does it work on a phone", final=True)
    await speaker.person.until(lambda: speaker.person.turns and speaker.person.turns[1].end)
    end = speaker.person.turns[1].end
    assert end is not None and end["cost"]["dropped"] == 1
    asked = speaker.chat.requests[-2:]
    assert end["cost"]["dropped_tokens"] == asked[0].prompt_tokens + asked[0].completion_tokens
    assert end["cost"]["nano"] == sum(one.prompt_tokens * 1_000 + one.completion_tokens * 5_000 for one in asked)


async def goes_silent(speaker: Speaker, number: int) -> None:
    await speaker.begin("how does it work", 2)
    await speaker.words("how does it work and")
    await asyncio.sleep(0.1)


async def leaves(speaker: Speaker, number: int) -> None:
    await speaker.begin("what does it cost", 1 + number % 4)


@pytest.mark.parametrize("what", [goes_on, goes_silent, leaves])
async def test_what_was_guessed_in_vain_is_paid_for(
    what: Callable[[Speaker, int], Awaitable[None]], tmp_path: Path, redis_url: str
) -> None:
    async with redis.asyncio.from_url(redis_url) as store:
        await store.flushdb()
    prices = tmp_path / "prices.toml"
    prices.write_text(PRICES)
    async with ChatFake(rate=2_000) as chat:
        chat.answer = ANSWER
        given: dict[str, Any] = {"openai_base_url": chat.url, "openai_api_key": "none", "openai_model": "fake-small"}
        given |= {"voices": ("espeak",), "data": tmp_path / "data", "prices": prices, "redis_url": redis_url}
        async with serving(**given, budget_day=10.0, resume_seconds=0.05, cache=False, tools=False) as url:
            for number in range(1, ROUNDS + 1):
                async with talker(url, speed=30) as person:
                    await what(Speaker(person, chat), number)
        # The last ones were still at it when the server stopped.
        log = list(chat.requests)
    assert len(log) >= ROUNDS and "closed" in {one.outcome for one in log}

    keeper = await open_keeper(f"sqlite+aiosqlite:///{tmp_path}/data/conversations.db")
    today = datetime.now(UTC).date().isoformat()
    spent = await keeper.spent("2020-01-01", today)
    await keeper.close()
    ours, theirs = Counter[str](), Counter[str]()
    for row in spent:
        if row.item == "fake-small" and row.stage in {"answer", "speculation"}:
            ours[row.unit] += row.quantity
    for one in log:
        theirs["prompt token"] += one.prompt_tokens
        theirs["completion token"] += one.completion_tokens
    assert ours == theirs
    money = theirs["prompt token"] * 1_000 + theirs["completion token"] * 5_000
    assert sum(row.nano for row in spent) == money
    async with redis.asyncio.from_url(redis_url) as store:
        counted = int(await store.get(f"{ROOT}day:{today}"))
    assert counted == money, "nothing is left reserved, and nothing is forgotten"
