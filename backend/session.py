"""One browser's conversation: the thin asyncio shell around `conversation.py`.

A session outlives its connection by `resume_seconds`; its turn goes on meanwhile, until the outbox's pacing holds
it. One connection at a time reads from the browser and writes to it.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.websockets import WebSocket

from backend import conversation as talk
from backend import notices, wire
from backend.accounts import Account
from backend.allowance import Allowance
from backend.attention import Hearing, Quiet
from backend.charging import Charges
from backend.connection import Connection
from backend.fallback import Step
from backend.frames import FRAME_LIMIT, Intake
from backend.guessing import Guess, Guesses
from backend.logs import about, short
from backend.lookahead import Lookahead
from backend.openers import Opener, Opening
from backend.outbox import Outbox, OutboxFull
from backend.progress import Progress, SoFar, letters
from backend.recalling import Recall
from backend.rendering import Piece
from backend.rooms import Engines, Outlet, Request
from backend.settings import Settings
from backend.shelf import Shelf, Shelved
from backend.speaking import SAMPLE_RATE, Style
from backend.speaking.wording import Wording
from backend.spending.budget import Grant
from backend.spending.ledger import Bill
from backend.turn import AT_ONCE, UNAFFORDABLE, Turn
from backend.watching import Pace

log = logging.getLogger(__name__)

TURN_LIMIT = 600.0
"""Seconds after which a turn is ended whatever it waits for (a client that never plays, say)."""
OFFLINE = "offline"
"""The mind's name that answers at once."""
OUT_OF_BUDGET = "I have used up what I may spend for now. Please come back later."


class Session:
    """A conversation and whoever is connected to it. `token` lets its browser come back."""

    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        group: asyncio.TaskGroup,
        account: Account,
        *,
        allowance: Allowance,
        shelf: Shelf | None = None,
        opening: Opening | None = None,
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.allowance = allowance
        self._account = account
        self.dropped_at: float | None = None
        self._settings = settings
        self._engines = engines
        self._rooms = engines.rooms(self._announce)
        self._group = group
        self._talk = talk.Conversation(settings.history_turns)
        self._outbox = Outbox()
        self._moved = asyncio.Event()
        self._turn: asyncio.Task[None] | None = None
        self._told: set[str] = set()
        self._bill: Bill | None = None
        self._style = Style(settings.language)
        self._connection: Connection | None = None
        self._intake = Intake()
        self._quiet = Quiet(self._paused, self._soon)
        self._opening = opening
        self._opener: Opener | None = None
        self._guesses = Guesses(self._guess, self._talk.foreseen)
        self._charges = Charges(account, group)
        self._jobs: set[asyncio.Task[None]] = set()
        self._hearing = Hearing(engines.ears, self._outbox.put, group, allowance, may_fetch=settings.whisper_fetch)
        self._recall = Recall(engines.minds, account, group, settings.history_turns)
        self._lookahead = Lookahead(engines.base.knowledge, group)
        self._progress = Progress()
        self._shelf = shelf
        self._shelved = 0  # frames up to this number lie on the shelf
        self._anew = True  # what lies there is to be replaced
        self._broken = False  # a turn waits to be gone on with

    # ------------------------------------------------------------------ the connection

    async def serve(self, socket: WebSocket, hello: wire.Hello, resumed: bool) -> None:
        """Talk over *socket* until it closes. An older connection of the same session has to give way."""
        if self._connection is not None:
            self._connection.give_way()
        connection = self._connection = Connection(socket, self._group)
        self.dropped_at = None
        self._style = Style(hello.language, hello.voice)
        self._quiet.language = self._guesses.language = self._hearing.language = hello.language
        self._talk.forget_revisions()
        self._outbox.rewind(hello.resume.seq if resumed and hello.resume else self._outbox.seq)
        try:
            await connection.begin(self._ready(resumed))
            if not resumed and hello.greet and self._settings.greeting:
                self._do(self._talk.greet())
            if self._broken:
                self._go_on()
            await connection.serve(self._outbox, self._put_by_or_end, self._take)
        finally:
            if self._connection is connection:
                self._connection = None
                self.dropped_at = time.monotonic()

    async def leave(self, limit: float) -> None:
        """The server will stop: finish the answer within *limit* seconds, then ask the browser to come back."""
        if self._connection is None:
            return
        # With a shelf another server finishes the answer, and the browser hears no gap.
        with suppress(TimeoutError):
            async with asyncio.timeout(limit if self._shelf is None else 0):
                if self._turn is not None:
                    await asyncio.wait([self._turn])
                await self._outbox.taken()
        if self._connection is not None:
            await self._connection.restart()

    @property
    def owner(self) -> str:
        """Whose conversation it is."""
        return self._account.owner

    def end(self) -> None:
        """Stop everything; nobody will come back."""
        self._quiet.stop()
        self._guesses.drop()
        self._hearing.end()
        self._recall.end()
        self._lookahead.end()
        self._talk.close()
        self._note_heard()
        for task in (self._turn, self._connection):
            if task is not None:
                task.cancel()

    @property
    def jobs(self) -> set[asyncio.Task[None]]:
        """Turns and guesses that have not come to their end yet."""
        return self._jobs

    def _ready(self, resumed: bool) -> wire.Ready:
        settings = self._settings
        return wire.Ready(
            seq=0 if not resumed else self._outbox.seq,
            name=settings.name,
            resume=self.token,
            resumed=resumed,
            engines=wire.Engines(
                mind=self._rooms.minds.serving or "",
                voice=self._rooms.voices.serving or "",
                knowledge=self._rooms.knowledge.name,
                feeling=self._rooms.feeling.name,
                ears=self._hearing.name,
            ),
            limits=wire.Limits(
                text_chars=wire.TEXT_LIMIT,
                frame_bytes=FRAME_LIMIT,
                ahead_seconds=settings.ahead_seconds,
                resume_seconds=settings.resume_seconds,
            ),
        )

    def _take(self, text: str | None, data: bytes | None) -> None:
        message = self._intake.take(text, data)
        match message:
            case wire.Error():
                self._outbox.put(message)
            case wire.Ping():
                self._outbox.acknowledge(message.seq)
                self._outbox.put(wire.Pong(t=message.t))
            case wire.Playback():
                self._outbox.acknowledge(message.seq)
                self._do(self._talk.on(message))
                self._moved.set()
            case wire.Listen():
                self._hearing.listen()
            case wire.Audio():
                self._hearing.sound(message)
            case wire.Typed() | wire.Heard(final=True):
                self._utterance(message)
            case wire.Heard() | wire.Interrupt():
                self._do(self._talk.on(message))

    def _utterance(self, event: wire.Typed | wire.Heard | talk.Paused) -> None:
        """Something that begins a turn, as far as the person may."""
        self._quiet.stop()
        if self.allowance.turn():
            self._do(self._talk.on(event))
        else:
            text = "That was a lot at once. Please wait a moment, then ask again."
            self._outbox.put(wire.Error(code="too_many", text=text, retryable=True))

    def _paused(self, paused: talk.Paused) -> None:
        self._utterance(paused)

    def _soon(self, paused: talk.Paused) -> bool:
        """They may be done: take the turn with an opener, if there is one and the answer is on its way."""
        guess = self._guesses.silent
        if guess is None or (opener := self._open(paused.text, paused.utterance, guess.written)) is None:
            return False
        self._opener = opener
        self._utterance(paused)
        self._opener = None
        return True

    def _open(self, text: str, utterance: int, written: str = "") -> Opener | None:
        """What to say first while the answer to *text* is on its way; the offline mind answers sooner than that."""
        if self._opening is None or self._rooms.minds.serving == OFFLINE:
            return None
        return self._opening.choose(text, self._style, self._rooms.voices, utterance, written)

    # ------------------------------------------------------------------ effects

    def _do(self, effects: list[talk.Effect]) -> None:
        self._note_heard()
        for effect in effects:
            match effect:
                case talk.Begin():
                    self._begin(effect)
                case talk.Stop():
                    self._stop(effect.turn)
                case talk.Tell():
                    self._outbox.put(effect.message)
                case talk.Hint():
                    if self._opening is not None and self._rooms.minds.serving != OFFLINE:
                        self._opening.prepare(self._style, self._rooms.voices)
                    self._quiet.hint(effect)
                    self._guesses.hint(effect)
                    self._lookahead.hint(effect)

    def _begin(self, begin: talk.Begin) -> None:
        self._progress = Progress(begin.turn)
        if (problem := self._engines.feeling.problem) is not None:
            self._say_once(notices.of(Step("emotion", None, problem.reason, problem.remedy)))
        guess = self._guesses.take(begin)
        opener = self._opener
        if guess is None or guess.turn is None or guess.bill is None:
            if opener is None and begin.origin == "heard":
                opener = self._open(begin.text, begin.utterance)
            request = replace(self._request(begin), opener=opener)
            self._turn = self._work(self._run(request, _Outlet(begin.turn, self)), f"turn {begin.turn}")
            return
        self._turn, self._bill = guess.task, guess.bill
        guess.turn.dropped = self._guesses.dropped()
        if opener is None and guess.turn.silent:
            opener = self._open(begin.text, begin.utterance, guess.turn.written)
        guess.turn.adopt()
        guess.held.open(_Outlet(begin.turn, self))
        if opener is not None:
            guess.turn.open_with(opener)

    def _guess(self, guess: Guess) -> asyncio.Task[None]:
        return self._work(self._run(self._request(guess.begin), guess.held, guess), "guess")

    def _work(self, job: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = self._group.create_task(job, name=name)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        return task

    def _request(self, begin: talk.Begin) -> Request:
        greeting = self._settings.greeting.replace("{name}", self._settings.name)
        return Request(
            turn=begin.turn,
            origin=begin.origin,
            text=begin.text,
            history=tuple(self._recall.rest(begin.history)),
            summary=self._recall.text,
            style=self._style,
            max_tokens=self._settings.max_tokens,
            canned=greeting if begin.origin == "greeting" else "",
            utterance=begin.utterance,
        )

    def _stop(self, turn: int) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        self._outbox.drop(turn)
        self._anew = True

    def _note_heard(self) -> None:
        """Tell the records what was really heard of the turn that was closed last."""
        if self._talk.closed is not None:
            self._account.heard(*self._talk.closed)

    async def _run(self, request: Request, outlet: Outlet, guess: Guess | None = None) -> None:
        desk = self._account.desk()
        grant: Grant | None = None
        bill = desk.bill.bill
        if guess is None:
            self._bill = bill
        bill.heard(self._hearing.name, self._hearing.heard_since())
        self._lookahead.settle(desk.bill)
        if not request.canned:
            request, grant = await self._admitted(request)
        turn = Turn(request, self._rooms, outlet, desk=desk)
        if guess is None:
            turn.dropped = self._guesses.dropped()
        else:
            guess.turn, guess.bill = turn, bill
        why, began = "cancelled", time.time()
        try:
            with about(session=short(self.token), turn=request.turn):
                async with asyncio.timeout(TURN_LIMIT):
                    await turn.run()
                    if guess is not None:
                        await guess.held.opened.wait()
            why = "complete"
        except Exception as error:
            why = "failed"
            if guess is None or guess.held.opened.is_set():
                self._failed(request.turn, error)
        finally:
            language = self._style.language
            if guess is not None and not guess.held.opened.is_set():
                self._charges.dropped(guess, bill, grant, language)
            else:
                pace = turn.outlet.pace if isinstance(turn.outlet, _Outlet) else Pace()
                self._opened(turn)
                self._charges.record(
                    turn, turn.ended(why), bill, grant, began=began, pace=pace, who=short(self.token), language=language
                )
        if guess is not None and not guess.held.opened.is_set():
            return
        self._do(self._talk.on(talk.TurnOver(request.turn)))
        self._recall.after(self._talk.foreseen()[1])

    async def _admitted(self, request: Request) -> tuple[Request, Grant | None]:
        """*request* within what the budgets allow. Budgets that cannot be asked leave what costs nothing."""
        # None where it failed: the log has the reason, and the person an answer.
        grant: Grant | None = await self._charges.admit()
        return (replace(request, most="canned"), None) if grant is None else (self._within(grant, request), grant)

    def _opened(self, turn: Turn) -> None:
        """Learn from *turn* how long answers take."""
        first_sound = turn.latency.first_sound
        if self._opening is not None and first_sound is not None and turn.cost.answered_by not in AT_ONCE:
            self._opening.took(first_sound / 1000)

    def _within(self, grant: Grant, request: Request) -> Request:
        """*request* within what the budgets allow; the person is told when that is less."""
        if grant.why:
            self._say_once(wire.Notice(code=f"budget_{grant.scope}_{grant.level}", text=grant.why))
        if grant.level == "stop":
            return replace(request, canned=OUT_OF_BUDGET)
        most = "canned" if grant.level == "offline" else grant.level
        return replace(request, most=most)

    def _failed(self, turn: int, error: Exception) -> None:
        """A turn broke in a way that nothing foresaw: the session goes on, and the person is told."""
        full = isinstance(error, OutboxFull) or (
            isinstance(error, BaseExceptionGroup) and error.subgroup(OutboxFull) is not None
        )
        if full:
            self.end()
            return
        log.error("turn failed", exc_info=error)
        self._outbox.drop(turn)
        self._outbox.put(
            wire.Error(
                code="turn_failed", text="Something went wrong with this answer. Please ask again.", retryable=True
            )
        )
        self._outbox.put(wire.TurnEnded(turn=turn, why="failed", latency=wire.Latency(), cost=wire.Cost(), sources=[]))

    # ------------------------------------------------------------------ from server to server

    def restore(self, token: str, shelved: Shelved) -> None:
        """Become the conversation that another server had; `serve` goes on with its turn."""
        state = shelved.state
        self.token = token
        self._talk = talk.Conversation.of(state["talk"], self._settings.history_turns)
        self._guesses = Guesses(self._guess, self._talk.foreseen)
        self._progress = Progress.of(state["progress"])
        self._told = set(state["told"])
        self._account.go_on(state["account"])
        self._recall.restore(state.get("recall", {}))
        self._outbox.refill(state["seq"], shelved.frames)
        self._shelved, self._anew, self._broken = state["seq"], False, True

    async def _put_by_or_end(self, seq: int) -> bool:
        if not (mine := await self._put_by(seq)):
            self.end()
        return mine

    async def _put_by(self, seq: int) -> bool:
        """See that the frame numbered *seq* is on the shelf; False if the conversation is another server's now."""
        if self._shelf is None or seq <= self._shelved:
            return True
        frames, anew, newest = self._outbox.after(0 if self._anew else self._shelved), self._anew, self._outbox.seq
        state = {
            "owner": self.owner,
            "seq": newest,
            "talk": self._talk.state(),
            "progress": self._progress.state(),
            "told": sorted(self._told),
            "recall": self._recall.state(),
            "account": self._account.state(),
        }
        self._anew = False
        put = await self._shelf.put(self.token, state, frames, anew=anew, acknowledged=self._outbox.acknowledged)
        if put is None:
            self._anew = True
        else:
            self._shelved = newest
        return put is not False

    def _go_on(self) -> None:
        """Go on with the answer that was broken off: end the open line, then say the rest."""
        self._broken = False
        broken, progress = self._talk.broken_off(), self._progress
        if broken is None:
            return
        if progress.open:
            self.put(broken.turn, wire.Audio(broken.turn, progress.line, progress.chunk, b"", wire.Flags.LAST))
        written = "".join(progress.written)
        so_far = SoFar(
            written,
            sum(map(letters, broken.spoken)),
            progress.line + 1,
            progress.thought,
            tuple(progress.sources),
        )
        begin = talk.Begin(broken.turn, broken.origin, broken.asked, broken.history)
        job = self._run(replace(self._request(begin), so_far=so_far), _Outlet(begin.turn, self))
        self._turn = self._work(job, f"turn {begin.turn}")

    # ------------------------------------------------------------------ what a turn sends

    def put(self, turn: int, message: wire.Sent | wire.Audio) -> None:
        """Queue *message* of *turn*; a stale generation is dropped here."""
        if turn == self._talk.live:
            self._progress.sent(message)
            self._outbox.put(message, turn)

    def sent(self, event: talk.LineBegun | talk.LineGrew) -> None:
        """Keep track of what the client was sent."""
        self._talk.on(event)

    def thought(self, turn: int, sources: list[wire.Source]) -> None:
        """The words of *turn* are complete."""
        if turn == self._progress.turn:
            self._progress.thought, self._progress.sources = True, list(sources)

    def ahead(self) -> float:
        """Seconds of sound sent and not played yet."""
        return self._talk.ahead_seconds

    async def room(self) -> None:
        """Wait until less than `ahead_seconds` of sound is waiting at the client."""
        while self._talk.ahead_seconds >= self._settings.ahead_seconds:
            self._moved.clear()
            await self._moved.wait()

    def _announce(self, step: Step) -> None:
        """Tell the person, once, that an engine gave way to another."""
        if self._bill is not None:
            self._bill.fallback(step.from_ or "", step.to or "")
        if step.reason != UNAFFORDABLE:
            self._say_once(notices.of(step))

    def _say_once(self, notice: wire.Notice) -> None:
        # Two models of one server that fail alike are one piece of news.
        if self._told.isdisjoint((notice.code, notice.text)):
            self._told |= {notice.code, notice.text}
            self._outbox.put(notice)


@dataclass(frozen=True, slots=True)
class _Outlet:
    """A session as one turn sees it."""

    turn: int
    session: Session
    pace: Pace = field(default_factory=Pace)

    def send(self, message: wire.Sent | wire.Audio) -> None:
        self.session.put(self.turn, message)

    def begun(self, line: int, wording: Wording) -> None:
        self.session.sent(talk.LineBegun(self.turn, line, wording.shown, wording.spoken))

    def grew(self, line: int, piece: Piece, words: Sequence[wire.PlacedWord] = ()) -> None:
        if piece.pcm:
            self.pace.sent(len(piece.pcm) / 2 / SAMPLE_RATE, time.monotonic())
        self.session.sent(talk.LineGrew(self.turn, line, tuple(words), piece.seconds, piece.last))

    def thought(self, sources: list[wire.Source]) -> None:
        self.session.thought(self.turn, sources)

    async def room(self) -> None:
        await self.session.room()

    def ahead(self) -> float:
        return self.session.ahead()
