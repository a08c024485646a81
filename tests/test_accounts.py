"""Turns are billed, kept and budgeted as they really go: over the socket, with the fakes' own logs as the truth."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.accounts import Accounts, Ended
from backend.keeping import Exchange, Spent, open_keeper
from backend.settings import Settings
from backend.spending.ledger import Bill
from backend.spending.prices import Book
from tests.fakes.chat import ChatFake, Failure
from tests.server import serving
from tests.talker import Talker, talker

ANSWER = "Certainly, this is how it goes. The second sentence follows the first one. And then there is a third."
PRICES = """
[price.fake-small]
kind = "model"
source-name = "a test"
date = 2026-11-20
"prompt token" = "1 per 1000000"
"completion token" = "5 per 1000000"
"""


@asynccontextmanager
async def conversation(tmp_path: Path, **settings: Any) -> AsyncIterator[tuple[Talker, ChatFake, str]]:
    """A person who talks with a model whose prices are known, by the built-in voice."""
    prices = tmp_path / "prices.toml"
    prices.write_text(PRICES)
    async with ChatFake(rate=2_000) as mind:
        mind.answer = ANSWER
        model = {"openai_base_url": mind.url, "openai_api_key": "none", "openai_model": "fake-small"}
        settings = model | {"voices": ("espeak",), "data": tmp_path / "data", "prices": prices} | settings
        async with serving(**settings) as url, talker(url, speed=30) as person:
            yield person, mind, url


async def kept(tmp_path: Path) -> tuple[list[Exchange], list[Spent]]:
    """What the server left behind."""
    keeper = await open_keeper(f"sqlite+aiosqlite:///{tmp_path}/data/conversations.db")
    today = datetime.now(UTC).date().isoformat()
    turns = [turn for one in await keeper.conversations("local") for turn in await keeper.exchanges("local", one.id)]
    spent = await keeper.spent("2020-01-01", today)
    await keeper.close()
    return turns, spent


async def settled(person: Talker, url: str, turns: int) -> None:
    """Wait until the records have so many turns."""
    async with httpx.AsyncClient(base_url=url) as client:
        for _ in range(200):
            answer = await client.get("/me/export")
            if answer.status_code == 200 and sum(len(c["exchanges"]) for c in answer.json()["conversations"]) >= turns:
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the turns were not kept")


async def test_a_turn_costs_what_the_provider_counted_and_is_kept(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (person, mind, url):
        heard = await person.ask("How does it go?")
        assert heard.end is not None
        asked = mind.requests[-1]
        cost = heard.end["cost"]
        assert cost["nano"] == asked.prompt_tokens * 1_000 + asked.completion_tokens * 5_000
        await settled(person, url, 1)
    turns, spent = await kept(tmp_path)
    assert [(turn.asked, turn.answered_by) for turn in turns] == [("How does it go?", "openai")]
    assert turns[0].heard and ANSWER.startswith(turns[0].heard), "what was played until the server stopped"
    assert sum(row.nano for row in spent) == cost["nano"]
    stages = {row.stage for row in spent}
    assert {"answer", "voice", "cpu", "turn"} <= stages
    cpu = {row.item: row.quantity for row in spent if row.stage == "cpu"}
    assert cpu["lip sync"] > 0 and cpu["emotion"] > 0


async def test_interrupted_and_cut_answers_are_billed_too(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (person, mind, url):
        mind.failures.append(Failure("stall", 6))
        heard = await person.say("And this one?")
        await person.until(lambda: any(line.text for line in heard.lines.values()))
        await person.send(type="interrupt", turn=heard.turn, line=0, played_ms=10)
        await person.until(lambda: heard.end is not None)
        mind.failures.append(Failure("cut", 8))
        await person.ask("And that one?")
        await settled(person, url, 2)
    turns, spent = await kept(tmp_path)
    assert [turn.why for turn in turns] == ["cancelled", "complete"]
    assert turns[0].heard != ANSWER, "what was really heard, not what was thought"
    tokens = Counter[str]()
    for row in spent:
        if row.stage == "answer" and row.item == "fake-small":
            tokens[row.unit] += row.quantity
    # The estimate is our own tokenizer's; the fake's counts words. Close, and above all not missing.
    asked = sum(request.prompt_tokens for request in mind.requests)
    assert 0.5 < tokens["prompt token"] / asked < 2
    assert 10 <= tokens["completion token"] <= 30


async def test_a_line_said_before_is_not_rendered_again(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (person, _, url):
        await person.ask("Once?")
        again = await person.ask("Twice?")
        assert again.end is not None
        await settled(person, url, 2)
    _, spent = await kept(tmp_path)
    hits = {row.item: row.quantity for row in spent if row.stage == "cache"}
    assert sum(hits.values()) >= len(again.lines)
    spoken = [row.quantity for row in spent if row.unit == "character"]
    assert sum(spoken) < 2 * len(ANSWER)


@pytest.mark.parametrize(("stop", "answer"), [(False, None), (True, "used up what I may spend")])
async def test_at_the_limit_it_steps_down_and_says_so(tmp_path: Path, stop: bool, answer: str | None) -> None:
    # The reservation of one answer is 3,600 and 220 tokens: $0.0047. The day's limit has room for one at a time.
    async with conversation(tmp_path, budget_day=0.005, budget_stop=stop) as (person, mind, _):
        paid = 0
        for number in range(3):
            heard = await person.ask(f"How does it go, {number}?")
            assert heard.end is not None
            paid += heard.end["cost"]["nano"]
        assert paid <= 5_000_000
        assert len(mind.requests) < 3
        codes = [notice["code"] for notice in person.notices if notice["code"].startswith("budget")]
        assert codes == [f"budget_day_{'stop' if stop else 'offline'}"]
        if answer:
            assert answer in heard.text
        else:
            assert heard.end["cost"]["answered_by"] == "offline"


@pytest.mark.parametrize("free", [False, True])
async def test_a_budget_holds_for_a_model_whose_price_nobody_knows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, free: bool
) -> None:
    monkeypatch.setattr("backend.serving.costs.bundle", lambda entry: {"entry": "/x.js", "preload": [], "styles": []})
    own = tmp_path / "own.toml"
    rates = '"prompt token" = "0 per 1"\n"completion token" = "0 per 1"'
    own.write_text(f'[price.mystery]\nkind = "model"\n{rates}\n' if free else "")
    # Room for one answer at the book's dearest price: 3,600 tokens at $3 and 220 at $15 a million are $0.0141.
    settings: dict[str, Any] = {"openai_model": "mystery", "budget_day": 0.018, "prices": own, "cache": False}
    async with (
        conversation(tmp_path, **settings) as (person, mind, url),
        httpx.AsyncClient(base_url=url) as client,
    ):
        for number in range(4):
            heard = await person.ask(f"How does it go, {number}?")
        assert heard.end is not None and heard.end["cost"]["nano"] == 0, "unpriced, and never shown as something else"
        assert (len(mind.requests) == 4) == free
        assert (heard.end["cost"]["answered_by"] == "offline") != free
        page = (await client.get("/costs")).text
        assert ("What mystery costs is not known" in page) != free
    told = [record for record in caplog.records if "mystery" in record.getMessage()]
    assert len(told) == (not free), "said once, and only where it matters"
    if not free:
        assert "$3 and $15" in told[0].getMessage() and "VISAVIS_PRICES" in told[0].getMessage()


async def test_forget_me_and_take_it_along(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (person, _, url), httpx.AsyncClient(base_url=url) as client:
        await person.ask("How does it go?")
        await settled(person, url, 1)
        whole = (await client.get("/me/export")).json()
        assert whole["conversations"][0]["exchanges"][0]["asked"] == "How does it go?"
        other = await client.post("/me/forget", headers={"origin": "https://evil.example"})
        assert other.status_code == 403
        assert (await client.post("/me/forget")).json() == {"forgotten": 1}
        assert (await client.get("/me/export")).json()["conversations"] == []
        # The conversation goes on; what comes after it was forgotten is not kept under an old name.
        assert (await person.ask("Still there?")).end is not None


async def test_the_cost_page_and_its_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.serving.costs.bundle", lambda entry: {"entry": "/x.js", "preload": [], "styles": []})
    async with conversation(tmp_path) as (person, _, url), httpx.AsyncClient(base_url=url) as client:
        heard = await person.ask("How does it go?")
        assert heard.end is not None
        await settled(person, url, 1)
        page = (await client.get("/costs")).text
        assert "fake-small" in page and "1,572" in page and "3,499" in page
        assert not re.search(r'\son\w+="|style="', page), "nothing inline: the policy would refuse it"
        drawn = json.loads(re.search(r'id="chart-data">(.*?)</script>', page, re.DOTALL).group(1))  # type: ignore[union-attr]
        assert round(sum(drawn["spent"]) * 1e9) == heard.end["cost"]["nano"]
        table = (await client.get("/costs.csv?days=7")).text.splitlines()
        assert table[0] == "day,stage,item,unit,who,quantity,dollars,saved"
        assert any("fake-small,prompt token,local" in row for row in table)
        own = (await client.get("/costs?conversations=1000&hours=8&days_a_month=22&region=1.2")).text
        assert "176 h x $0.45" in own
        large = (await client.get("/costs?size=large")).text
        assert "the price of app is unknown" in large and "unknown, $274" in large and "a range is assumed" in large
        for wrong in ("days=0", "cached=2", "hours=25", "region=nan", "edition=x"):
            assert (await client.get(f"/costs?{wrong}")).status_code == 422


async def test_the_database_may_be_away(tmp_path: Path) -> None:
    away = "postgresql+asyncpg://nobody:hush@127.0.0.1:1/x"
    async with conversation(tmp_path, database=away) as (person, _, url), httpx.AsyncClient(base_url=url) as client:
        assert (await person.ask("How does it go?")).text == ANSWER
        answer = await client.get("/me/export")
        assert answer.status_code == 503 and "hush" not in answer.text


async def test_who_takes_over_writes_what_the_one_before_could_not(tmp_path: Path) -> None:
    """A server is killed between the end of a turn and its record: the record travels with the conversation."""
    one, other = Accounts(Settings(data=tmp_path / "one")), Accounts(Settings(data=tmp_path / "other"))
    bill = Bill(Book())
    bill.spoken("edge", 20)
    before, after = one.open("ann"), other.open("ann")
    before.ended(Ended(3, "typed", "How?", "So.", "complete", "openai"), bill, "de")
    after.go_on(json.loads(json.dumps(before.state())))
    keeper = await open_keeper(f"sqlite+aiosqlite:///{tmp_path}/kept.db")
    for accounts in (one, other):  # the one before may have written it after all
        writing = asyncio.create_task(accounts.writer.run(keeper))
        await asyncio.sleep(0.05)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    (kept,) = await keeper.conversations("ann")
    assert (kept.language, kept.turns) == ("de", 1)
    (turn,) = await keeper.exchanges("ann", kept.id)
    assert (turn.number, turn.asked, turn.heard) == (3, "How?", "So.")
    assert sum(row.lines for row in await keeper.spent("2020-01-01", "2999-01-01")) == len(bill.lines)
    assert "unwritten" not in before.state(), "it need not travel any more"
    await keeper.close()
    await asyncio.gather(one.close(), other.close())
