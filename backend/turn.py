"""One exchange, from the words heard to the last line spoken: the only place where the rooms meet.

Everything of a turn lives in one TaskGroup: cancelling `Turn.run` stops the model, the voices and the lip sync
behind it. Three stages overlap: `_think` streams tokens and cuts them into clauses, `_prepare` starts to render
each clause while earlier ones play, `_deliver` sends what was rendered, in order and paced.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from backend import wire
from backend.accounts import Desk, Ended
from backend.answers import Answer, Found
from backend.billing import Dropped
from backend.estimating import estimated
from backend.fallback import EngineError, Step, UnsuitableError
from backend.feeling import NEUTRAL, Emotion, Label
from backend.feeling.prosody import prosody
from backend.feeling.response import Expression, expression, listening
from backend.feeling.tags import Tag, TagFilter, settle
from backend.knowing import Passage, Took
from backend.openers import Opener, Unrepeated, silent
from backend.progress import SoFar, without
from backend.rendered import KeptRendering
from backend.rendering import PAUSES, Piece, Rendering, caption_seconds
from backend.rooms import Outlet, Request, Rooms
from backend.speaking import Style
from backend.speaking.spoken import Cleaner
from backend.speaking.wording import Places, Wording
from backend.spending.ledger import Tokens
from backend.thinking import Excerpt, Mind, Prompt, Token, Usage
from backend.thinking.clauses import Clause, Clauses, End
from backend.thinking.goingon import GoingOn
from backend.thinking.smalltalk import is_small_talk

CLAUSES_AHEAD = 64
"""More than an answer has: the model's stream ends when the model does, not when the last word was heard."""
RENDERED_AHEAD = 2
"""Lines rendered at the same time as the one being sent: enough to hide a voice's first byte, no more."""
PIECES_AHEAD = 16
"""Pieces of 0.1-0.2 s that wait per line: 2-3 s of sound, after which the voice is held back."""
COMFORT = 1.5
"""Seconds of sound that a listener has in hand before rendering more of it may wait for someone who has none."""
PASSAGES = 4
KNOWLEDGE_LIMIT = 2.0
"""Seconds that a search may take before the answer begins without it."""
NOTICEABLE = 0.15
"""A change of an expression's strength below this is not worth a message."""
_CITATION = re.compile(r"\[(\d{1,2})\]")
GRACE = 0.06
"""Seconds in which what is kept is found and heard: until then no opener is needed."""
AT_ONCE = frozenset({"cache", "canned", "offline"})
"""Who answers without a wait worth bridging."""
FREE = frozenset({"offline", "router"})
"""Minds that answer for nothing: the offline one, and the router, which heeds `Prompt.most` by itself."""
UNAFFORDABLE = "The budget is used up."
APOLOGY = "Sorry, I lost my thread there. Please ask me again."


@dataclass(slots=True)
class _Prepared:
    """A line being rendered: its words, and the queue in which its pieces arrive (None ends it)."""

    wording: Wording
    face: Expression
    pieces: asyncio.Queue[Piece | None]
    rendering: Rendering | KeptRendering
    number: int | None = None
    """As it was sent; None before."""


class Turn:
    """Runs one *request*. `cost` and `latency` hold what is known so far, also after a cancellation."""

    def __init__(
        self,
        request: Request,
        rooms: Rooms,
        outlet: Outlet,
        clock: Callable[[], float] = time.monotonic,
        desk: Desk | None = None,
    ) -> None:
        self._desk = desk or Desk()
        self._bill = self._desk.bill
        self._context: tuple[object, ...] = ()
        self._cut_up: list[tuple[str, str, str, str | None]] = []
        self._choice = ""
        self._request = request
        self._so_far = request.so_far or SoFar("")
        self._skip = self._so_far.letters
        self._number = self._so_far.lines
        self._opener = ""
        self._rooms = rooms
        self._outlet = outlet
        self._clock = clock
        self._started = clock()
        self._marks: dict[str, float] = {}
        self._clauses: asyncio.Queue[tuple[Wording, End, Label | None] | None] = asyncio.Queue(maxsize=CLAUSES_AHEAD)
        self._lines: asyncio.Queue[_Prepared | None] = asyncio.Queue(maxsize=RENDERED_AHEAD)
        self._current: _Prepared | None = None
        self._sources: list[wire.Source] = []
        self._written: list[str] = []
        self._felt = NEUTRAL
        self._felt_better: Emotion | None = None
        self._spoken: list[str] = []
        self._failed = False
        self._answered_by = ""
        self._spoken_by = ""
        self._usage: Usage | None = None
        self._characters = 0
        self._ahead = 0.0
        self.dropped = Dropped()
        """Guesses thrown away before this turn."""

    def adopt(self) -> None:
        """It was begun on a guess, which was right: its times count from now."""
        self._ahead = (self._clock() - self._started) * 1000
        self._started = self._clock()
        self._marks = dict.fromkeys(self._marks, 0.0)

    @property
    def silent(self) -> bool:
        """Whether nothing of the answer can be heard yet, nor will be in a moment."""
        return not (self._number or "first_voice" in self._marks or self._answered_by in AT_ONCE)

    @property
    def written(self) -> str:
        """The answer as far as it is written."""
        return "".join(self._written)

    def open_with(self, opener: Opener) -> None:
        """Say *opener* first. Not while the answer can be heard already."""
        if not self.silent:
            return
        number, self._number = self._number, self._number + 1
        self._opener = opener.text
        # The history knows its time but not its words: nobody said anything yet.
        self._outlet.begun(number, Wording("", ""))
        face, wording = listening(self._felt), Wording(opener.text, opener.text)
        self._announce(number, wording, face, opener.line.voice, opener.line.seconds, opener=True)
        for chunk, piece in enumerate(opener.line.pieces()):
            self._pass_piece(number, chunk, piece, [])
            self._outlet.grew(number, silent(piece))

    @property
    def outlet(self) -> Outlet:
        """Where its results go; what stands behind, where they were held for a while."""
        return getattr(self._outlet, "behind", None) or self._outlet

    @property
    def latency(self) -> wire.Latency:
        """When each stage first delivered, so far."""
        return wire.Latency(**self._marks)

    async def run(self) -> None:
        """Answer. Raises nothing but cancellation: what fails is told and got over."""
        request = self._request
        if request.so_far is None:
            self._outlet.send(
                wire.TurnStarted(
                    turn=request.turn, source=request.origin, text=request.text, utterance=request.utterance
                )
            )
        self._rooms.urgency.enter(self)
        try:
            await self._stages()
        finally:
            self._rooms.urgency.leave(self)
            self._bill.settle(self._answered_by)
        self._mark("done")
        self._outlet.send(
            wire.TurnEnded(
                turn=request.turn,
                why="failed" if self._failed else "complete",
                latency=self.latency,
                cost=self.cost,
                sources=self._cited(),
            )
        )

    def _cited(self) -> list[wire.Source]:
        """The passages that the answer names by their numbers, "[2]": those it stands on."""
        numbers = {int(number) for number in _CITATION.findall("".join(self._written))}
        return [source for source in self._sources if source.number in numbers]

    async def _stages(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._think(), name="think")
            group.create_task(self._prepare(group), name="prepare")
            group.create_task(self._deliver(), name="deliver")
            if self._rooms.feeling.refines and self._request.text and self._request.so_far is None:
                group.create_task(self._listen_better(), name="listen better")
            if self._request.opener is not None:
                group.create_task(self._bridge(self._request.opener), name="bridge")

    async def _bridge(self, opener: Opener) -> None:
        await asyncio.sleep(GRACE)
        self.open_with(opener)

    @property
    def cost(self) -> wire.Cost:
        """What the turn has taken so far."""
        usage = self._usage
        return wire.Cost(
            answered_by=self._answered_by,
            spoken_by=self._spoken_by,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
            characters_spoken=self._characters,
            estimated=usage.estimated if usage else False,
            choice=self._choice,
            nano=self._bill.bill.total + self.dropped.nano,
            saved=self._bill.bill.saved,
            ahead_ms=round(self._ahead, 1),
            dropped=self.dropped.count,
            dropped_tokens=self.dropped.tokens,
        )

    def ended(self, why: str) -> Ended:
        """The turn for the records."""
        request = self._request
        sources = [source.model_dump() for source in self._cited()]
        spoken = " ".join(self._spoken)
        return Ended(
            request.turn, request.origin, request.text, spoken, why, self._answered_by, sources, dict(self._marks)
        )

    def _mark(self, stage: str) -> None:
        self._marks.setdefault(stage, round((self._clock() - self._started) * 1000, 1))

    # ------------------------------------------------------------------ think: words -> clauses

    async def _think(self) -> None:
        if (found := await self._remember()) is not None:
            await self._repeat(found)
        else:
            await self._make_up()
        await self._clauses.put(None)

    async def _remember(self) -> Found | None:
        """The answer to the same question, if it was given before."""
        answers, request = self._desk.answers, self._request
        if answers is None or request.canned or request.so_far is not None:
            return None
        try:
            state = await self._rooms.knowledge.version()
        except EngineError:
            return None
        self._context = (*self._desk.context, state, request.style.language)
        return await answers.find(request.text, self._context, partial(self._bill.embedded, answers.model))

    async def _repeat(self, found: Found) -> None:
        """Give the answer of last time, cut as it was then, so that its lines are found as well."""
        answer = found.answer
        self._answered_by = "cache"
        self._choice = "asked before" if found.exact else "asked before in other words"
        self._listen()
        self._mark("first_token")
        self._sources = [wire.Source.model_validate(source) for source in answer.sources]
        self._bill.remembered(found.tier, answer.model, Tokens(answer.prompt_tokens, answer.completion_tokens))
        self._written.append(answer.text)
        self._outlet.send(wire.Text(turn=self._request.turn, delta=answer.text))
        self._outlet.thought(self._sources)
        for shown, spoken, end, tag in answer.clauses:
            await self._pass_clause(Wording(shown, spoken), cast(End, end), cast(Label | None, tag))

    def _keep(self) -> None:
        """Remember the answer for the next who asks."""
        usage, answers = self._usage, self._desk.answers
        if answers is None or usage is None or self._failed or self._answered_by in {"offline", "canned"}:
            return
        sources = tuple(source.model_dump() for source in self._cited())
        answers.keep(
            Answer(
                self._request.text, "".join(self._written), tuple(self._cut_up), sources,
                usage.model, usage.prompt_tokens, usage.completion_tokens,
            ),
            self._context,
        )  # fmt: skip

    async def _make_up(self) -> None:
        cleaner, cutter, tags = Cleaner(), Clauses(self._request.style.language), TagFilter()
        unrepeated = Unrepeated(lambda: self._opener)
        tag: Label | None = None

        async def pass_on(parts: list[str | Tag]) -> None:
            nonlocal tag
            for part in parts:
                if isinstance(part, Tag):
                    # What stands before the tag is spoken with the one before it.
                    await self._cut(cutter.flush(), cleaner, tag)
                    tag = part.label
                else:
                    self._written.append(part)
                    self._outlet.send(wire.Text(turn=self._request.turn, delta=part))
                    await self._cut(cutter.feed(part, self._outlet.ahead(), eager=True), cleaner, tag)

        so_far = self._so_far
        if so_far.written:
            self._written.append(so_far.written)
            self._sources = list(so_far.sources)
            await self._cut(cutter.feed(so_far.written, self._outlet.ahead(), eager=True), cleaner, tag)
        if not (so_far.thought or (so_far.written and self._request.canned)):
            async with aclosing(self._words()) as words:
                async for text in words:
                    await pass_on(tags.feed(unrepeated.feed(text)))
            await pass_on(tags.feed(unrepeated.flush()))
            await pass_on(tags.finish())
        self._outlet.thought(self._sources)
        await self._cut(cutter.flush(), cleaner, tag)
        self._keep()

    async def _cut(self, clauses: list[Clause], cleaner: Cleaner, tag: Label | None) -> None:
        for clause in clauses:
            words = cleaner.feed(clause.text, ends=clause.end != "clause")
            if words and self._skip:
                rest, self._skip = without(words.spoken, self._skip)
                words = words.beyond(len(words.spoken) - len(rest))
            if words:
                self._cut_up.append((words.shown, words.spoken, clause.end, tag))
                await self._pass_clause(words, clause.end, tag)

    async def _pass_clause(self, words: Wording, end: End, tag: Label | None) -> None:
        if "first_clause" not in self._marks:
            self._mark("first_clause")
            self._rooms.urgency.begin(self)
        await self._clauses.put((words, end, tag))

    async def _words(self) -> AsyncGenerator[str, None]:
        """The answer as it streams; never empty, and never an exception."""
        if self._request.canned:
            self._answered_by = "canned"
            yield self._request.canned
            return
        said = self._so_far.written
        prompt = replace(await self._understand(), said=said)
        any_words = bool(said.strip())
        goes_on = GoingOn(said)
        try:
            async with aclosing(self._rooms.minds.stream(partial(self._ask, prompt))) as items:
                async for item in items:
                    if isinstance(item, Token):
                        self._mark("first_token")
                        any_words = any_words or bool(item.text.strip())
                        self._bill.piece(item.text)
                        yield goes_on.feed(item.text)
                    else:
                        self._usage, self._choice = item, item.choice
                        self._bill.used(item)
            yield goes_on.flush()
        except EngineError:
            self._failed = True
        if self._failed or not any_words:
            self._failed = True
            yield f"\n\n{APOLOGY}" if any_words else APOLOGY

    def _ask(self, prompt: Prompt, mind: Mind) -> AsyncIterator[Token | Usage]:
        if prompt.most == "canned" and mind.name not in FREE:
            return _unaffordable()
        self._answered_by = mind.name
        return mind.answer(prompt)

    def _listen(self) -> None:
        """Read the person's feeling, and let the face answer it."""
        self._felt = self._felt_better or self._feel(self._request.text)
        answer = listening(self._felt)
        if self._request.so_far is None:
            self._outlet.send(wire.Thinking(turn=self._request.turn, feeling=answer.label, strength=answer.strength))

    async def _understand(self) -> Prompt:
        """Look things up and read the person's feeling, side by side, and make the prompt."""
        request = self._request
        self._listen()
        passages: list[Passage] = []
        took = Took()
        if not is_small_talk(request.text):
            try:
                async with asyncio.timeout(KNOWLEDGE_LIMIT):
                    passages = await self._rooms.knowledge.search(request.text, PASSAGES, took=took)
            except (EngineError, TimeoutError) as error:
                reason = error.reason if isinstance(error, EngineError) else "The search took too long."
                self._rooms.announce(Step("knowledge", None, reason))
            finally:
                self._bill.searched(took)
            self._mark("knowledge")
        self._sources = [
            wire.Source(number=n, title=p.title, heading=p.heading, source=p.source, text=p.text)
            for n, p in enumerate(passages, 1)
        ]
        return Prompt(
            question=request.text,
            history=request.history,
            summary=request.summary,
            excerpts=tuple(Excerpt(p.title, p.text, p.source, p.score, p.heading) for p in passages),
            language=request.style.language,
            max_tokens=request.max_tokens,
            most=request.most,
            taken=self._bill.taken,
            announce=self._rooms.announce,
        )

    # ------------------------------------------------------------------ prepare: clauses -> lines being rendered

    async def _prepare(self, group: asyncio.TaskGroup) -> None:
        style = self._request.style
        while (item := await self._clauses.get()) is not None:
            words, end, tag = item
            emotion = settle(tag, self._feel(words.spoken))
            rate, pitch = prosody(emotion, style.rate, style.pitch)
            coloured = replace(style, rate=rate, pitch=pitch)
            rendering = self._rendering(words.spoken, coloured, PAUSES[end])
            face = expression(self._felt, emotion)
            line = _Prepared(words, face, asyncio.Queue(maxsize=PIECES_AHEAD), rendering)
            group.create_task(self._render(line), name="render")
            if self._rooms.feeling.refines:
                group.create_task(self._ease(line, tag), name="ease")
            await self._lines.put(line)
        await self._lines.put(None)

    async def _ease(self, line: _Prepared, tag: Label | None) -> None:
        """Read *line* better, beside its sound; a face that was shown already moves over to it."""
        face = expression(self._felt, settle(tag, await self._rooms.feeling.refine(line.wording.spoken)))
        before, line.face = line.face, face
        if line.number is not None and _tells_apart(before, face):
            self._outlet.send(_feeling(self._request.turn, line.number, face))

    async def _listen_better(self) -> None:
        """Read what the person said better, while the answer is thought out."""
        better = await self._rooms.feeling.refine(self._request.text)
        before, self._felt, self._felt_better = listening(self._felt), better, better
        face = listening(better)
        if not self._number and _tells_apart(before, face):
            self._outlet.send(_feeling(self._request.turn, None, face))

    def _rendering(self, text: str, style: Style, pause: float) -> Rendering | KeptRendering:
        voices = self._rooms.voices
        # In a crowd the mouth follows the voice's own word times; hearing them out costs as much as all the rest of
        # a turn together, and gains two points in a hundred.
        listen = not self._rooms.urgency.crowded
        if self._desk.lines is None:
            return Rendering(text, style, voices, pause, listen=listen)
        return self._desk.lines.render(text, style, voices, pause, listen=listen)

    async def _render(self, line: _Prepared) -> None:
        try:
            async with aclosing(line.rendering.pieces()) as pieces:
                async for piece in pieces:
                    self._mark("first_voice")
                    await line.pieces.put(piece)
                    # Only the line that is being heard, and only while little of it is in hand, is worth it.
                    while self._rooms.urgency.anyone and (line is not self._current or self._outlet.ahead() > COMFORT):
                        await self._rooms.urgency.step()
        except EngineError:
            pass  # the chain has announced it; the line goes out as a caption
        finally:
            self._bill.line(line.rendering, line.wording.spoken)
        await line.pieces.put(None)

    # ------------------------------------------------------------------ deliver: lines -> client, in order, paced

    async def _deliver(self) -> None:
        while (line := await self._lines.get()) is not None:
            self._current = line
            await self._outlet.room()
            await self._send(line)

    async def _send(self, line: _Prepared) -> None:
        piece = await line.pieces.get()
        number, self._number = self._number, self._number + 1
        line.number = number
        places = Places(line.wording)
        self._outlet.begun(number, line.wording)
        self._spoken.append(line.wording.shown)
        self._announce(number, line.wording, line.face, line.rendering.voice, caption_seconds(line.wording.spoken))
        if piece is None:
            await self._leave_it_to_the_browser(number, line.wording, places)
            return
        self._spoken_by = line.rendering.voice
        self._characters += len(line.wording.spoken)
        chunk = 0
        while piece is not None:
            await self._outlet.room()
            self._mark("first_sound")
            self._rooms.urgency.end(self)
            words = [(*word, places.of(word[2])) for word in piece.words]
            self._pass_piece(number, chunk, piece, words)
            self._outlet.grew(number, piece, words)
            chunk += 1
            piece = await line.pieces.get()

    async def _leave_it_to_the_browser(self, number: int, line: Wording, places: Places) -> None:
        """No voice of ours says *line*; the browser's own may, and then wants to know how the mouth moves."""
        seconds = caption_seconds(line.spoken)
        cues, estimates = await asyncio.to_thread(estimated, line.spoken, self._request.style.language)
        words = [(*word, places.of(word[2])) for word in estimates]
        self._outlet.send(
            wire.Timing(turn=self._request.turn, line=number, since=0.0, until=seconds, cues=cues, words=words)
        )
        self._outlet.grew(number, Piece(b"", 0.0, seconds, [], estimates, seconds, last=True), words)

    def _announce(
        self, number: int, wording: Wording, face: Expression, voice: str, seconds: float, *, opener: bool = False
    ) -> None:
        self._outlet.send(
            wire.Line(
                turn=self._request.turn,
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

    def _pass_piece(self, number: int, chunk: int, piece: Piece, words: list[wire.PlacedWord]) -> None:
        turn = self._request.turn
        self._outlet.send(
            wire.Timing(
                turn=turn,
                line=number,
                since=round(piece.since, 6),
                until=round(piece.until, 6),
                cues=piece.cues,
                words=words,
            )
        )
        flags = wire.Flags.LAST if piece.last else wire.Flags.NONE
        self._outlet.send(wire.Audio(turn, number, chunk, piece.pcm, flags))

    def _feel(self, text: str) -> Emotion:
        with self._bill.cpu("emotion"):
            return self._rooms.feeling.read(text)


async def _unaffordable() -> AsyncGenerator[Token | Usage, None]:
    """Stands in for a mind that the budgets don't allow; it is well, so nobody is kept from it."""
    raise UnsuitableError(UNAFFORDABLE)
    yield Token("")


def _tells_apart(one: Expression, other: Expression) -> bool:
    return one.label != other.label or abs(one.strength - other.strength) >= NOTICEABLE


def _feeling(turn: int, line: int | None, face: Expression) -> wire.Feeling:
    return wire.Feeling(turn=turn, line=line, emotion=face.label, strength=round(face.strength, 3))
