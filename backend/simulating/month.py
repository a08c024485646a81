"""Runs a month's turns with some levers on: the real router, caches and ledger on a virtual clock."""

from collections import Counter, defaultdict, deque
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from backend.answers import Answer, Answers, plain
from backend.billing import TurnBill
from backend.cache import Cache, Space
from backend.cache.memory import Memory
from backend.simulating.provider import FakeMind, agreeing, passages
from backend.simulating.traffic import Turn, meaning
from backend.spending.ledger import Bill, Tokens, Totals
from backend.spending.prices import Book
from backend.thinking import Message, Mind, Prompt, Token
from backend.thinking.clauses import Clauses
from backend.thinking.ladder import Ladder
from backend.thinking.offline import OfflineMind
from backend.thinking.prompt import Budget, Prompter

EMBEDDER = "databricks-gte-large-en"
MEMORY = 64_000_000
EPOCH = 1_800_000_000.0
CACHED = "cache"
DIET = Budget()
FEAST = Budget(persona=600, excerpts=6_000, excerpt=1_000, summary=200, history=6_000, question=4_000)
"""What a straightforward program sends: eight passages, and all that was said before."""
EARLY, WASTED = 0.5, 0.3
"""Speculation: the part of spoken questions that is sent to the model before they end, and of those the part whose
end changes the question, so that the answer is thrown away. Assumptions."""


@dataclass(frozen=True, slots=True)
class Levers:
    """What is switched on. All off is the naive program: every turn to the strong model, with everything."""

    diet: bool = False
    router: bool = False
    exact: bool = False
    semantic: bool = False
    lines: bool = False
    silence: bool = False
    speculation: bool = False


@dataclass(slots=True)
class Outcome:
    """What a month took."""

    totals: Totals = field(default_factory=Totals)
    answered: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    """Answers from the cache that belong to another question."""
    spoken: int = 0
    """Characters that a voice had to say."""
    heard: float = 0.0
    """Seconds that ears had to listen to."""

    @property
    def per_thousand(self) -> float:
        """Nano-dollars for a thousand turns."""
        return self.totals.nano * 1_000 / self.totals.turns if self.totals.turns else 0.0


class Month:
    """One run. *small* and *strong* are names in the *book*."""

    def __init__(self, levers: Levers, book: Book, small: str, strong: str) -> None:
        self.outcome = Outcome()
        self._levers = levers
        self._book = book
        self._now = 0.0
        self._cache = Cache([Memory(MEMORY, lambda: self._now)], wall=lambda: EPOCH + self._now)
        self._answers = Answers(self._cache, agreeing if levers.semantic else None)
        self._lines: Space[int] = self._cache.space("lines", 1, 60 * 86_400)
        prompter = Prompter.of_file(budget=DIET if levers.diet else FEAST)
        words = 45 if levers.diet else 110
        self._small, self._strong = FakeMind(small, prompter, words), FakeMind(strong, prompter, words)
        self._mind: Mind = Ladder([self._small], [self._strong], OfflineMind()) if levers.router else self._strong
        recent = 12 if levers.diet else 400
        self._said: dict[int, deque[Message]] = defaultdict(lambda: deque(maxlen=recent))
        self._topic: dict[int, str] = {}

    async def run(self, turns: list[Turn]) -> Outcome:
        """All of *turns*, in order."""
        for turn in turns:
            self._now = turn.at
            await self._turn(turn)
        return self.outcome

    async def _turn(self, turn: Turn) -> None:
        bill = TurnBill(Bill(self._book), self._strong.model)
        wanted = meaning(turn)
        if turn.kind != "follow-up":
            self._topic[turn.conversation] = wanted
        self._hear(turn, bill)
        text, by = await self._remembered(turn, wanted, bill), CACHED
        if text is None:
            text, by = await self._ask(turn, wanted, bill)
        await self._speak(text, bill)
        self._said[turn.conversation] += [Message("user", turn.text), Message("assistant", text)]
        bill.settle(by)
        self.outcome.answered[by] += 1
        self.outcome.totals.add(bill.bill.lines)

    def _hear(self, turn: Turn, bill: TurnBill) -> None:
        seconds = turn.seconds + (0.0 if self._levers.silence else turn.silence) if turn.seconds else 0.0
        self.outcome.heard += seconds
        bill.bill.heard("whisper", seconds)

    async def _remembered(self, turn: Turn, wanted: str, bill: TurnBill) -> str | None:
        if not (self._levers.exact or self._levers.semantic):
            return None
        found = await self._answers.find(turn.text, (), partial(bill.embedded, EMBEDDER))
        if found is None:
            return None
        self.outcome.wrong += found.answer.sources[0]["source"] != wanted
        tokens = Tokens(found.answer.prompt_tokens, found.answer.completion_tokens)
        bill.remembered(found.tier, found.answer.model, tokens)
        return found.answer.text

    async def _ask(self, turn: Turn, wanted: str, bill: TurnBill) -> tuple[str, str]:
        levers = self._levers
        about = self._topic[turn.conversation]
        self._small.meaning = self._strong.meaning = about
        # Small talk needs no search; the naive program searches for everything.
        found = () if levers.diet and turn.kind == "talk" else passages(about, 4 if levers.diet else 8, 120)
        prompt = Prompt(
            turn.text,
            tuple(self._said[turn.conversation]),
            found,
            max_tokens=220 if levers.diet else 1_000,
            taken=bill.taken,
        )
        text, by, usage = "", "", None
        async with aclosing(self._mind.answer(prompt)) as items:  # type: ignore[type-var]
            async for item in items:
                if isinstance(item, Token):
                    text += item.text
                else:
                    usage, by = item, item.model
        if usage is None:
            return text, "nobody"
        bill.used(usage)
        if levers.speculation and turn.seconds and _share(turn) < EARLY * WASTED and usage.completion_tokens:
            bill.bill.tokens("speculation", usage.model, Tokens(usage.prompt_tokens, usage.completion_tokens // 2))
        if turn.kind == "question" and (levers.exact or levers.semantic):
            source = {"number": 1, "title": "Handbook", "heading": "", "source": wanted, "text": ""}
            clauses = ((text, text, "sentence", None),)
            tokens = (usage.prompt_tokens, usage.completion_tokens)
            self._answers.keep(Answer(turn.text, text, clauses, (source,), usage.model, *tokens), ())
            await self._answers.close()
        return text, by

    async def _speak(self, text: str, bill: TurnBill) -> None:
        cutter = Clauses("en-US")
        for clause in [*cutter.feed(text), *cutter.flush()]:
            if self._levers.lines:
                if (hit := await self._lines.get(clause.text)) is not None:
                    bill.bill.hit("lines", hit.tier)
                    continue
                await self._lines.put(1, clause.text)
            self.outcome.spoken += len(clause.text)
            bill.bill.spoken("edge", len(clause.text))


def _share(turn: Turn) -> float:
    """A number from 0 to 1 that depends on the turn alone, so that every run wastes the same ones."""
    return (turn.conversation * 7_919 + int(turn.at)) % 1_000 / 1_000


def repeated(turns: list[Turn]) -> float:
    """The part of questions that were asked before in the very same words."""
    asked = sorted(plain(turn.text) for turn in turns if turn.kind == "question")
    return sum(one == other for one, other in pairwise(asked)) / len(asked) if asked else 0.0
