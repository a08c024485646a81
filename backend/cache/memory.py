"""The nearest tier: a dictionary with a limit in bytes, the least recently used entry going first."""

import time
from collections import OrderedDict
from collections.abc import Callable

OVERHEAD = 250
"""Bytes that Python takes for an entry besides key and value (dict slot, tuple, two headers); measured with
tracemalloc on CPython 3.11, rounded up."""


class Memory:
    """Entries in this process. Expiry follows the monotonic clock, which no one can set."""

    name = "memory"

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        """*limit* is in bytes, overhead included."""
        self._limit = limit
        self._clock = clock
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> bytes | None:
        """What lies under *key*."""
        found = self._entries.get(key)
        if found is None:
            return None
        raw, until = found
        if self._clock() >= until:
            self._remove(key)
            return None
        self._entries.move_to_end(key)
        return raw

    async def put(self, key: str, raw: bytes, seconds: float) -> None:
        """Keep *raw*; one that is larger than the whole tier is not kept."""
        self._remove(key)
        if _cost(key, raw) > self._limit:
            return
        self._entries[key] = (raw, self._clock() + seconds)
        self._bytes += _cost(key, raw)
        while self._bytes > self._limit:
            self._remove(next(iter(self._entries)))

    async def drop(self, key: str) -> None:
        """Forget *key*."""
        self._remove(key)

    async def clear(self, prefix: str) -> None:
        """Forget every key that begins with *prefix*."""
        for key in [key for key in self._entries if key.startswith(prefix)]:
            self._remove(key)

    async def size(self) -> int:
        """Bytes in use, overhead included."""
        return self._bytes

    async def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0

    def _remove(self, key: str) -> None:
        if (found := self._entries.pop(key, None)) is not None:
            self._bytes -= _cost(key, found[0])


def _cost(key: str, raw: bytes) -> int:
    return len(key) + len(raw) + OVERHEAD
