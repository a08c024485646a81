"""What other processes do to the cache: compute at the same time, die in the middle of a write, fill the disk."""

import asyncio
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from backend.cache import BYTES, Cache, open_cache
from backend.cache.disk import DiskTier
from backend.cache.redis import RedisTier
from backend.cache.tiers import TierError

ROOT = Path(__file__).parents[2]


def worker(*arguments: str, **options: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cache.worker", *arguments],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stdin=subprocess.PIPE, **options,  # type: ignore[call-overload]
    )  # fmt: skip


def finish(child: "subprocess.Popen[str]") -> str:
    return child.communicate(timeout=60)[0].strip()


def start(children: "list[subprocess.Popen[str]]") -> None:
    """Let them all begin at once."""
    for child in children:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()


def test_one_computation_over_all_processes(redis_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    children = [worker("make", redis_url, "{flight}", str(log), "0.3") for _ in range(3)]
    start(children)
    answers = sorted(finish(child) for child in children)
    assert answers == ["value made", "value redis", "value redis"]
    assert log.read_text() == "made\n"


def test_a_dead_process_gives_way(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its right to compute lapses; nobody waits for ever."""
    log = tmp_path / "log"
    dying = worker("make", redis_url, "{dying}", str(log), "60")
    start([dying])
    while not log.exists():
        asyncio.run(asyncio.sleep(0.02))
    dying.kill()
    finish(dying)

    async def take_over() -> str:
        tier = RedisTier(redis_url, 1_000_000, "{dying}")
        cache = Cache([tier])
        lock = "{dying}:lock:" + cache.space("answers", 1, 60).key("question")
        ttl = await tier._connection.run(lambda redis: redis.pttl(lock))
        assert 0 < ttl <= 5_000, "a lease, not a lock for ever"
        await tier._connection.run(lambda redis: redis.pexpire(lock, 100))  # the rest of the lease, made shorter

        async def compute() -> str:
            return "mine"

        hit = await cache.space("answers", 1, 60).make(compute, "question")
        await cache.close()
        return str(hit.value)

    assert asyncio.run(take_over()) == "mine"


def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """Three times, at different moments: every entry that was told is there and whole, and none is half."""
    for moment in (3, 10, 20):
        child = worker("write", str(tmp_path))
        assert child.stdout is not None
        told = -1
        while told < moment:
            told = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        told = max([told, *map(int, child.stdout.read().split())])
        finish(child)

        async def check(last: int) -> None:
            cache = open_cache(tmp_path, 0, 50_000_000)
            space = cache.space("lines", 1, 600, BYTES)
            for number in range(last + 1):
                hit = await space.get(number)
                assert hit is not None and hit.value == bytes([number % 251]) * 60_000
            maybe = await space.get(last + 1)
            assert maybe is None or maybe.value == bytes([(last + 1) % 251]) * 60_000
            assert space.counts.damaged == 0
            await cache.close()

        asyncio.run(check(told))
    names = {path.name for path in tmp_path.iterdir()}
    assert names <= {"cache.db", "cache.db-wal", "cache.db-shm"}, "no file that nobody counts"


def test_a_full_disk_is_carried_on_without(tmp_path: Path) -> None:
    def limit() -> None:
        # Writing past the limit fails as on a full disk, instead of killing the process.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    child = worker("fill", str(tmp_path), preexec_fn=limit)
    announced, served, *why = finish(child).split("|")
    assert child.returncode == 0
    assert announced == "1" and "disk" in why[0]
    assert 1 <= int(served) < 100, "what fitted is still there"


async def test_a_database_that_is_none_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_bytes(b"this is no database, but it is long enough to be looked at" * 100)
    disk = DiskTier(tmp_path, 1_000_000)
    with suppress(TierError):
        await disk.get("k")
    await disk.put("k", b"x", 60)
    assert await disk.get("k") == b"x"
    await disk.close()


async def test_a_torn_database_is_replaced(tmp_path: Path) -> None:
    disk = DiskTier(tmp_path, 10_000_000)
    for number in range(20):
        await disk.put(f"k{number}", bytes(50_000), 60)
    await disk.close()
    path = tmp_path / "cache.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) // 2))
    for _ in range(3):
        with suppress(TierError):
            await disk.put("again", b"x", 60)
    assert await disk.get("again") == b"x"
    await disk.close()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    disk = DiskTier(tmp_path / "file" / "cache", 1_000_000)
    with pytest.raises(TierError, match="disk"):
        await disk.put("k", b"x", 60)
    await disk.close()
