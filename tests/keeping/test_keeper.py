"""What is kept comes back, to its owner only, until it is forgotten. On SQLite and on a real PostgreSQL."""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.keeping import Exchange, Keeper, KeepingError, Spent, UnknownConversation, open_keeper

NOON = 1_800_000_000.0
DAY = "2027-01-15"


@dataclass(frozen=True, slots=True)
class Line:
    stage: str = "answer"
    item: str = "small"
    unit: str = "completion token"
    quantity: int = 10
    nano: int = 4_500
    saved: int = 0
    estimated: bool = False


TURN = Exchange(
    1, NOON, "typed", "What is it?", "A face that talks.", "complete", "small",
    [{"number": 1, "title": "Über", "text": "…"}], {"first_token": 120.5, "knowledge": None},
)  # fmt: skip


async def test_comes_back_as_it_was(keeper: Keeper) -> None:
    one = await keeper.begin("ann", "en-US")
    await keeper.keep("ann", one, TURN, [Line(), Line("voice", "edge", "character", 18, 0)])
    await keeper.keep("ann", one, replace(TURN, number=2, asked="And?"))
    assert await keeper.exchanges("ann", one) == [TURN, replace(TURN, number=2, asked="And?")]
    assert [turn.number for turn in await keeper.exchanges("ann", one, limit=1)] == [2]
    (kept,) = await keeper.conversations("ann")
    assert (kept.id, kept.turns, kept.opening, kept.last) == (one, 2, "What is it?", NOON)


async def test_a_turn_is_kept_once(keeper: Keeper) -> None:
    one = await keeper.begin("ann", "en-US")
    for heard in ("half", "whole"):
        await keeper.keep("ann", one, replace(TURN, heard=heard), [Line()])
    assert [turn.heard for turn in await keeper.exchanges("ann", one)] == ["whole"]
    assert [spent.lines for spent in await keeper.spent(DAY, DAY)] == [1]


async def test_everyone_has_only_their_own(keeper: Keeper) -> None:
    one = await keeper.begin("ann", "en-US")
    await keeper.keep("ann", one, TURN, [Line()])
    assert await keeper.conversations("bob") == []
    assert await keeper.exchanges("bob", one) == []
    assert not await keeper.judge("bob", one, 1, 1)
    with pytest.raises(UnknownConversation):
        await keeper.keep("bob", one, replace(TURN, heard="not mine"))
    assert await keeper.forget("bob") == 0
    assert "face" not in "".join([piece async for piece in keeper.export("bob")])
    assert await keeper.exchanges("ann", one) == [TURN]


async def test_what_was_spent_outside_of_turns_is_kept_once(keeper: Keeper) -> None:
    one = await keeper.begin("ann", "en-US")
    await keeper.keep("ann", one, TURN, [Line()])
    for _ in range(2):
        await keeper.spend("ann", one, -7, NOON, [Line("speculation")])
    assert [(s.stage, s.lines) for s in await keeper.spent(DAY, DAY)] == [("answer", 1), ("speculation", 1)]
    assert await keeper.exchanges("ann", one) == [TURN]
    with pytest.raises(UnknownConversation):
        await keeper.spend("bob", one, -7, NOON, [])


async def test_what_a_forgotten_conversation_still_costs_counts_for_nobody(keeper: Keeper) -> None:
    one = await keeper.begin("ann", "en-US")
    await keeper.forget("ann")
    for heard in ("half", "whole"):
        with pytest.raises(UnknownConversation):
            await keeper.keep("ann", one, replace(TURN, heard=heard), [Line()])
    await keeper.spend("ann", one, -7, NOON, [Line()])
    spent = await keeper.spent(DAY, DAY, by_owner=True)
    assert [(row.owner, row.lines) for row in spent] == [("", 2)]
    assert await keeper.exchanges("ann", one) == []


async def test_forget_me_forgets_all_but_the_sums(keeper: Keeper) -> None:
    for owner in ("ann", "bob"):
        one = await keeper.begin(owner, "en-US")
        await keeper.keep(owner, one, TURN, [Line()])
        assert await keeper.judge(owner, one, 1, 1, "nice")
    before = await keeper.spent(DAY, DAY)
    assert await keeper.forget("ann") == 1
    assert await keeper.conversations("ann") == []
    assert (
        await keeper.spent(DAY, DAY)
        == before
        == [Spent(DAY, "answer", "small", "completion token", "", 20, 9_000, 0, 2)]
    )
    assert {spent.owner for spent in await keeper.spent(DAY, DAY, by_owner=True)} == {"", "bob"}
    assert len(await keeper.conversations("bob")) == 1
    # A turn that was still on its way when its owner was forgotten stays forgotten.
    with pytest.raises(UnknownConversation):
        await keeper.keep("ann", one, replace(TURN, number=2))


async def test_old_conversations_run_out(keeper: Keeper) -> None:
    old, new = [await keeper.begin("ann", "en-US") for _ in range(2)]
    await keeper.keep("ann", old, replace(TURN, at=NOON - 86_400), [Line()])
    await keeper.keep("ann", new, TURN, [Line()])
    assert await keeper.expire(NOON - 3_600) == 1
    assert [kept.id for kept in await keeper.conversations("ann")] == [new]
    assert sum(spent.nano for spent in await keeper.spent("2027-01-01", "2027-12-31")) == 9_000


async def test_the_export_is_one_document(keeper: Keeper) -> None:
    ids = [await keeper.begin("ann", "de-DE") for _ in range(2)]
    for one in ids:
        await keeper.keep("ann", one, TURN, [Line()])
        await keeper.judge("ann", one, 1, -1, "wrong")
    whole = json.loads("".join([piece async for piece in keeper.export("ann")]))
    assert {one["id"] for one in whole["conversations"]} == set(ids)
    for one in whole["conversations"]:
        assert one["exchanges"][0]["heard"] == TURN.heard
        assert one["feedback"][0]["note"] == "wrong"
        assert one["costs"][0]["nano"] == 4_500


async def test_feedback_can_change_its_mind(keeper: Keeper) -> None:
    one = await keeper.begin("ann", "en-US")
    await keeper.keep("ann", one, TURN)
    assert await keeper.judge("ann", one, 1, -1)
    assert await keeper.judge("ann", one, 1, 1)
    assert not await keeper.judge("ann", one, 7, 1)
    with pytest.raises(ValueError):
        await keeper.judge("ann", one, 1, 5)
    assert await keeper.judged() == (1, 0)  # type: ignore[attr-defined]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(st.characters(codec=None), max_size=80), heard=st.text(max_size=80))
async def test_any_words_can_be_kept(url: str, asked: str, heard: str) -> None:
    keeper = await open_keeper(url)
    one = await keeper.begin("ann", "en-US")
    await keeper.keep("ann", one, replace(TURN, asked=asked, heard=heard))
    (kept,) = await keeper.exchanges("ann", one)
    assert kept.heard == heard.replace("\0", "")
    await keeper.close()


async def test_many_write_at_once(keeper: Keeper) -> None:
    ids = await asyncio.gather(*(keeper.begin(f"user{n}", "en-US") for n in range(10)))
    turns = [(f"user{n}", id, replace(TURN, number=t)) for n, id in enumerate(ids) for t in range(5)]
    await asyncio.gather(*(keeper.keep(owner, id, turn, [Line()]) for owner, id, turn in turns))
    assert sum(spent.quantity for spent in await keeper.spent(DAY, DAY)) == 50 * 10


async def test_replicas_may_start_at_the_same_moment(url: str) -> None:
    keepers = await asyncio.gather(*(open_keeper(url) for _ in range(4)))
    one = await keepers[0].begin("ann", "en-US")
    assert len(await keepers[3].conversations("ann")) == 1
    assert one
    for keeper in keepers:
        await keeper.close()


async def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """Every turn that was told as kept is there with its bill, and none is there without."""
    url = f"sqlite+aiosqlite:///{tmp_path}/conversations.db"
    child = subprocess.Popen([sys.executable, "-m", "tests.keeping.worker", url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    while int(line := child.stdout.readline()) < 10:
        pass
    child.kill()
    told = max([int(line), *map(int, child.stdout.read().split())])
    child.communicate()
    keeper = await open_keeper(url)
    (kept,) = await keeper.conversations("ann")
    turns = await keeper.exchanges("ann", kept.id, limit=100_000)
    assert [turn.number for turn in turns] == list(range(len(turns)))
    assert len(turns) in (told + 1, told + 2)
    assert sum(spent.lines for spent in await keeper.spent(DAY, DAY)) == len(turns) * 2
    await keeper.close()


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql+asyncpg://nobody:hush@127.0.0.1:1/x", "sqlite+nosuchdriver:///x"]
)
async def test_a_database_that_cannot_be_used_is_plain_words(url: str) -> None:
    began = time.monotonic()
    with pytest.raises(KeepingError) as raised:
        await open_keeper(url)
    assert "hush" not in raised.value.reason + raised.value.remedy
    assert time.monotonic() - began < 15
