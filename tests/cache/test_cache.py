"""The cache as its users see it: hits from the nearest tier, damage dropped, failures carried on without."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cache import BYTES, Cache, Hit, Space, open_cache
from backend.cache.disk import DiskTier
from backend.cache.memory import Memory
from backend.cache.redis import RedisTier
from backend.cache.tiers import Tier, TierError

MEGABYTE = 1_000_000


class Flaky(Memory):
    """A tier that can be away."""

    name = "flaky"
    down = False
    asked = 0

    async def get(self, key: str) -> bytes | None:
        self.asked += 1
        if self.down:
            raise TierError("It is away.")
        return await super().get(key)

    async def put(self, key: str, raw: bytes, seconds: float) -> None:
        if self.down:
            raise TierError("It is away.")
        await super().put(key, raw, seconds)


@asynccontextmanager
async def caching(*tiers: Tier, **options: Any) -> AsyncIterator[Cache]:
    cache = Cache(list(tiers), **options)
    try:
        yield cache
    finally:
        await cache.close()


async def test_the_nearest_tier_answers_and_is_filled(tmp_path: Path, redis_tier: RedisTier) -> None:
    async with caching(Memory(MEGABYTE), DiskTier(tmp_path, MEGABYTE), redis_tier) as cache:
        space = cache.space("answers", 1, 60)
        assert await space.get("q", 1) is None
        await space.put({"text": "yes", "n": [1, 2.5, None]}, "q", 1)
        assert await space.get("q", 1) == Hit({"text": "yes", "n": [1, 2.5, None]}, "memory")
    async with caching(Memory(MEGABYTE), DiskTier(tmp_path, MEGABYTE), redis_tier) as cache:
        space = cache.space("answers", 1, 60)
        assert (await space.get("q", 1) or Hit(None, "")).tier == "disk", "outlives the process"
        assert (await space.get("q", 1) or Hit(None, "")).tier == "memory", "and is copied nearer"
        assert space.counts.hits == {"disk": 1, "memory": 1}
        assert set(await cache.sizes()) == {"memory", "disk", "redis"}
    async with caching(Memory(MEGABYTE), DiskTier(tmp_path / "other", MEGABYTE), redis_tier) as cache:
        hit = await cache.space("answers", 1, 60).get("q", 1)
        assert hit is not None and hit.tier == "redis", "another replica has only Redis in common"


async def test_versions_kinds_and_parts_are_apart() -> None:
    async with caching(Memory(MEGABYTE)) as cache:
        await cache.space("answers", 1, 60).put("one", "a", "b")
        assert await cache.space("answers", 2, 60).get("a", "b") is None
        assert await cache.space("lines", 1, 60).get("a", "b") is None
        assert await cache.space("answers", 1, 60).get("ab") is None
        assert await cache.space("answers", 1, 60).get("a", "b") == Hit("one", "memory")
        await cache.space("answers", 1, 60).clear()
        assert await cache.space("answers", 1, 60).get("a", "b") is None


def test_nothing_that_was_said_stands_in_a_key() -> None:
    key = Cache([]).space("answers", 1, 60).key("my secret is 1234", {"token": "dapi123"})
    assert key.startswith("answers:1:")
    assert not any(word in key for word in ("secret", "1234", "dapi"))


PARTS = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


@given(st.lists(PARTS, max_size=4), st.lists(PARTS, max_size=4))
def test_keys_are_equal_when_their_parts_are(one: list[object], other: list[object]) -> None:
    space = Cache([]).space("x", 1, 60)
    assert (space.key(*one) == space.key(*other)) == (repr(one) == repr(other))


async def test_damage_is_dropped_and_counted(tmp_path: Path) -> None:
    disk = DiskTier(tmp_path, MEGABYTE)
    async with caching(disk) as cache:
        space = cache.space("lines", 1, 60, BYTES)
        await space.put(b"good", "k")
        whole = await disk.get(space.key("k"))
        assert whole is not None
        for damaged in (b"", b"garbage", whole[:-1], whole[:-1] + b"X", b"\x80\x04N."):
            await disk.put(space.key("k"), damaged, 60)
            assert await space.get("k") is None
            assert await disk.get(space.key("k")) is None
        assert space.counts.damaged == 5


async def test_a_value_that_cannot_be_read_is_damage() -> None:
    async with caching(Memory(MEGABYTE)) as cache:
        await cache.space("x", 1, 60, BYTES).put(b"{not json", "k")
        space: Space[Any] = cache.space("x", 1, 60)
        assert await space.get("k") is None
        assert space.counts.damaged == 1


async def test_a_pickle_in_the_database_is_never_loaded(tmp_path: Path) -> None:
    disk = DiskTier(tmp_path, MEGABYTE)
    await disk.put("k", b"x", 60)
    await disk.close()
    (tmp_path / "planted").write_bytes(b"planted")
    evil = b"cbuiltins\nexec\n(Vraise SystemExit\ntR."
    for mode, filename, value in ((4, None, evil), (2, "planted", None), (3, "/etc/passwd", None), (1, None, "text")):
        with sqlite3.connect(tmp_path / "cache.db") as database:
            database.execute("UPDATE Cache SET mode=?, filename=?, value=?", (mode, filename, value))
        database.close()
        with pytest.raises(TierError):
            await disk.get("k")
    await disk.put("k", b"y", 60)
    assert await disk.get("k") == b"y"
    assert (tmp_path / "planted").exists(), "a file named by a row is not ours to remove"
    await disk.close()


@pytest.mark.parametrize("jump", [-1e7, -600, 1e7])
async def test_clock_jumps_lose_entries_but_never_serve_old_ones(jump: float) -> None:
    now = 1e9
    async with caching(Memory(MEGABYTE), wall=lambda: now) as cache:
        space = cache.space("x", 1, 3600)
        await space.put("old", "k")
        now += jump
        assert await space.get("k") is None
        await space.put("new", "k")
        assert await space.get("k") == Hit("new", "memory")


async def test_one_computation_however_many_ask() -> None:
    made = 0

    async def make() -> str:
        nonlocal made
        made += 1
        await asyncio.sleep(0.02)
        return "value"

    async with caching(Memory(MEGABYTE)) as cache:
        space = cache.space("x", 1, 60)
        hits = await asyncio.gather(*(space.make(make, "k") for _ in range(50)))
        assert made == 1
        assert [hit.tier for hit in hits].count("") == 1
        assert {hit.value for hit in hits} == {"value"}
        assert (await space.make(make, "k")).tier == "memory"
        assert space.counts.made == 1


async def test_a_failure_reaches_everyone_and_is_not_kept() -> None:
    async def fail() -> str:
        await asyncio.sleep(0.01)
        raise LookupError("no")

    async def work() -> str:
        return "yes"

    async with caching(Memory(MEGABYTE)) as cache:
        space = cache.space("x", 1, 60)
        results = await asyncio.gather(*(space.make(fail, "k") for _ in range(3)), return_exceptions=True)
        assert [type(result) for result in results] == [LookupError] * 3
        assert (await space.make(work, "k")).value == "yes"


async def test_the_one_who_leaves_does_not_take_the_others_along() -> None:
    stopped = False

    async def make() -> str:
        nonlocal stopped
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            stopped = True
            raise
        return "value"

    async with caching(Memory(MEGABYTE)) as cache:
        space = cache.space("x", 1, 60)
        first, second = (asyncio.create_task(space.make(make, "k")) for _ in range(2))
        await asyncio.sleep(0.01)
        first.cancel()
        assert (await second).value == "value"
        assert not stopped
        alone = asyncio.create_task(space.make(make, "other"))
        await asyncio.sleep(0.01)
        alone.cancel()
        await asyncio.sleep(0.01)
        assert stopped, "nobody waits any more, so nobody needs the value"
        assert (await space.make(make, "other")).tier == ""


async def test_a_tier_that_fails_is_left_alone_and_announced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = 1000.0, []
    monkeypatch.setattr("backend.cache.breaker.Guarded.__init__.__defaults__", (lambda: now,))
    flaky = Flaky(MEGABYTE)
    async with caching(Memory(MEGABYTE), flaky, announce=lambda *what: told.append(what)) as cache:
        space = cache.space("x", 1, 60)
        flaky.down = True
        for number in range(10):
            await space.put(number, number)
            assert await space.get(number) == Hit(number, "memory")
            assert await space.get("none") is None
        assert told == [("flaky", "It is away.")]
        assert flaky.asked == 1 and cache.away() == ["flaky"]
        now += 1.1
        assert await space.get("none") is None
        assert flaky.asked == 2 and cache.away() == ["flaky"]
        flaky.down = False
        now += 2.1
        await space.put("back", "back")
        assert await space.get("none") is None
        assert told == [("flaky", "It is away."), ("flaky", "")]
        assert cache.away() == []


async def test_redis_that_dies_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.services import _free_port, running_redis

    monkeypatch.setattr("backend.cache.breaker.FIRST_PAUSE", 0.1)
    monkeypatch.setattr("backend.cache.breaker.LONGEST_PAUSE", 0.1)
    port, told = _free_port(), []
    cache = open_cache(
        tmp_path,
        MEGABYTE,
        MEGABYTE,
        redis_url=f"redis://127.0.0.1:{port}",
        redis_bytes=MEGABYTE,
        announce=lambda *what: told.append(what),
    )
    space = cache.space("x", 1, 60)

    async def make() -> str:
        return "value"

    with running_redis(port):
        assert (await space.make(make, 1)).value == "value"
        assert "redis" in await cache.sizes()
    assert (await space.make(make, 2)).value == "value"
    assert [tier for tier, reason in told if reason] == ["redis"]
    assert (await space.get(2) or Hit(None, "")).tier == "memory"
    with running_redis(port):
        await asyncio.sleep(0.15)
        assert (await space.make(make, 3)).value == "value"
        assert told[-1] == ("redis", "")
    await cache.close()


async def test_a_cached_line_is_there_within_ten_milliseconds(tmp_path: Path) -> None:
    """The aim is 10 ms from the decision; here against the same work done naively, as no clock can be trusted."""
    async with caching(Memory(MEGABYTE), DiskTier(tmp_path, 10 * MEGABYTE)) as cache:
        space = cache.space("lines", 1, 60, BYTES)
        sound = bytes(range(256)) * 400
        await space.put(sound, "k")
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await asyncio.sleep(0)
        before = ticks
        assert await space.get("k") == Hit(sound, "memory")
        assert ticks == before, "a hit in memory never gives up the loop"
        ticking.cancel()


async def test_the_disk_never_holds_up_the_loop(tmp_path: Path) -> None:
    disk = DiskTier(tmp_path, MEGABYTE)
    await disk.put("k", b"x", 60)
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_: object) -> None:
        loop.call_soon_threadsafe(began.set)
        time.sleep(0.1)

    hanging = asyncio.create_task(disk._run(slow))
    await began.wait()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not hanging.done()
    await hanging
    await disk.close()
