"""What lies in a tier: the value between a head that proves it whole and a time until which it is good.

A cache lives on disks that fill up, in processes that are killed and in stores that others can reach. So an entry
says which key it belongs to and carries a checksum; what does not fit is `Damaged` and is dropped, never served.
"""

import struct
from dataclasses import dataclass
from hashlib import blake2b

MAGIC = b"VC01"
_HEAD = struct.Struct("<4sdd16s16s")
"""magic, when made and until when good (seconds since the epoch), the key's digest, the checksum of it all."""

HEAD_BYTES = _HEAD.size
SKEW = 300.0
"""Seconds that the clocks of two replicas may differ. An entry from further in the future was made before a clock
was set back: nobody knows how old it really is, so it counts as damaged."""


class Damaged(Exception):
    """These bytes are not an entry of that key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and how long it stays good. Times are seconds since the epoch."""

    value: bytes
    made: float
    until: float


def pack(key: str, entry: Entry) -> bytes:
    """The bytes of *entry* as they are stored under *key*."""
    return _HEAD.pack(MAGIC, entry.made, entry.until, _digest(key.encode()), _check(key, entry)) + entry.value


def unpack(key: str, raw: bytes, now: float) -> Entry | None:
    """The entry in *raw*, None when its time is over. Raises `Damaged`."""
    if len(raw) < HEAD_BYTES:
        raise Damaged("too short")
    magic, made, until, owner, check = _HEAD.unpack_from(raw)
    if magic != MAGIC or owner != _digest(key.encode()):
        raise Damaged("not an entry of this key")
    entry = Entry(raw[HEAD_BYTES:], made, until)
    if check != _check(key, entry):
        raise Damaged("checksum")
    if made > now + SKEW:
        raise Damaged("from the future")
    return entry if now < until else None


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _check(key: str, entry: Entry) -> bytes:
    checksum = blake2b(struct.pack("<dd", entry.made, entry.until), digest_size=16)
    checksum.update(key.encode() + b"\0")
    checksum.update(entry.value)
    return checksum.digest()
