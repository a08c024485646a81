"""What comes in from a client: how large, how often, and what it says. Never trusted, never a reason to raise."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import ValidationError

from backend import wire

FRAME_LIMIT = 64 * 1024
"""Bytes of one frame from the client; text is at most `wire.TEXT_LIMIT` characters of it."""
MESSAGES_PER_SECOND = 50
"""Far above what a client sends (playback four times a second, interim words ten); a burst may be twice that."""

REPORTS_PER_SECOND = 500
"""Of playback, and pings. A client that reports once per piece of sound gets away with it."""


@dataclass(slots=True)
class Bucket:
    """A token bucket: *rate* a second, bursts of twice that."""

    rate: float
    clock: Callable[[], float] = time.monotonic
    level: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.level, self.at = self.rate * 2, self.clock()

    def take(self) -> bool:
        """Whether one more is allowed now."""
        now = self.clock()
        self.level = min(self.rate * 2, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Intake:
    """What one browser may send, however often it connects anew."""

    def __init__(self) -> None:
        self._messages = Bucket(MESSAGES_PER_SECOND)
        self._reports = Bucket(REPORTS_PER_SECOND)

    def take(self, text: str | None, data: bytes | None) -> wire.FromClient | wire.Audio | wire.Error:
        """The message in a frame, or the error to answer it with. Never raises."""
        message = parse(text, data)
        # A lost report would hold the flow of sound up, so reports have a larger measure of their own.
        bucket = self._reports if isinstance(message, wire.Playback | wire.Ping) else self._messages
        if not bucket.take():
            return wire.Error(code="too_fast", text="Too many messages; slow down a little.", retryable=True)
        if isinstance(message, wire.Hello):
            return wire.Error(code="wrong_order", text="`hello` is the first message of a connection, and only that.")
        return message


def parse(text: str | None, data: bytes | None) -> wire.FromClient | wire.Audio | wire.Error:
    """The message in a frame, or the error to answer it with. Never raises."""
    if data is not None:
        return _sound(data)
    if text is None or len(text) > FRAME_LIMIT:
        return wire.Error(code="too_long", text=f"A message has at most {wire.TEXT_LIMIT} characters.")
    try:
        return wire.from_client.validate_json(text)
    except ValidationError as error:
        return wire.Error(code=_code(error), text=_explain(error))


def _sound(data: bytes) -> wire.Audio | wire.Error:
    if len(data) > FRAME_LIMIT:
        return wire.Error(code="too_long", text=f"A frame of sound has at most {FRAME_LIMIT} bytes.")
    try:
        _, audio = wire.unpack(data)
    except ValueError as error:
        return wire.Error(code="unexpected_sound", text=f"That is no sound: {error}.")
    if audio.kind is not wire.Kind.MICROPHONE:
        return wire.Error(code="unexpected_sound", text="Only sound of a microphone is taken.")
    return audio


def _code(error: ValidationError) -> str:
    kinds = {problem["type"] for problem in error.errors(include_input=False)}
    if kinds & {"json_invalid", "string_unicode"}:
        return "bad_json"
    if kinds & {"union_tag_invalid", "union_tag_not_found"}:
        return "unknown_type"
    return "too_long" if "string_too_long" in kinds else "bad_message"


def _explain(error: ValidationError) -> str:
    """The first problem, with the field's name and without its value."""
    problem = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"][1:])
    return f"{where}: {problem['msg']}" if where else problem["msg"]
