"""The tier that replicas share: Redis, with a limit in bytes of its own and locks for single flight.

Scripts keep three structures beside the entries (when used, when due, how large) so that the limit holds for these
entries alone, whatever else lives in the same Redis. All keys carry one hash tag, so a cluster keeps them together.
"""

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from backend.cache.connection import Connection

if TYPE_CHECKING:
    from redis.asyncio import Redis

ROOT = "{visavis}:cache"
LEASE = 5.0
"""Seconds after which the right to compute a key passes on when its holder has died."""

_FORGET = """
local root = KEYS[1]
local function forget(name)
  local size = redis.call('HGET', root .. ':sizes', name)
  if size then
    redis.call('DECRBY', root .. ':total', size)
    redis.call('HDEL', root .. ':sizes', name)
  end
  redis.call('ZREM', root .. ':used', name)
  redis.call('ZREM', root .. ':due', name)
  redis.call('DEL', root .. ':e:' .. name)
end
"""
_PUT = f"""{_FORGET}
local key, raw, ttl, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', root .. ':due', '-inf', now, 'LIMIT', 0, 100)) do forget(name) end
forget(key)
local size = #raw + #key
if size > limit then return 0 end
while tonumber(redis.call('GET', root .. ':total') or 0) + size > limit do
  local oldest = redis.call('ZRANGE', root .. ':used', 0, 0)
  if #oldest == 0 then redis.call('SET', root .. ':total', 0) break end
  forget(oldest[1])
end
redis.call('SET', root .. ':e:' .. key, raw, 'PX', ttl)
redis.call('HSET', root .. ':sizes', key, size)
redis.call('INCRBY', root .. ':total', size)
redis.call('ZADD', root .. ':used', now, key)
redis.call('ZADD', root .. ':due', now + ttl, key)
return 1
"""
_GET = """
local raw = redis.call('GET', KEYS[1] .. ':e:' .. ARGV[1])
if raw then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[1] .. ':used', 'XX', time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
end
return raw
"""
_DROP = f"""{_FORGET}
for _, name in ipairs(ARGV) do forget(name) end
return #ARGV
"""
_IF_MINE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call({}) else return 0 end"
_KEEP = _IF_MINE.format("'PEXPIRE', KEYS[1], ARGV[2]")
_GIVE = _IF_MINE.format("'DEL', KEYS[1]")


class RedisTier:
    """Entries and locks in the Redis at *url* (`redis://`, `rediss://`), at most *limit* bytes of entries."""

    name = "redis"

    def __init__(self, url: str, limit: int, root: str = ROOT) -> None:
        self._limit = limit
        self._root = root
        self._connection = Connection(url)

    async def get(self, key: str) -> bytes | None:
        """What lies under *key*."""
        raw = await self._connection.run(lambda redis: redis.eval(_GET, 1, self._root, key))
        return raw if isinstance(raw, bytes) else None

    async def put(self, key: str, raw: bytes, seconds: float) -> None:
        """Keep *raw*, pushing out what was used longest ago."""
        milliseconds = max(1, round(seconds * 1000))
        await self._connection.run(lambda redis: redis.eval(_PUT, 1, self._root, key, raw, milliseconds, self._limit))

    async def drop(self, key: str) -> None:
        """Forget *key*."""
        await self._connection.run(lambda redis: redis.eval(_DROP, 1, self._root, key))

    async def clear(self, prefix: str) -> None:
        """Forget every key that begins with *prefix*."""
        names: list[bytes] = await self._connection.run(lambda redis: redis.hkeys(f"{self._root}:sizes"))
        doomed = [name for name in names if name.startswith(prefix.encode())]
        for start in range(0, len(doomed), 500):
            batch = doomed[start : start + 500]
            await self._connection.run(partial(self._drop, batch))

    def _drop(self, names: list[bytes], redis: "Redis") -> Any:
        return redis.eval(_DROP, 1, self._root, *names)

    async def size(self) -> int:
        """Bytes of entries, as counted by the scripts."""
        return int(await self._connection.run(lambda redis: redis.get(f"{self._root}:total")) or 0)

    async def take(self, key: str) -> str | None:
        """The right to compute *key*, for `LEASE` seconds."""
        token = secrets.token_hex(16)
        ours = await self._connection.run(
            lambda redis: redis.set(self._lock(key), token, nx=True, px=round(LEASE * 1000))
        )
        return token if ours else None

    async def keep(self, key: str, token: str) -> bool:
        """`LEASE` seconds more."""
        milliseconds = round(LEASE * 1000)
        return bool(
            await self._connection.run(lambda redis: redis.eval(_KEEP, 1, self._lock(key), token, milliseconds))
        )

    async def give(self, key: str, token: str) -> None:
        """Give the right back, if it is still ours."""
        await self._connection.run(lambda redis: redis.eval(_GIVE, 1, self._lock(key), token))

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    def _lock(self, key: str) -> str:
        return f"{self._root}:lock:{key}"
