"""A connection to Redis for all who share it: brought in off the event loop, bounded in time, plain in its errors."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backend.cache.tiers import TierError

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATIENCE = 0.25
"""Seconds for one answer. Redis answers within a millisecond; one that does not is worse than none."""


class Connection:
    """Redis at *url* (`redis://`, `rediss://`, `unix://`). Opens with the first use.

    *patience* is for those to whom an answer matters more than the wait; `PATIENCE` if it is None.
    """

    def __init__(self, url: str, patience: float | None = None) -> None:
        self._url = url
        self._patience = patience
        self._redis: Redis | None = None

    async def run(self, work: Callable[["Redis"], Any]) -> Any:
        """What *work* awaits. Raises `TierError`."""
        redis = await self._open()
        try:
            async with asyncio.timeout(self._patience or PATIENCE):
                return await work(redis)
        except Exception as error:
            # Whatever it is: an answer that makes no sense raises a ValueError or the like inside the library, which
            # then drops the connection. Its message may hold the address; a person needs only that Redis is away.
            raise TierError(f"Redis does not answer ({type(error).__name__}).") from None

    async def close(self) -> None:
        """Close it; the next use opens it again."""
        if self._redis is not None:
            redis, self._redis = self._redis, None
            await redis.aclose()

    async def _open(self) -> "Redis":
        if self._redis is None:
            try:
                # A third of a second of imports: not on the loop.
                make = await asyncio.to_thread(_maker)
            except ImportError:
                raise TierError("The Redis client is not installed: pip install 'visavis[redis]'.") from None
            try:
                self._redis = self._redis or make(self._url, self._patience or PATIENCE)
            except ValueError:
                raise TierError("The address of Redis must begin with redis://, rediss:// or unix://.") from None
        return self._redis


def _maker() -> Callable[[str, float], "Redis"]:
    from redis.asyncio import Redis  # noqa: PLC0415

    def make(url: str, patience: float) -> "Redis":
        return Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience, max_connections=32)

    return make
