"""What every tier promises: what goes in comes out, within its limit in bytes and its time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.cache.disk import DiskTier
from backend.cache.memory import OVERHEAD, Memory
from backend.cache.redis import RedisTier
from backend.cache.tiers import Tier, TierError

LIMIT = 100_000
DISK_SLACK = 200_000
"""SQLite's own tables and indexes, and the row that crosses the limit before the oldest go."""


@pytest.fixture(params=["memory", "disk", "redis"])
async def tier(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Tier]:
    match request.param:
        case "memory":
            made: Tier = Memory(LIMIT)
        case "disk":
            made = DiskTier(tmp_path / "cache", LIMIT)
        case _:
            made = request.getfixturevalue("redis_tier")
    yield made
    await made.close()


async def test_keeps_and_forgets(tier: Tier) -> None:
    assert await tier.get("a:1") is None
    await tier.put("a:1", b"one", 60)
    await tier.put("a:1", b"two", 60)
    await tier.put("b:1", b"\x00\xff" * 1000, 60)
    assert (await tier.get("a:1"), await tier.get("b:1")) == (b"two", b"\x00\xff" * 1000)
    await tier.drop("a:1")
    await tier.drop("a:1")
    assert await tier.get("a:1") is None
    await tier.put("a:2", b"x", 60)
    await tier.clear("a:")
    assert (await tier.get("a:2"), await tier.get("b:1")) == (None, b"\x00\xff" * 1000)


async def test_entries_run_out(tier: Tier) -> None:
    await tier.put("short", b"x", 0.05)
    await tier.put("long", b"y", 60)
    await asyncio.sleep(0.1)
    assert (await tier.get("short"), await tier.get("long")) == (None, b"y")


async def test_holds_its_limit(tier: Tier) -> None:
    slack = DISK_SLACK if isinstance(tier, DiskTier) else 0
    for number in range(150):
        await tier.put(f"key{number}", bytes(5_000), 60)
        assert await tier.size() <= LIMIT + slack
    assert await tier.get("key149") == bytes(5_000)
    assert await tier.get("key0") is None
    await tier.put("huge", bytes(LIMIT + 1), 60)
    assert await tier.get("huge") is None, "one that would push out everything is not kept"
    assert await tier.get("key149") is not None


async def test_what_was_used_stays() -> None:
    memory = Memory(3 * (1_000 + 4 + OVERHEAD))
    for number in range(3):
        await memory.put(f"key{number}", bytes(1_000), 60)
    await memory.get("key0")
    await memory.put("key3", bytes(1_000), 60)
    assert [await memory.get(f"key{n}") is not None for n in range(4)] == [True, False, True, True]


async def test_redis_forgets_what_was_used_longest_ago(redis_tier: RedisTier) -> None:
    for number in range(3):
        await redis_tier.put(f"key{number}", bytes(30_000), 60)
        await asyncio.sleep(0.003)
    await redis_tier.get("key0")
    await asyncio.sleep(0.003)
    await redis_tier.put("key3", bytes(30_000), 60)
    assert [await redis_tier.get(f"key{n}") is not None for n in range(4)] == [True, False, True, True]
    await redis_tier.close()


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"), st.sampled_from(["put", "get", "drop"]), st.integers(0, 40), st.integers(1, 9)
    ),
    max_size=60,
)


@given(STEPS)
async def test_memory_agrees_with_a_plain_dictionary(steps: list[tuple[str, str, int, int]]) -> None:
    now, limit = 0.0, 10 * (OVERHEAD + 20)
    memory = Memory(limit, lambda: now)
    model: dict[str, tuple[bytes, float]] = {}
    for key, action, size, seconds in steps:
        now += 1
        value = bytes(size)
        match action:
            case "put":
                await memory.put(key, value, seconds)
                model[key] = (value, now + seconds)
            case "get":
                found = await memory.get(key)
                expected = model.get(key)
                alive = expected is not None and now < expected[1]
                assert found in ((expected[0], None) if alive and expected else (None,))
            case _:
                await memory.drop(key)
                model.pop(key, None)
        assert 0 <= await memory.size() <= limit
    await memory.clear("")
    assert await memory.size() == 0


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 40_000), st.booleans()), min_size=1, max_size=30))
async def test_redis_counts_what_it_holds(redis_url: str, steps: list[tuple[int, int, bool]]) -> None:
    tier = RedisTier(redis_url, LIMIT, root="{counts}")
    try:
        await tier.clear("")
        held: dict[str, int] = {}
        for number, size, drop in steps:
            key = f"k{number}"
            await (tier.drop(key) if drop else tier.put(key, bytes(size), 60))
            held = {}
            for name in (f"k{n}" for n in range(21)):
                if (raw := await tier.get(name)) is not None:
                    held[name] = len(raw) + len(name)
            assert await tier.size() == sum(held.values()) <= LIMIT
    finally:
        await tier.close()


async def test_a_wrong_address_is_plain_words() -> None:
    for url in ("http://example.org", "redis://127.0.0.1:1/0"):
        tier = RedisTier(url, LIMIT)
        with pytest.raises(TierError, match="Redis"):
            await tier.get("key")
        await tier.close()
