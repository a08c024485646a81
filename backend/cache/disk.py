"""The tier that outlives the process: diskcache, which is SQLite underneath.

Everything runs in one thread of its own: the event loop never waits for a disk, and the connection is opened, used
and closed by the same thread. Values stay inside the database file whatever their size, so that a process killed in
the middle of a write leaves either the old row or the new one, and no file that nobody counts.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from backend.cache.tiers import TierError

if TYPE_CHECKING:
    import diskcache

T = TypeVar("T")

LOCKED = 1.0
"""Seconds to wait for another process's write."""
PATIENCE = 2.0
"""Seconds that the caller waits for the disk; a disk that hangs must not hold a conversation."""


class DiskTier:
    """Entries in *folder*, about *limit* bytes of them; the least recently used go first."""

    name = "disk"

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._cache: diskcache.Cache | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cache-disk")

    async def get(self, key: str) -> bytes | None:
        """What lies under *key*."""
        return await self._run(lambda cache: _read(cache, key))

    async def put(self, key: str, raw: bytes, seconds: float) -> None:
        """Keep *raw*; one larger than a quarter of the tier would push out too much, and is not kept."""
        if len(raw) * 4 > self._limit:
            return
        await self._run(lambda cache: cache.set(key, raw, expire=seconds))

    async def drop(self, key: str) -> None:
        """Forget *key*."""
        await self._run(lambda cache: cache.delete(key))

    async def clear(self, prefix: str) -> None:
        """Forget every key that begins with *prefix*."""

        def clear(cache: "diskcache.Cache") -> None:
            for key in [key for key in cache.iterkeys() if key.startswith(prefix)]:
                cache.delete(key)

        await self._run(clear)

    async def size(self) -> int:
        """Bytes of the database, its free pages included."""
        return await self._run(lambda cache: int(cache.volume()))

    async def close(self) -> None:
        """Close the database. The tier opens again when it is used again."""

        def close() -> None:
            if self._cache is not None:
                self._cache.close()
                self._cache = None

        with suppress(sqlite3.Error):
            await asyncio.get_running_loop().run_in_executor(self._thread, close)

    async def _run(self, work: "Callable[[diskcache.Cache], T]") -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE):
                return await loop.run_in_executor(self._thread, self._work, work)
        except TimeoutError:
            raise TierError("The cache's disk does not answer.") from None

    def _work(self, work: "Callable[[diskcache.Cache], T]") -> T:
        import diskcache  # noqa: PLC0415  (50 ms that the start of the server need not wait for)

        try:
            return work(self._open())
        except diskcache.Timeout:
            raise TierError("The cache on disk is locked by another process.") from None
        except sqlite3.OperationalError as error:
            # "database or disk is full", "attempt to write a readonly database", "disk I/O error": carry on without.
            raise TierError(f"The cache cannot use its disk ({error}).") from None
        except sqlite3.DatabaseError:
            # "malformed", "file is not a database": nothing in there can be trusted; start an empty one.
            self._start_afresh()
            raise TierError("The cache on disk was damaged; it starts empty.") from None
        except (OSError, ValueError) as error:
            raise TierError(f"The cache cannot use its disk ({type(error).__name__}).") from None

    def _open(self) -> "diskcache.Cache":
        if self._cache is None:
            import diskcache  # noqa: PLC0415

            self._folder.mkdir(parents=True, exist_ok=True)
            self._cache = diskcache.Cache(
                str(self._folder),
                timeout=LOCKED,
                disk=_disk_type(),
                size_limit=self._limit,
                eviction_policy="least-recently-used",
                cull_limit=20,
            )
        return self._cache

    def _start_afresh(self) -> None:
        if self._cache is not None:
            with suppress(sqlite3.Error):
                self._cache.close()
        self._cache = None
        shutil.rmtree(self._folder, ignore_errors=True)


def _read(cache: "diskcache.Cache", key: str) -> bytes | None:
    """Reading notes the time of use; where not even that can be written (a full disk), read without a note."""
    found: bytes | None
    try:
        found = cache.get(key)
    except sqlite3.OperationalError:
        policy, cache.eviction_policy = cache.eviction_policy, "none"
        try:
            found = cache.get(key)
        finally:
            cache.eviction_policy = policy
    return found


def _disk_type() -> type[Any]:
    import diskcache  # noqa: PLC0415
    from diskcache.core import MODE_RAW  # noqa: PLC0415

    class BytesDisk(diskcache.Disk):  # type: ignore[misc]
        """Bytes in, bytes out. diskcache pickles what it does not know; here nothing is ever unpickled, and no file
        named by a row is ever opened, so a database that somebody else wrote can do no more than be wrong."""

        def put(self, key: str) -> tuple[str, bool]:
            return key, True

        def get(self, key: str, raw: bool) -> str:
            return str(key)

        def store(self, value: bytes, read: bool, key: object = None) -> tuple[int, int, None, sqlite3.Binary]:
            return 0, MODE_RAW, None, sqlite3.Binary(value)

        def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> bytes:
            if mode != MODE_RAW or filename is not None or not isinstance(value, bytes):
                raise ValueError("a row that this cache did not write")
            return value

        def remove(self, file_path: str) -> None:
            """Values are no files; a path in a row is somebody else's."""

    return BytesDisk
