"""Conversations on a shelf that all servers reach, so that a browser whose server is gone goes on at another one.

What a browser is sent is put here first. So whatever it has, the shelf has too, and the next server continues with the
very next frame. A conversation belongs to one server at a time: taking it over bars the one before, which learns of it
when it next wants to put something.
"""

import json
import secrets
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from backend.cache.connection import Connection
from backend.cache.tiers import TierError
from backend.outbox import Frame

ROOT = "{visavis}:shelf:"
AWAY = 5.0
"""Seconds that a shelf which did not answer is left alone; conversations go on without it."""
PATIENCE = 1.0
"""Seconds for one answer: less than the sound that a listener has in hand."""
MARGIN = 30
"""Seconds that a conversation lies here beyond the time in which its browser may come back."""
VERSION = 2
_FRAME = struct.Struct("<Iq?")
"""seq, turn (-1: none), whether it is text."""

_PUT = """
local who = redis.call('HGET', KEYS[1], 'server')
if who and who ~= ARGV[1] then return 0 end
if ARGV[4] == '1' then redis.call('DEL', KEYS[2]) end
redis.call('HSET', KEYS[1], 'server', ARGV[1], 'state', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[5])
for i = 6, #ARGV, 2 do redis.call('ZADD', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
"""
_TAKE = """
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return false end
redis.call('HSET', KEYS[1], 'server', ARGV[1])
return {state, unpack(redis.call('ZRANGE', KEYS[2], 0, -1))}
"""
_DROP = "if redis.call('HGET', KEYS[1], 'server') == ARGV[1] then redis.call('DEL', KEYS[1], KEYS[2]) end return 1"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A conversation as it lies there: what `Session.state` gave, and the frames that were not acknowledged."""

    state: dict[str, Any]
    frames: tuple[Frame, ...]


class Shelf:
    """Redis at *url*; a conversation lies there for *seconds* after its last frame."""

    def __init__(self, url: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._me = secrets.token_hex(8)
        self._connection = Connection(url, PATIENCE)
        self._seconds = round(seconds) + MARGIN
        self._clock = clock
        self._away_until = 0.0

    async def put(
        self, token: str, state: dict[str, Any], frames: Iterable[Frame], *, anew: bool, acknowledged: int
    ) -> bool | None:
        """Add *frames* and replace the state; *anew* forgets the frames before. False: it is another server's now.

        None: the shelf is away, nothing was put.
        """
        arguments: list[Any] = [self._me, _encode(state), self._seconds, int(anew), acknowledged]
        for frame in frames:
            arguments += [frame.seq, _pack(frame)]
        reply = await self._run(lambda redis: redis.eval(_PUT, 2, *_keys(token), *arguments))
        return None if reply is None else bool(reply)

    async def whose(self, token: str) -> tuple[str, bool] | None:
        """(the owner's name, whether this server has it), None if it is not there."""
        reply = await self._run(lambda redis: redis.hmget(_keys(token)[0], "server", "state"))
        if not reply or reply[1] is None:
            return None
        state = _decode(reply[1])
        return None if state is None else (str(state["owner"]), reply[0] == self._me.encode())

    async def take(self, token: str) -> Shelved | None:
        """The conversation, which belongs to this server from now on."""
        reply = await self._run(lambda redis: redis.eval(_TAKE, 2, *_keys(token), self._me))
        if not reply or (state := _decode(reply[0])) is None:
            return None
        try:
            return Shelved(state, tuple(map(_unpack, reply[1:])))
        except (struct.error, UnicodeDecodeError):
            return None

    async def drop(self, token: str) -> None:
        """It is over."""
        await self._run(lambda redis: redis.eval(_DROP, 2, *_keys(token), self._me))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def _run(self, work: Callable[..., Any]) -> Any:
        if self._clock() < self._away_until:
            return None
        try:
            return await self._connection.run(work)
        except TierError:
            self._away_until = self._clock() + AWAY
            return None


def _keys(token: str) -> tuple[str, str]:
    # Who can read the keys must not be able to come back as somebody.
    name = ROOT + blake2b(token.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()
    return name, name + ":frames"


def _encode(state: dict[str, Any]) -> bytes:
    return json.dumps({"version": VERSION, **state}, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _decode(raw: bytes) -> dict[str, Any] | None:
    """None for what an older or newer server wrote: its conversation begins anew."""
    try:
        state: dict[str, Any] = json.loads(raw)
    except ValueError:
        return None
    return state if isinstance(state, dict) and state.get("version") == VERSION else None


def _pack(frame: Frame) -> bytes:
    text = isinstance(frame.data, str)
    data = frame.data.encode() if isinstance(frame.data, str) else frame.data
    return _FRAME.pack(frame.seq, -1 if frame.turn is None else frame.turn, text) + data


def _unpack(raw: bytes) -> Frame:
    seq, turn, text = _FRAME.unpack_from(raw)
    data = raw[_FRAME.size :]
    return Frame(seq, None if turn < 0 else turn, data.decode() if text else data)
