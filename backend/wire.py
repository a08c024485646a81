"""Every message of the socket, both ways, in one place.

JSON text frames carry the models below; sound travels in binary frames behind the header at the end of this
file. `docs/protocol.md` explains the conversation; `frontend/src/wire.ts` is generated from here
(`python -m backend.wire` prints the JSON Schema that it is made from).
"""

import json
import struct
import sys
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

PROTOCOL = 1
"""Raised when a client written for the old protocol would misunderstand the new one."""

TEXT_LIMIT = 4_000
"""Characters of one utterance; several minutes of speech, and a bound on what a prompt can cost."""

Emotion = Literal["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"]
Shape = Literal["A", "B", "C", "D", "E", "F", "G", "H", "X"]
Words = Annotated[str, StringConstraints(max_length=TEXT_LIMIT)]
Milliseconds = Annotated[float, Field(ge=0, le=86_400_000, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=0xFFFFFFFF)]


class Model(BaseModel):
    """Unknown fields are ignored, so that a newer client can talk to an older server."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Sent(Model):
    """A message of the server: every field is always there, defaults included."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


# ------------------------------------------------------------------------------------- client -> server


class Resume(Model):
    """Where a dropped connection left off: the token from `ready` and the last `seq` that arrived."""

    token: Annotated[str, StringConstraints(max_length=128)]
    seq: Count


class Hello(Model):
    """The first message of every connection."""

    type: Literal["hello"]
    protocol: int = PROTOCOL
    resume: Resume | None = None
    language: Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] = "en-US"
    voice: Annotated[str, StringConstraints(max_length=100, pattern=r"^[\w ()+,.-]*$")] = ""
    sound: bool = True
    greet: bool = True


class Heard(Model):
    """Words from the person's mouth: interim ones replace each other, a final one begins a turn.

    Where utterances are numbered (`utterance` from 1), the server tells by itself when the person is done, and begins
    the turn without `final`. `text` is all of the utterance so far; it has been quiet for `quiet_ms` since its last
    word, or the person is `speaking` still (null: the client has no detector to tell by). `revision` counts up within
    an utterance; a message that arrives late is recognised by it and dropped.
    """

    type: Literal["heard"]
    text: Words
    final: bool = False
    revision: Count = 0
    utterance: Count = 0
    quiet_ms: Milliseconds = 0
    speaking: bool | None = None


class Listen(Model):
    """The server's own ears are wanted: sound will follow in binary frames. Answered by `ears`."""

    type: Literal["listen"]


class Typed(Model):
    """A typed message; begins a turn."""

    type: Literal["typed"]
    text: Words


class Interrupt(Model):
    """The person cut in. The client has already fallen silent; `played_ms` of `line` were really heard."""

    type: Literal["interrupt"]
    turn: Count
    line: Count = 0
    played_ms: Milliseconds = 0


class Playback(Model):
    """How far the sound has come, sent about four times a second while it plays, and at the end of each line.

    `seq` acknowledges everything up to that number, so that the server may forget it.
    """

    type: Literal["playback"]
    turn: Count
    line: Count = 0
    played_ms: Milliseconds = 0
    seq: Count = 0


class Ping(Model):
    """Answered by `pong` with the same `t`; `seq` acknowledges, as in `playback`."""

    type: Literal["ping"]
    t: float = Field(default=0, allow_inf_nan=False)
    seq: Count = 0


FromClient = Annotated[Hello | Heard | Listen | Typed | Interrupt | Playback | Ping, Field(discriminator="type")]
from_client: TypeAdapter[FromClient] = TypeAdapter(FromClient)
CLIENT_TYPES = frozenset({"hello", "heard", "listen", "typed", "interrupt", "playback", "ping"})


# ------------------------------------------------------------------------------------- server -> client


class Engines(Sent):
    """Which engine serves each room at the moment of `ready`."""

    mind: str
    voice: str
    knowledge: str
    feeling: str
    ears: str = ""
    """The server's own ears; empty where it has none, and the browser's are all there is."""


class Limits(Sent):
    """What the server will accept and hold."""

    text_chars: int
    frame_bytes: int
    ahead_seconds: float
    resume_seconds: float


class Ready(Sent):
    """The connection stands. `resumed` tells whether an earlier session goes on; if not, start afresh."""

    type: Literal["ready"] = "ready"
    seq: int = 0
    protocol: int = PROTOCOL
    name: str
    resume: str
    resumed: bool
    engines: Engines
    limits: Limits


class TurnStarted(Sent):
    """A turn begins; everything that follows with this `turn` belongs to it. `text` is what was understood."""

    type: Literal["turn_started"] = "turn_started"
    seq: int = 0
    turn: int
    source: Literal["greeting", "typed", "heard"]
    text: str
    utterance: int = 0
    """The numbered utterance that it answers."""


class Thinking(Sent):
    """The mind is at work. `feeling` is how the face should answer what the person's words carried."""

    type: Literal["thinking"] = "thinking"
    seq: int = 0
    turn: int
    feeling: Emotion = "neutral"
    strength: float = 0.0


class Text(Sent):
    """A piece of the answer with all its marks, for the transcript; `line` brings what is spoken."""

    type: Literal["text"] = "text"
    seq: int = 0
    turn: int
    delta: str


class Line(Sent):
    """A clause or sentence about to be spoken, as it is written. `voice` is empty when there is only a caption.

    A captioned line without sound stays for `seconds`; otherwise `seconds` is an estimate. An `opener` ("Well,") only
    bridges the time until the answer: it belongs to no caption, transcript or history.
    """

    type: Literal["line"] = "line"
    seq: int = 0
    turn: int
    line: int
    text: str
    emotion: Emotion
    strength: float
    voice: str
    seconds: float
    spoken: str = ""
    """Where there is no voice: what a voice of the browser's own should say, without what only the eye needs."""
    opener: bool = False


class Feeling(Sent):
    """A better reading of what `line` carries came after it was sent (null: of what the person said).

    The face moves over to it; the sound is not touched.
    """

    type: Literal["feeling"] = "feeling"
    seq: int = 0
    turn: int
    line: int | None
    emotion: Emotion
    strength: float


PlacedWord = tuple[float, float, str, int]
"""start, end, text, at"""


class Timing(Sent):
    """Mouth and words of a line. Cues replace all cues of the line from `since` on; words are appended.

    For a line without a voice they are estimated, for a browser that says it with a voice of its own.

    `cues` are [start, shape] in seconds of the line's sound, each lasting until the next, the last until
    `until`; cues before `since` are final. `words` are [start, end, text, at]: as the voice names them, and the index
    of the character (Unicode code point) in the line's `text` at which they are written, -1 if they are not.
    """

    type: Literal["timing"] = "timing"
    seq: int = 0
    turn: int
    line: int
    since: float
    until: float
    cues: list[tuple[float, Shape]]
    words: list[PlacedWord] = []


class Latency(Sent):
    """The waterfall of a turn: milliseconds from its start until each stage first delivered; null if it never did."""

    knowledge: float | None = None
    first_token: float | None = None
    first_clause: float | None = None
    first_voice: float | None = None
    first_sound: float | None = None
    done: float | None = None


class Cost(Sent):
    """What the answer took. `estimated` when the provider reported no usage."""

    answered_by: str = ""
    spoken_by: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    characters_spoken: int = 0
    estimated: bool = False
    choice: str = ""
    """Why this model answered, where a router chose it."""
    nano: int = 0
    """What it cost, in billionths of a dollar; 0 also where the price is not known."""
    saved: int = 0
    """What caches and router saved, in billionths of a dollar."""
    ahead_ms: float = 0
    """How long before the person was known to be done the answer had been begun; 0 where it was not."""
    dropped: int = 0
    """Answers begun too early, for other words, and thrown away; their cost is in `nano`."""
    dropped_tokens: int = 0
    """What those took, prompt and answer together."""


class Source(Sent):
    """A passage that the answer stands on; `number` is the one used in the text."""

    number: int
    title: str
    heading: str
    source: str
    text: str


class TurnEnded(Sent):
    """All of the turn has been sent (the sound may still be playing)."""

    type: Literal["turn_ended"] = "turn_ended"
    seq: int = 0
    turn: int
    why: Literal["complete", "failed"]
    latency: Latency
    cost: Cost
    sources: list[Source]


class Cancelled(Sent):
    """The turn was cut short: nothing more of it will come. `heard` is what the history keeps of it."""

    type: Literal["cancelled"] = "cancelled"
    seq: int = 0
    turn: int
    heard: str


class Notice(Sent):
    """Something works less well than it could; said once per session. `action` is the one thing to do about it."""

    type: Literal["notice"] = "notice"
    seq: int = 0
    code: str
    text: str
    action: str = ""


class Error(Sent):
    """A message was refused (`fatal` false: the session goes on) or the connection ends (`fatal` true)."""

    type: Literal["error"] = "error"
    seq: int = 0
    code: str
    text: str
    retryable: bool = False
    fatal: bool = False


class EarsState(Sent):
    """Whether the server can hear: `ready`; `fetching` its model (it says again when that is over); `missing`."""

    type: Literal["ears"] = "ears"
    seq: int = 0
    state: Literal["ready", "fetching", "missing"]
    text: str = ""
    action: str = ""


class Transcript(Sent):
    """What the server heard in a stretch of sound so far; `final` when the stretch is over.

    It begins no turn: the client takes out what is only the avatar's echo, and sends the rest as `heard`.
    """

    type: Literal["transcript"] = "transcript"
    seq: int = 0
    stretch: int
    text: str
    final: bool


class Pong(Sent):
    """The answer to `ping`."""

    type: Literal["pong"] = "pong"
    seq: int = 0
    t: float


FromServer = Annotated[
    Ready
    | TurnStarted
    | Thinking
    | Text
    | Line
    | Feeling
    | Timing
    | TurnEnded
    | Cancelled
    | Notice
    | Error
    | EarsState
    | Transcript
    | Pong,
    Field(discriminator="type"),
]


# ----------------------------------------------------------------------------------------- binary frames


class Kind(IntEnum):
    """What a binary frame carries."""

    SPEECH = 1
    MICROPHONE = 2


class Flags(IntFlag):
    """Marks on a binary frame."""

    NONE = 0
    LAST = 1
    """The last chunk of its line (it may be empty)."""


HEADER = struct.Struct("<BBBxIIHH")
"""version, kind, flags, (pad), seq, turn, line, chunk: 16 bytes, little-endian; int16 mono PCM follows."""


@dataclass(frozen=True, slots=True)
class Audio:
    """A chunk of sound: int16 little-endian mono, 24 kHz from the server, 16 kHz from a microphone.

    From a microphone `turn` numbers the stretches of speech, and `LAST` marks the end of one.
    """

    turn: int
    line: int
    chunk: int
    pcm: bytes
    flags: Flags = Flags.NONE
    kind: Kind = Kind.SPEECH

    def pack(self, seq: int) -> bytes:
        """The frame, numbered *seq*."""
        return HEADER.pack(PROTOCOL, self.kind, self.flags, seq, self.turn, self.line, self.chunk & 0xFFFF) + self.pcm


def unpack(frame: bytes) -> tuple[int, Audio]:
    """(seq, audio) of a binary frame. Raises ValueError with a plain reason when it is not one."""
    if len(frame) < HEADER.size:
        raise ValueError(f"a binary frame has a header of {HEADER.size} bytes, this one has {len(frame)} in all")
    version, kind, flags, seq, turn, line, chunk = HEADER.unpack_from(frame)
    if version != PROTOCOL:
        raise ValueError(f"binary frames of version {version} are not understood, only {PROTOCOL}")
    if kind not in Kind.__members__.values():
        raise ValueError(f"binary frames of kind {kind} are not known")
    pcm = frame[HEADER.size :]
    if len(pcm) % 2:
        raise ValueError("16-bit sound has an even number of bytes")
    return seq, Audio(turn, line, chunk, pcm, Flags(flags & Flags.LAST), Kind(kind))


def schema() -> dict[str, object]:
    """JSON Schema of both directions, for the client's types: definitions `FromClient` and `FromServer`."""
    definitions: dict[str, Any] = {}
    for name, adapter, mode in (
        ("FromClient", from_client, "validation"),
        ("FromServer", TypeAdapter[Any](FromServer), "serialization"),
    ):
        one = adapter.json_schema(mode=cast(Literal["validation", "serialization"], mode))
        definitions |= one.pop("$defs")
        definitions[name] = {key: one[key] for key in ("oneOf",)}
    for definition in definitions.values():
        # Titles of fields would each become a type of their own in TypeScript.
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
    return {"title": "Wire", "$defs": definitions, "oneOf": [{"$ref": f"#/$defs/{n}"} for n in definitions]}


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=1)
