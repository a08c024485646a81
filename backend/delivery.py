"""From clauses to the client: each is rendered while earlier ones play, and sent in order and paced."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from backend import wire
from backend.accounts import Desk
from backend.empathy import Empathy
from backend.estimating import estimated
from backend.fallback import EngineError
from backend.feeling import Label
from backend.feeling.prosody import prosody
from backend.feeling.response import Expression
from backend.marks import Marks
from backend.openers import Opener, silent
from backend.rendered import KeptRendering
from backend.rendering import PAUSES, Piece, Rendering, caption_seconds
from backend.rooms import Outlet, Request, Rooms
from backend.speaking import Style
from backend.speaking.wording import Places, Wording
from backend.thinking.clauses import End

CLAUSES_AHEAD = 64
"""More than an answer has: the model's stream ends when the model does, not when the last word was heard."""
RENDERED_AHEAD = 2
"""Lines rendered at the same time as the one being sent: enough to hide a voice's first byte, no more."""
PIECES_AHEAD = 16
"""Pieces of 0.1-0.2 s that wait per line: 2-3 s of sound, after which the voice is held back."""
COMFORT = 1.5
"""Seconds of sound that a listener has in hand before rendering more of it may wait for someone who has none."""


@dataclass(slots=True)
class _Prepared:
    """A line being rendered: its words, and the queue in which its pieces arrive (None ends it)."""

    wording: Wording
    face: Expression
    pieces: asyncio.Queue[Piece | None]
    rendering: Rendering | KeptRendering
    number: int | None = None
    """As it was sent; None before."""


class Delivery:
    """The lines of one turn: `say` them, then `end`. *key* is what the urgency knows the turn by."""

    def __init__(
        self, request: Request, rooms: Rooms, outlet: Outlet, desk: Desk, *, marks: Marks, empathy: Empathy, key: object
    ) -> None:
        self._turn, self._style = request.turn, request.style
        self._rooms, self._outlet, self._desk = rooms, outlet, desk
        self._marks, self._empathy, self._key = marks, empathy, key
        self._clauses: asyncio.Queue[tuple[Wording, End, Label | None] | None] = asyncio.Queue(maxsize=CLAUSES_AHEAD)
        self._lines: asyncio.Queue[_Prepared | None] = asyncio.Queue(maxsize=RENDERED_AHEAD)
        self._current: _Prepared | None = None
        self.number = request.so_far.lines if request.so_far else 0
        """Of the next line: as many were sent."""
        self.opener = ""
        """What was said before the answer."""
        self.spoken: list[str] = []
        """The lines as they were shown."""
        self.spoken_by = ""
        self.characters = 0

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin to wait for clauses, in tasks of *group*."""
        group.create_task(self._prepare(group), name="prepare")
        group.create_task(self._deliver(), name="deliver")

    async def say(self, words: Wording, end: End, tag: Label | None) -> None:
        """Say *words* after those before."""
        if "first_clause" not in self._marks:
            self._marks.first("first_clause")
            self._rooms.urgency.begin(self._key)
        await self._clauses.put((words, end, tag))

    async def end(self) -> None:
        """Nothing more is to be said."""
        await self._clauses.put(None)

    def open_with(self, opener: Opener) -> None:
        """Say *opener* at once, before anything else."""
        number, self.number = self.number, self.number + 1
        self.opener = opener.text
        # The history knows its time but not its words: nobody said anything yet.
        self._outlet.begun(number, Wording("", ""))
        wording = Wording(opener.text, opener.text)
        self._announce(number, wording, self._empathy.face, opener.line.voice, opener.line.seconds, opener=True)
        for chunk, piece in enumerate(opener.line.pieces()):
            self._pass(number, chunk, piece, [])
            self._outlet.grew(number, silent(piece))

    # ------------------------------------------------------------------ prepare: clauses -> lines being rendered

    async def _prepare(self, group: asyncio.TaskGroup) -> None:
        style = self._style
        while (item := await self._clauses.get()) is not None:
            words, end, tag = item
            emotion, face = self._empathy.read(words.spoken, tag)
            rate, pitch = prosody(emotion, style.rate, style.pitch)
            rendering = self._rendering(words.spoken, replace(style, rate=rate, pitch=pitch), PAUSES[end])
            line = _Prepared(words, face, asyncio.Queue(maxsize=PIECES_AHEAD), rendering)
            group.create_task(self._render(line), name="render")
            if self._empathy.refines:
                group.create_task(self._ease(line, tag), name="ease")
            await self._lines.put(line)
        await self._lines.put(None)

    def _rendering(self, text: str, style: Style, pause: float) -> Rendering | KeptRendering:
        voices = self._rooms.voices
        # In a crowd the mouth follows the voice's own word times; hearing them out costs as much as all the rest of
        # a turn together, and gains two points in a hundred.
        listen = not self._rooms.urgency.crowded
        if self._desk.lines is None:
            return Rendering(text, style, voices, pause, listen=listen)
        return self._desk.lines.render(text, style, voices, pause, listen=listen)

    async def _render(self, line: _Prepared) -> None:
        urgency = self._rooms.urgency
        try:
            async with aclosing(line.rendering.pieces()) as pieces:
                async for piece in pieces:
                    self._marks.first("first_voice")
                    await line.pieces.put(piece)
                    # Only the line that is being heard, and only while little of it is in hand, is in a hurry.
                    await urgency.give_way(partial(self._in_hand, line))
        except EngineError:
            pass  # the chain has announced it; the line goes out as a caption
        finally:
            self._desk.bill.line(line.rendering, line.wording.spoken)
        await line.pieces.put(None)

    def _in_hand(self, line: _Prepared) -> bool:
        return line is not self._current or self._outlet.ahead() > COMFORT

    async def _ease(self, line: _Prepared, tag: Label | None) -> None:
        """Read *line* better, beside its sound; a face that was shown already moves over to it."""
        face = await self._empathy.read_better(line.wording.spoken, tag)
        before, line.face = line.face, face
        if line.number is not None:
            self._empathy.ease(line.number, before, face)

    # ------------------------------------------------------------------ deliver: lines -> client, in order, paced

    async def _deliver(self) -> None:
        while (line := await self._lines.get()) is not None:
            self._current = line
            await self._outlet.room()
            await self._send(line)

    async def _send(self, line: _Prepared) -> None:
        piece = await line.pieces.get()
        number, self.number = self.number, self.number + 1
        line.number = number
        places = Places(line.wording)
        self._outlet.begun(number, line.wording)
        self.spoken.append(line.wording.shown)
        self._announce(number, line.wording, line.face, line.rendering.voice, caption_seconds(line.wording.spoken))
        if piece is None:
            await self._leave_it_to_the_browser(number, line.wording, places)
            return
        self.spoken_by = line.rendering.voice
        self.characters += len(line.wording.spoken)
        chunk = 0
        while piece is not None:
            await self._outlet.room()
            self._marks.first("first_sound")
            self._rooms.urgency.end(self._key)
            words = [(*word, places.of(word[2])) for word in piece.words]
            self._pass(number, chunk, piece, words)
            self._outlet.grew(number, piece, words)
            chunk += 1
            piece = await line.pieces.get()

    async def _leave_it_to_the_browser(self, number: int, line: Wording, places: Places) -> None:
        """No voice of ours says *line*; the browser's own may, and then wants to know how the mouth moves."""
        seconds = caption_seconds(line.spoken)
        cues, estimates = await asyncio.to_thread(estimated, line.spoken, self._style.language)
        words = [(*word, places.of(word[2])) for word in estimates]
        self._outlet.send(wire.Timing(turn=self._turn, line=number, since=0.0, until=seconds, cues=cues, words=words))
        self._outlet.grew(number, Piece(b"", 0.0, seconds, [], estimates, seconds, last=True), words)

    def _announce(
        self, number: int, wording: Wording, face: Expression, voice: str, seconds: float, *, opener: bool = False
    ) -> None:
        self._outlet.send(
            wire.Line(
                turn=self._turn,
                line=number,
                text=wording.shown,
                emotion=face.label,
                strength=face.strength,
                voice=voice,
                seconds=round(seconds, 2),
                spoken="" if voice else wording.spoken,
                opener=opener,
            )
        )

    def _pass(self, number: int, chunk: int, piece: Piece, words: list[wire.PlacedWord]) -> None:
        self._outlet.send(
            wire.Timing(
                turn=self._turn,
                line=number,
                since=round(piece.since, 6),
                until=round(piece.until, 6),
                cues=piece.cues,
                words=words,
            )
        )
        flags = wire.Flags.LAST if piece.last else wire.Flags.NONE
        self._outlet.send(wire.Audio(self._turn, number, chunk, piece.pcm, flags))
