"""Lines that were rendered before: their sound, mouth cues and word times, ready to be sent at once.

A line is kept under everything that its sound and its mouth depend on: the words, the voice and how it speaks, the
pause behind it, and the version of the lip sync. The sound is kept as FLAC: exactly what was rendered, so that a kept
line sounds and moves like a fresh one. Measured on 29 s of 24 kHz speech (2026-11, one core): FLAC 24 kB/s at 0.2 ms
of work a second to write and 0.12 ms to read; zlib over differences 31 kB/s at 1.5 ms; Opus would take 5 kB/s, but
25 ms, and is not the same sound.
"""

import asyncio
import io
import json
import logging
import struct
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import rhubarb
from backend.cache import BYTES, DAY, Cache
from backend.fallback import Route
from backend.rendering import (
    CHUNK_BYTES,
    FIRST_BYTES,
    LONG_CHUNK_BYTES,
    SAMPLE_BYTES,
    Cues,
    Piece,
    Rendering,
    Word3,
    compact,
)
from backend.speaking import SAMPLE_RATE, Style, Voice

log = logging.getLogger(__name__)

FORMAT = 1
"""Raised when the layout below changes."""
KEPT_FOR = 60 * DAY
LONGEST = 60.0
"""Seconds; a longer line is not said twice."""
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class RenderedLine:
    """A whole line. `pcm` is int16 little-endian mono at `SAMPLE_RATE`, the pause behind it included."""

    voice: str
    pcm: bytes
    cues: Cues
    until: float
    words: tuple[Word3, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.pcm) / SAMPLE_BYTES / SAMPLE_RATE

    def pieces(self) -> Iterator[Piece]:
        """The line as it is sent: all that is known of mouth and words with the first piece."""
        size, at = FIRST_BYTES, 0
        while True:
            pcm = self.pcm[at : at + size]
            first, at = at == 0, at + size
            size = CHUNK_BYTES if at < SAMPLE_RATE * SAMPLE_BYTES else LONG_CHUNK_BYTES
            last = at >= len(self.pcm)
            seconds = min(at, len(self.pcm)) / SAMPLE_BYTES / SAMPLE_RATE
            cues, words = (self.cues, self.words) if first else ([], ())
            yield Piece(pcm, 0.0 if first else self.until, self.until, cues, words, seconds, last)
            if last:
                return


def pack(line: RenderedLine) -> bytes:
    """*line* as bytes: a JSON head and FLAC."""
    import numpy as np  # noqa: PLC0415
    import soundfile  # noqa: PLC0415

    head = {"voice": line.voice, "cues": line.cues, "until": line.until, "words": line.words, "bytes": len(line.pcm)}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    sound = io.BytesIO()
    soundfile.write(sound, np.frombuffer(line.pcm, "<i2"), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return _LENGTH.pack(len(text)) + text + sound.getvalue()


def unpack(data: bytes) -> RenderedLine:
    """The line in *data*. Raises ValueError when there is none."""
    import miniaudio  # noqa: PLC0415

    try:
        (length,) = _LENGTH.unpack_from(data)
        head = json.loads(data[_LENGTH.size : _LENGTH.size + length])
        sound = miniaudio.decode(
            data[_LENGTH.size + length :],
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=SAMPLE_RATE,
        )
        pcm = sound.samples.tobytes()
        if len(pcm) != head["bytes"]:
            raise ValueError("sound of another length")
        cues: Cues = [(float(start), shape) for start, shape in head["cues"]]
        words = tuple((float(start), float(end), str(text)) for start, end, text in head["words"])
        return RenderedLine(str(head["voice"]), pcm, cues, float(head["until"]), words)
    except (struct.error, KeyError, TypeError, ValueError, miniaudio.DecodeError) as error:
        raise ValueError("not a rendered line") from error


@lru_cache(maxsize=1)
def lip_sync_version() -> str:
    """A digest of the lip sync's own source: nobody can forget to raise it."""
    folder = Path(rhubarb.__file__).parent
    digest = blake2b(digest_size=6)
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def by_rhubarb(line: RenderedLine, text: str) -> Cues:
    """The cues that the original Rhubarb draws for *line*. Blocking. Raises `RuntimeError` when it fails."""
    from rhubarb.binary import Binary  # noqa: PLC0415

    return compact(Binary().cues(line.pcm, SAMPLE_RATE, text))


class Lines:
    """Where lines come from: kept ones, one that is just being rendered for somebody else, or the voices.

    *refine* draws the mouth of a kept line anew, slowly and behind everything else; it raises `RuntimeError` when it
    can't. Lines shorter than *least* seconds are made anew each time.
    """

    def __init__(
        self, cache: Cache, refine: Callable[[RenderedLine, str], Cues] | None = None, least: float = 0.0
    ) -> None:
        self._refine = refine
        self._least = least
        self._refining = asyncio.Semaphore(1)
        self._space = cache.space("lines", f"{FORMAT}-{lip_sync_version()}", KEPT_FOR, BYTES)
        self._live: dict[str, _Live] = {}
        self._keeping: set[asyncio.Task[None]] = set()

    def render(
        self, text: str, style: Style, voices: Route[Voice], pause: float, *, listen: bool = True
    ) -> "KeptRendering":
        """A rendering of *text* like `Rendering`, from wherever it comes soonest."""
        return KeptRendering(self, text, style, voices, pause, listen=listen)

    async def close(self) -> None:
        """Finish keeping what was rendered."""
        while self._keeping:
            await asyncio.gather(*self._keeping, return_exceptions=True)

    # ------------------------------------------------------------------ for renderings

    async def find(self, parts: tuple[object, ...]) -> tuple[RenderedLine, str] | None:
        """(line, tier), if it is kept."""
        hit = await self._space.get(*parts)
        if hit is None:
            return None
        try:
            return unpack(hit.value), hit.tier
        except ValueError:
            self._space.counts.damaged += 1
            await self._space.drop(*parts)
            return None

    def join(self, parts: tuple[object, ...], rendering: Callable[[], Rendering]) -> tuple["_Live", bool]:
        """(the rendering of this line that is under way, whether somebody else began it)."""
        key = self._space.key(*parts)
        if (live := self._live.get(key)) is not None:
            return live, True
        live = self._live[key] = _Live(rendering())

        def over(_: "asyncio.Task[None]") -> None:
            del self._live[key]
            if (line := live.line()) is not None:
                # Under the voice that really said it; the one that was expected may have been away.
                said = (parts[0], line.voice, *parts[2:])
                task = asyncio.create_task(self._keep(said, line), name="keep line")
                self._keeping.add(task)
                task.add_done_callback(self._keeping.discard)

        live.task.add_done_callback(over)
        return live, False

    async def _keep(self, parts: tuple[object, ...], line: RenderedLine) -> None:
        if 0 < line.seconds <= LONGEST and line.seconds >= self._least:
            # Several milliseconds for a long line, and 50 for the library the first time.
            await self._space.put(await asyncio.to_thread(pack, line), *parts)
            if self._refine is not None:
                await self._refined(self._refine, parts, line)

    async def _refined(
        self, refine: Callable[[RenderedLine, str], Cues], parts: tuple[object, ...], line: RenderedLine
    ) -> None:
        async with self._refining:  # one at a time: it takes a core for about as long as the line
            try:
                cues = await asyncio.to_thread(refine, line, str(parts[0]))
            except RuntimeError as error:
                log.warning("a line's mouth was not refined: %s", error)
                self._refine = None
                return
        if cues:
            await self._space.put(await asyncio.to_thread(pack, replace(line, cues=cues)), *parts)


class KeptRendering:
    """One line. `voice` is the engine that spoke it; `source` where it came from: a tier, "shared", or "" if it was
    rendered for this turn."""

    def __init__(
        self, lines: Lines, text: str, style: Style, voices: Route[Voice], pause: float, *, listen: bool
    ) -> None:
        self.text = text
        self.voice = ""
        self.source = ""
        self.cpu = 0.0
        """Seconds of CPU time that its lip sync took in this turn: none if it was there already."""
        self._lines = lines
        self._style = style
        self._voices = voices
        self._pause = pause
        self._listen = listen

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """The line; the last piece has `last` set. Raises `EngineError` only when no voice could say any of it."""
        # Under the voice that this conversation hears at the moment: kept lines of another would change it mid-answer.
        said = (self.text, self._voices.serving, asdict(self._style), round(self._pause * 1000))
        # A mouth that was made without listening moves a little less well: it serves only who would not listen either.
        for listened in (True,) if self._listen else (True, False):
            if (found := await self._lines.find((*said, listened))) is not None:
                line, self.source = found
                self.voice = line.voice
                for piece in line.pieces():
                    yield piece
                return
        parts = (*said, self._listen)
        live, joined = self._lines.join(parts, self._fresh)
        self.source = "shared" if joined else ""
        async with aclosing(live.follow()) as pieces:
            async for piece in pieces:
                self.voice = live.rendering.voice
                self.cpu = 0.0 if joined else live.rendering.cpu
                yield piece

    def _fresh(self) -> Rendering:
        return Rendering(self.text, self._style, self._voices, self._pause, listen=self._listen)


class _Live:
    """A rendering that several turns may follow; it stops when nobody does any more."""

    def __init__(self, rendering: Rendering) -> None:
        self.rendering = rendering
        self.pieces: list[Piece] = []
        self._voices: set[str] = set()
        self._error: Exception | None = None
        self._over = False
        self._grew = asyncio.Event()
        self._followers = 0
        self.task = asyncio.create_task(self._run(), name="render line")

    async def follow(self) -> AsyncGenerator[Piece, None]:
        """Every piece, from the first."""
        self._followers += 1
        try:
            at = 0
            while True:
                grew = self._grew
                while at < len(self.pieces):
                    at += 1
                    yield self.pieces[at - 1]
                if self._over:
                    break
                await grew.wait()
            await asyncio.wait([self.task])
            if self._error is not None:
                raise self._error
        finally:
            self._followers -= 1
            if not self._followers and not self._over:
                self.task.cancel()
                # What stands behind a voice has to be released before the turn counts as ended.
                await asyncio.wait([self.task])

    def line(self) -> RenderedLine | None:
        """The whole line, if it became one and one voice said all of it."""
        if not self.pieces or not self.pieces[-1].last or len(self._voices) != 1:
            return None
        return whole(self._voices.copy().pop(), self.pieces)

    async def _run(self) -> None:
        try:
            async with aclosing(self.rendering.pieces()) as pieces:
                async for piece in pieces:
                    self._voices.add(self.rendering.voice)
                    self.pieces.append(piece)
                    self._wake()
        except Exception as error:
            self._error = error
        finally:
            self._over = True
            self._wake()

    def _wake(self) -> None:
        self._grew.set()
        self._grew = asyncio.Event()


def whole(voice: str, pieces: list[Piece]) -> RenderedLine:
    """The line that *pieces* make together; the last one ends it."""
    cues: Cues = []
    for piece in pieces:
        cues = [cue for cue in cues if cue[0] < piece.since - 1e-9] + piece.cues
    words = tuple(word for piece in pieces for word in piece.words)
    return RenderedLine(voice, b"".join(piece.pcm for piece in pieces), cues, pieces[-1].until, words)
