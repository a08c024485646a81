"""The door between the cache and a place where entries lie."""

from typing import Protocol


class TierError(Exception):
    """A tier cannot serve now; the message is plain words, without secrets."""


class Tier(Protocol):
    """A place for entries. Methods raise `TierError`, in a time that a conversation can bear."""

    name: str

    async def get(self, key: str) -> bytes | None:
        """What lies under *key*."""
        ...

    async def put(self, key: str, raw: bytes, seconds: float) -> None:
        """Keep *raw* for up to *seconds*; less when room is short."""
        ...

    async def drop(self, key: str) -> None:
        """Forget *key*."""
        ...

    async def clear(self, prefix: str) -> None:
        """Forget every key that begins with *prefix*."""
        ...

    async def size(self) -> int:
        """Bytes in use."""
        ...

    async def close(self) -> None:
        """Release files and connections."""
        ...


class Lock(Protocol):
    """A right to compute a key that at most one process holds. It lapses by itself when its holder dies."""

    async def take(self, key: str) -> str | None:
        """A token when the right is now ours, None when another process has it."""
        ...

    async def keep(self, key: str, token: str) -> bool:
        """Extend the right; False when it has passed to somebody else."""
        ...

    async def give(self, key: str, token: str) -> None:
        """Give it back."""
        ...
