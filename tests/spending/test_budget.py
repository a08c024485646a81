"""Budgets hold, whatever happens at the same time, on one server or several."""

import asyncio
import itertools
import random
from collections import Counter as Tally

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.spending.budget import Budget, Level, Limits
from backend.spending.counters import Counter, LocalCounters, SharedCounters, Step

PRICES: dict[Level, int] = {"strong": 1_000, "small": 300}
NOON = 1_800_000_000.0
unique = itertools.count()


def budget(clock: float = NOON, **limits: int | bool) -> Budget:
    return Budget(Limits(**limits), LocalCounters(), lambda: clock)  # type: ignore[arg-type]


async def levels(
    budget: Budget, turns: int, session: str = "s", user: str = "u", spent: int | None = None
) -> list[Level]:
    found = []
    for _ in range(turns):
        grant = await budget.admit(session, user, "strong", PRICES)
        await grant.settle(grant.reserved if spent is None else min(spent, grant.reserved))
        found.append(grant.level)
    return found


@pytest.mark.parametrize("scope", ["session", "user", "day", "month"])
async def test_steps_down_near_the_limit(scope: str) -> None:
    found = await levels(budget(**{scope: 4_000}), 10)
    assert found == ["strong"] * 3 + ["small"] * 3 + ["offline"] * 4, "80 % strong, the rest small, then for nothing"


async def test_says_why() -> None:
    limited = budget(day=1_900_000_000, stop=True)
    prices: dict[Level, int] = {"strong": 1_000_000_000, "small": 600_000_000}
    grants = [await limited.admit("s", "u", "strong", prices) for _ in range(3)]
    assert [grant.level for grant in grants] == ["strong", "small", "stop"]
    assert grants[0].why == ""
    assert grants[1].why == "The budget of $1.90 for everyone today is nearly used up: a smaller model answers now."
    assert "cannot answer" in grants[2].why and grants[2].scope == "day"


async def test_a_turn_has_its_own_limit() -> None:
    assert await levels(budget(turn=500), 2) == ["small", "small"]
    assert await levels(budget(turn=200), 1) == ["offline"]
    grant = await budget(turn=200).admit("s", "u", "strong", PRICES)
    assert grant.scope == "turn" and "One answer" in grant.why


async def test_scopes_are_apart_and_renewed() -> None:
    now = NOON
    limited = Budget(Limits(user=1_300), LocalCounters(), lambda: now)
    assert await levels(limited, 2, user="ann") == ["strong", "small"]
    assert await levels(limited, 1, user="bob") == ["strong"]
    assert await levels(limited, 1, user="ann") == ["offline"]
    now += 86_400
    assert await levels(limited, 1, user="ann") == ["strong"]


async def test_what_was_reserved_and_not_used_comes_back() -> None:
    assert await levels(budget(day=4_000), 100, spent=20) == ["strong"] * 100
    limited = budget(day=2_000)
    grant = await limited.admit("s", "u", "strong", PRICES)
    for _ in range(3):
        await grant.settle(0)
    assert await levels(limited, 2) == ["strong", "small"], "settled once, not three times"


async def test_no_limit_and_nothing_to_pay() -> None:
    assert await levels(budget(), 5) == ["strong"] * 5
    grant = await budget(day=1).admit("s", "u", "offline", {})
    assert (grant.level, grant.why) == ("offline", "")


async def test_what_was_spent_before_the_start_counts() -> None:
    limited = budget(month=10_000, day=5_000)
    await limited.seed(day=4_000, month=4_000)
    assert (await levels(limited, 1)) == ["small"]


@pytest.mark.parametrize("where", ["one server", "three servers"])
async def test_fifty_conversations_at_once_hold_a_hard_limit(where: str, redis_url: str) -> None:
    limit, dice, spent, running, most = 60_000, random.Random(3), Tally[str](), 0, 0
    root = f"fifty-{next(unique)}:"
    stores = [SharedCounters(redis_url, root=root) for _ in range(3)] if where != "one server" else [LocalCounters()]
    budgets = [Budget(Limits(day=limit, stop=True), store, lambda: NOON) for store in stores]

    async def converse(number: int) -> None:
        nonlocal running, most
        for _ in range(6):
            grant = await budgets[number % len(budgets)].admit(f"s{number}", f"u{number}", "strong", PRICES)
            if grant.level == "stop":
                continue
            running += 1
            most = max(most, running)
            await asyncio.sleep(dice.random() * 0.003)
            took = int(grant.reserved * dice.uniform(0.2, 1.0))
            spent["money"] += took
            spent[grant.level] += 1
            await grant.settle(took)
            running -= 1

    await asyncio.gather(*(converse(number) for number in range(50)))
    for store in stores:
        if isinstance(store, SharedCounters):
            await store.close()
    assert most > 10, "they did run at the same time"
    assert spent["strong"] and spent["small"]
    assert limit - PRICES["strong"] < spent["money"] <= limit


STEPS = st.lists(
    st.builds(Step, st.integers(0, 50), st.lists(st.integers(-1, 200), min_size=2, max_size=2)), max_size=3
)
MOVES = st.lists(st.tuples(st.integers(0, 3), STEPS | st.integers(-80, 80)), max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOVES)
async def test_redis_and_the_process_count_alike(redis_url: str, moves: list[tuple[int, list[Step] | int]]) -> None:
    local, shared = LocalCounters(), SharedCounters(redis_url, root=f"alike-{next(unique)}:")
    for which, move in moves:
        counters = [Counter(f"k{which}", 60), Counter("all", 60)]
        if isinstance(move, int):
            await local.add(counters, move)
            await shared.add(counters, move)
        else:
            taken = await local.take(counters, move)
            assert await shared.take(counters, move) == taken
            if taken.step is not None:
                limits = move[taken.step].limits
                assert all(limit < 0 or used <= limit for used, limit in zip(taken.used, limits, strict=True))
    await shared.close()


async def test_goes_on_alone_while_redis_is_away() -> None:
    from tests.services import _free_port, running_redis

    port, told = _free_port(), []
    store = SharedCounters(f"redis://127.0.0.1:{port}", told.append)
    limited = Budget(Limits(day=4_000), store, lambda: NOON)
    with running_redis(port):
        assert await levels(limited, 2) == ["strong", "strong"]
    assert await levels(limited, 3) == ["strong", "small", "small"], "it remembers what it last heard"
    assert len(told) == 1 and "alone" in told[0]
    await store.close()
