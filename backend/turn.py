"""One exchange, from the words heard to the last line spoken: the only place where the rooms meet.

Everything of a turn lives in one TaskGroup: cancelling `Turn.run` stops the model, the voices and the lip sync
behind it. Stages overlap: tokens stream and are cut into clauses here; `delivery` renders each clause while earlier
ones play, and sends them in order and paced.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import cast

from backend import wire
from backend.accounts import Desk, Ended
from backend.answers import Answer, Found
from backend.billing import Dropped
from backend.delivery import Delivery
from backend.empathy import Empathy
from backend.fallback import EngineError, Step, UnsuitableError
from backend.feeling import Label
from backend.feeling.tags import Tag, TagFilter
from backend.knowing import Passage, Took
from backend.marks import Marks
from backend.openers import Opener, Unrepeated
from backend.progress import SoFar, without
from backend.rooms import Outlet, Request, Rooms
from backend.speaking.spoken import Cleaner
from backend.speaking.wording import Wording
from backend.spending.ledger import Tokens
from backend.thinking import Excerpt, Mind, Prompt, Token, Usage
from backend.thinking.clauses import Clause, Clauses, End
from backend.thinking.goingon import GoingOn
from backend.thinking.smalltalk import is_small_talk

PASSAGES = 4
KNOWLEDGE_LIMIT = 2.0
"""Seconds that a search may take before the answer begins without it."""
_CITATION = re.compile(r"\[(\d{1,2})\]")
GRACE = 0.06
"""Seconds in which what is kept is found and heard: until then no opener is needed."""
AT_ONCE = frozenset({"cache", "canned", "offline"})
"""Who answers without a wait worth bridging."""
FREE = frozenset({"offline", "router"})
"""Minds that answer for nothing: the offline one, and the router, which heeds `Prompt.most` by itself."""
UNAFFORDABLE = "The budget is used up."
APOLOGY = "Sorry, I lost my thread there. Please ask me again."


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
        self._request = request
        self._rooms = rooms
        self._outlet = outlet
        self._marks = Marks(clock)
        self._empathy = Empathy(request.turn, rooms.feeling, self._bill, outlet.send)
        self._delivery = Delivery(
            request, rooms, outlet, self._desk, marks=self._marks, empathy=self._empathy, key=self
        )
        self._so_far = request.so_far or SoFar("")
        self._skip = self._so_far.letters
        self._context: tuple[object, ...] = ()
        self._cut_up: list[tuple[str, str, str, str | None]] = []
        self._choice = ""
        self._sources: list[wire.Source] = []
        self._written: list[str] = []
        self._failed = False
        self._answered_by = ""
        self._usage: Usage | None = None
        self._ahead = 0.0
        self.dropped = Dropped()
        """Guesses thrown away before this turn."""

    def adopt(self) -> None:
        """It was begun on a guess, which was right: its times count from now."""
        self._ahead = self._marks.restart()

    @property
    def silent(self) -> bool:
        """Whether nothing of the answer can be heard yet, nor will be in a moment."""
        return not (self._delivery.number or "first_voice" in self._marks or self._answered_by in AT_ONCE)

    @property
    def written(self) -> str:
        """The answer as far as it is written."""
        return "".join(self._written)

    def open_with(self, opener: Opener) -> None:
        """Say *opener* first. Not while the answer can be heard already."""
        if self.silent:
            self._delivery.open_with(opener)

    @property
    def outlet(self) -> Outlet:
        """Where its results go; what stands behind, where they were held for a while."""
        return getattr(self._outlet, "behind", None) or self._outlet

    @property
    def latency(self) -> wire.Latency:
        """When each stage first delivered, so far."""
        return wire.Latency(**self._marks.times)

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
        self._marks.first("done")
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
            self._delivery.start(group)
            if self._empathy.refines and self._request.text and self._request.so_far is None:
                better = self._empathy.listen_better(self._request.text, lambda: not self._delivery.number)
                group.create_task(better, name="listen better")
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
            spoken_by=self._delivery.spoken_by,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
            characters_spoken=self._delivery.characters,
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
        spoken = " ".join(self._delivery.spoken)
        return Ended(
            request.turn, request.origin, request.text, spoken, why, self._answered_by, sources, self._marks.times
        )

    # ------------------------------------------------------------------ think: words -> clauses

    async def _think(self) -> None:
        if (found := await self._remember()) is not None:
            await self._repeat(found)
        else:
            await self._make_up()
        await self._delivery.end()

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
        self._marks.first("first_token")
        self._sources = [wire.Source.model_validate(source) for source in answer.sources]
        self._bill.remembered(found.tier, answer.model, Tokens(answer.prompt_tokens, answer.completion_tokens))
        self._written.append(answer.text)
        self._outlet.send(wire.Text(turn=self._request.turn, delta=answer.text))
        self._outlet.thought(self._sources)
        for shown, spoken, end, tag in answer.clauses:
            await self._delivery.say(Wording(shown, spoken), cast(End, end), cast(Label | None, tag))

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
        unrepeated = Unrepeated(lambda: self._delivery.opener)
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
                await self._delivery.say(words, clause.end, tag)

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
                        self._marks.first("first_token")
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
        self._empathy.listen(self._request.text, tell=self._request.so_far is None)

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
            self._marks.first("knowledge")
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


async def _unaffordable() -> AsyncGenerator[Token | Usage, None]:
    """Stands in for a mind that the budgets don't allow; it is well, so nobody is kept from it."""
    raise UnsuitableError(UNAFFORDABLE)
    yield Token("")
