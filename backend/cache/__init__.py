"""One cache for everything worth keeping: memory, then disk, then Redis, and one computation per key at a time.

    lines = cache.space("lines", version=3, seconds=30 * DAY, codec=LINE)
    hit = await lines.get(text, voice, rate)                  # Hit(value, tier) or None
    hit = await lines.make(render, text, voice, rate)         # the same, computed by `render` when it is missing

Keys are digests of their parts, so that nothing a person said stands in a key, and carry the space's name and
version: raising the version forgets what older code wrote. Values are bytes or JSON, never pickles. A tier that
fails is left alone for a while and announced once; the conversation goes on without it.
"""

import json
import time
from asyncio import Task, create_task, gather
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from backend.cache.breaker import Announce, Guarded, silent
from backend.cache.disk import DiskTier
from backend.cache.entry import Damaged, Entry, pack, unpack
from backend.cache.flight import Claim, Flight
from backend.cache.memory import Memory
from backend.cache.redis import RedisTier
from backend.cache.tiers import Tier, TierError

__all__ = ["BYTES", "DAY", "JSON", "Cache", "Codec", "Counts", "Hit", "Space", "Tier", "TierError", "open_cache"]

T = TypeVar("T")
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How a value becomes bytes and back. `decode` raises ValueError or KeyError for bytes that are none."""

    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]


BYTES: Codec[bytes] = Codec(bytes, bytes)
JSON: Codec[Any] = Codec(
    lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), json.loads
)


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A value and where it came from: a tier's name, "flight" (somebody was just making it) or "" (made now)."""

    value: T
    tier: str


@dataclass(slots=True)
class Counts:
    """What happened in a space since the start, for the metrics and the report."""

    hits: dict[str, int] = field(default_factory=dict)
    misses: int = 0
    made: int = 0
    damaged: int = 0

    def hit(self, tier: str) -> None:
        """One more from *tier*."""
        self.hits[tier] = self.hits.get(tier, 0) + 1


class Cache:
    """The tiers, nearest first. *wall* is seconds since the epoch; it may jump."""

    def __init__(self, tiers: list[Tier], announce: Announce = silent, wall: Callable[[], float] = time.time) -> None:
        self.counts: dict[str, Counts] = {}
        self._tiers = [Guarded(tier, announce) for tier in tiers]
        self._lock = next((tier for tier in self._tiers if tier.lock is not None), None)
        self._wall = wall
        self._flights: dict[str, Flight[Any]] = {}
        self._behind: set[Task[None]] = set()

    def space(self, name: str, version: int | str, seconds: float, codec: Codec[T] = JSON) -> "Space[T]":
        """A part of the cache for values of one kind, good for *seconds*."""
        return Space(self, name, str(version), seconds, codec)

    def away(self) -> list[str]:
        """Names of the tiers that are left alone at the moment."""
        return [tier.name for tier in self._tiers if tier.away]

    async def sizes(self) -> dict[str, int]:
        """Bytes in use by tier; those that are away are missing."""
        sizes = {}
        for tier in self._tiers:
            if (size := await tier.read(tier.tier.size, -1)) >= 0:
                sizes[tier.name] = size
        return sizes

    async def close(self) -> None:
        """Finish the writes that are under way, stop what is being made, release files and connections."""
        for flight in list(self._flights.values()):
            flight.cancel()
        while self._behind:
            await gather(*self._behind, return_exceptions=True)
        for tier in self._tiers:
            with suppress(TierError):
                await tier.tier.close()

    # ------------------------------------------------------------------ for spaces

    async def find(self, space: "Space[T]", key: str, tiers: list[Guarded] | None = None) -> Hit[T] | None:
        """The value under *key* in the nearest tier that has it whole; it is copied into those nearer."""
        tiers = self._tiers if tiers is None else tiers
        for index, tier in enumerate(tiers):
            raw = await tier.read(lambda tier=tier: tier.tier.get(key), None)  # type: ignore[misc]
            if raw is None:
                continue
            try:
                entry = unpack(key, raw, self._wall())
                value = space.codec.decode(entry.value) if entry is not None else None
            except (Damaged, ValueError, KeyError, TypeError):
                space.counts.damaged += 1
                entry = None
            if entry is None:
                await tier.write(lambda tier=tier: tier.tier.drop(key), None)  # type: ignore[misc]
                continue
            await self._keep(tiers[:index], key, raw, min(entry.until - self._wall(), space.seconds))
            return Hit(cast(T, value), tier.name)
        return None

    async def near(self, space: "Space[T]", key: str) -> Hit[T] | None:
        """The value under *key* if it lies in memory; never waits."""
        memory = [tier for tier in self._tiers[:1] if isinstance(tier.tier, Memory)]
        return await self.find(space, key, memory)

    async def store(self, space: "Space[T]", key: str, value: T) -> None:
        """Put *value* into every tier."""
        raw = self._pack(space, key, value)
        await self._keep(self._tiers, key, raw, space.seconds)

    async def forget(self, key: str) -> None:
        """Drop *key* from every tier."""
        for tier in self._tiers:
            await tier.write(lambda tier=tier: tier.tier.drop(key), None)  # type: ignore[misc]

    async def clear(self, prefix: str) -> None:
        """Drop every key that begins with *prefix* from every tier."""
        for tier in self._tiers:
            await tier.write(lambda tier=tier: tier.tier.clear(prefix), None)  # type: ignore[misc]

    async def make(self, space: "Space[T]", key: str, make: Callable[[], Awaitable[T]]) -> Hit[T]:
        """The value under *key*, or that of *make*, which runs once however many ask."""
        if (hit := await self.near(space, key)) is not None:
            return hit
        # From here to the registration nothing waits, so no second flight for the key can begin in between.
        joined = key in self._flights
        if not joined:
            flight: Flight[Hit[T]] = Flight()
            self._flights[key] = flight
            task = create_task(self._fly(space, key, make, flight), name=f"make {space.name}")
            flight.task = task
            self._behind.add(task)
            task.add_done_callback(self._behind.discard)
        hit = await self._flights[key].join()
        return Hit(hit.value, "flight") if joined and not hit.tier else hit

    async def _fly(self, space: "Space[T]", key: str, make: Callable[[], Awaitable[T]], flight: Flight[Hit[T]]) -> None:
        try:
            async with Claim(self._lock, key) as claim:
                hit = await self.find(space, key)
                while hit is None and claim.shared:
                    mine = await claim.take()
                    # Another process may have finished between our look and our try.
                    hit = await self.find(space, key)
                    if mine:
                        break
                if hit is not None:
                    flight.land(hit)
                    return
                space.counts.made += 1
                value = await make()
                raw = self._pack(space, key, value)
                await self._keep(self._tiers[:1], key, raw, space.seconds)
                flight.land(Hit(value, ""))
                # Whoever waits has it; the slower tiers, and then the other processes, get it now.
                await self._keep(self._tiers[1:], key, raw, space.seconds)
        except BaseException as error:
            flight.crash(error)
            if not isinstance(error, Exception):
                raise
        finally:
            del self._flights[key]

    def _pack(self, space: "Space[T]", key: str, value: T) -> bytes:
        now = self._wall()
        return pack(key, Entry(space.codec.encode(value), now, now + space.seconds))

    @staticmethod
    async def _keep(tiers: list[Guarded], key: str, raw: bytes, seconds: float) -> None:
        for tier in tiers:
            await tier.write(lambda tier=tier: tier.tier.put(key, raw, seconds), None)  # type: ignore[misc]


class Space(Generic[T]):
    """Values of one kind. A key is made of *parts*: anything that JSON can write."""

    def __init__(self, cache: Cache, name: str, version: str, seconds: float, codec: Codec[T]) -> None:
        self.name = name
        self.seconds = seconds
        self.codec = codec
        self.counts = cache.counts.setdefault(name, Counts())
        self._cache = cache
        self._prefix = f"{name}:{version}:"

    async def get(self, *parts: object) -> Hit[T] | None:
        """The value, if any tier has it."""
        return self._count(await self._cache.find(self, self.key(*parts)))

    async def put(self, value: T, *parts: object) -> None:
        """Keep *value* in every tier."""
        await self._cache.store(self, self.key(*parts), value)

    async def make(self, make: Callable[[], Awaitable[T]], *parts: object) -> Hit[T]:
        """The value, computed by *make* if no tier has it: once, however many ask at the same time, and with Redis
        once over all processes. What *make* raises reaches everyone who waited; nothing is kept then."""
        hit = await self._cache.make(self, self.key(*parts), make)
        self._count(hit if hit.tier else None)
        return hit

    async def drop(self, *parts: object) -> None:
        """Forget one value."""
        await self._cache.forget(self.key(*parts))

    async def clear(self) -> None:
        """Forget all values of this kind, of every version."""
        await self._cache.clear(f"{self.name}:")

    def key(self, *parts: object) -> str:
        """The key of *parts*: name, version, digest."""
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return self._prefix + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()

    def _count(self, hit: Hit[T] | None) -> Hit[T] | None:
        if hit is None:
            self.counts.misses += 1
        else:
            self.counts.hit(hit.tier)
        return hit


def open_cache(
    folder: Path | None,
    memory_bytes: int,
    disk_bytes: int,
    *,
    redis_url: str = "",
    redis_bytes: int = 0,
    announce: Announce = silent,
) -> Cache:
    """The cache as the settings describe it; a limit of 0 (or no folder, no address) leaves a tier out.

    Opens nothing yet: files and connections come with the first use, off the event loop.
    """
    tiers: list[Tier] = []
    if memory_bytes:
        tiers.append(Memory(memory_bytes))
    if folder is not None and disk_bytes:
        tiers.append(DiskTier(folder, disk_bytes))
    if redis_url and redis_bytes:
        tiers.append(RedisTier(redis_url, redis_bytes))
    return Cache(tiers, announce)
