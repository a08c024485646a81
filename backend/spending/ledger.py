"""What every turn took and saved, to the token and the nano-dollar.

A `Bill` belongs to one turn. The rooms know nothing of it: whoever composes them (the turn) writes down what they
report. Its lines are kept with the conversation, and a `Ledger` adds them up for the page and the metrics.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from backend.spending.money import nano
from backend.spending.prices import Book

PROMPT, CACHED, COMPLETION = "prompt token", "cached token", "completion token"
CHARACTER, HEARD, CPU, HIT, STEP, TURN = "character", "second heard", "cpu us", "hit", "step", "turn"
MILLISECOND = "ms heard"
TOKENS = frozenset({PROMPT, CACHED, COMPLETION})
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """So much of one thing, its price and what it saved, in whole nano-dollars.

    `stage` says what for: "answer", "speculation", "summary", "embedding", "voice", "ears", "cpu", "cache",
    "router", "fallback", "turn". `estimated`: counted by us, as the provider gave no figures. `priced` is False where
    the book does not know the price: then `nano` is 0 and too little.
    """

    stage: str
    item: str
    unit: str
    quantity: int
    nano: int = 0
    saved: int = 0
    estimated: bool = False
    priced: bool = True


class Spent(Protocol):
    """What of a line is needed to value it; those that are kept have it as well."""

    @property
    def stage(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def nano(self) -> int: ...


@dataclass(slots=True)
class Tokens:
    """Tokens of one request. `prompt` includes the `cached` ones, as providers report it."""

    prompt: int
    completion: int
    cached: int = 0


class Bill:
    """The bill of one turn. Amounts of the same thing are one line; quantities are never negative."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._quantities: Counter[tuple[str, str, str, bool]] = Counter()
        self._saved: Counter[tuple[str, str, str, bool]] = Counter()

    # ------------------------------------------------------------------ what was taken

    def tokens(self, stage: str, model: str, tokens: Tokens, *, estimated: bool = False) -> None:
        """A request to *model*."""
        cached = min(tokens.cached, tokens.prompt)
        self._add(stage, model, PROMPT, tokens.prompt - cached, estimated)
        self._add(stage, model, CACHED, cached, estimated)
        self._add(stage, model, COMPLETION, tokens.completion, estimated)

    def embedded(self, model: str, tokens: int, *, estimated: bool = False) -> None:
        """Text turned into vectors."""
        self._add("embedding", model, PROMPT, tokens, estimated)

    def spoken(self, voice: str, characters: int) -> None:
        """Characters that *voice* was given to say."""
        self._add("voice", voice, CHARACTER, characters)

    def heard(self, ears: str, seconds: float) -> None:
        """Sound that *ears* listened to."""
        self._add("ears", ears, MILLISECOND, round(seconds * 1_000))

    def cpu(self, stage: str, seconds: float) -> None:
        """CPU time of this process for *stage*; it costs nothing by itself, the app's hours do."""
        self._add("cpu", stage, CPU, round(seconds * MILLION))

    def answered(self, how: str) -> None:
        """The turn was answered: "canned", "cache", or a mind's name."""
        self._add("turn", how or "nobody", TURN, 1)

    def fallback(self, from_: str, to: str) -> None:
        """One engine gave way to another."""
        self._add("fallback", f"{from_ or 'none'} to {to or 'none'}", STEP, 1)

    # ------------------------------------------------------------------ what was saved

    def hit(self, space: str, tier: str, saved: int = 0) -> None:
        """A cache *space* had it (in *tier*), which saved so many nano-dollars."""
        key = self._add("cache", f"{space} from {tier}", HIT, 1)
        self._saved[key] += saved

    def routed(self, instead_of: str, model: str, tokens: Tokens) -> None:
        """*model* answered where *instead_of* would have without a router; for the same tokens, that is the saving."""
        saved = self.price(instead_of, tokens) - self.price(model, tokens)
        key = self._add("router", f"{model} instead of {instead_of}", HIT, 1)
        self._saved[key] += saved

    # ------------------------------------------------------------------ reading it

    def price(self, model: str, tokens: Tokens) -> int:
        """Nano-dollars for *tokens* of *model*, as far as its prices are known."""
        cached = min(tokens.cached, tokens.prompt)
        parts = ((PROMPT, tokens.prompt - cached), (CACHED, cached), (COMPLETION, tokens.completion))
        return sum(_amount(self._book, model, unit, quantity)[0] for unit, quantity in parts)

    def voice_price(self, voice: str, characters: int) -> int:
        """Nano-dollars for *characters* said by *voice*, as far as its price is known."""
        return _amount(self._book, voice, CHARACTER, characters)[0]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The bill so far."""
        return tuple(self._lines())

    @property
    def total(self) -> int:
        """Nano-dollars."""
        return sum(line.nano for line in self._lines())

    @property
    def cautious(self) -> int:
        """Nano-dollars with tokens of unknown price at the dearest known one: what budgets count."""
        return sum(cautious(self._book, line) for line in self._lines())

    @property
    def tokens_taken(self) -> int:
        """Tokens of all requests, prompts and answers together."""
        return sum(line.quantity for line in self._lines() if line.unit in TOKENS and line.stage != "embedding")

    @property
    def saved(self) -> int:
        """Nano-dollars that caches and router kept from being spent."""
        return sum(line.saved for line in self._lines())

    def _lines(self) -> Iterator[Line]:
        for key, quantity in self._quantities.items():
            stage, item, unit, estimated = key
            amount, priced = _amount(self._book, item, unit, quantity)
            yield Line(stage, item, unit, quantity, amount, self._saved[key], estimated, priced)

    def as_speculation(self) -> "Bill":
        """This bill for an answer that nobody heard: it was asked for too early, and saved nothing."""
        bill = Bill(self._book)
        for (stage, item, unit, estimated), quantity in self._quantities.items():
            if unit not in {HIT, STEP, TURN}:
                bill._add(stage if stage in {"cpu", "ears"} else "speculation", item, unit, quantity, estimated)
        return bill

    def _add(
        self, stage: str, item: str, unit: str, quantity: int, estimated: bool = False
    ) -> tuple[str, str, str, bool]:
        if quantity < 0:
            raise ValueError(f"{quantity} {unit} of {item}")
        key = (stage, item, unit, estimated)
        if quantity:
            self._quantities[key] += quantity
        return key


def _amount(book: Book, item: str, unit: str, quantity: int) -> tuple[int, bool]:
    """(nano-dollars, whether the price is known)."""
    if unit in {CPU, HIT, STEP, TURN}:
        return 0, True
    price = book.find(item)
    if unit == MILLISECOND:
        cost = price.cost(HEARD, quantity)
        return (0, False) if cost is None else (nano(cost / 1_000), True)
    cost = price.cost(unit, quantity)
    return (0, False) if cost is None else (nano(cost), True)


def cautious(book: Book, line: Spent) -> int:
    """Nano-dollars of *line*; where the price of its tokens is not known, at the dearest one that the book knows."""
    if line.unit not in TOKENS or _amount(book, line.item, line.unit, 1)[1]:
        return line.nano
    return nano(book.dearest("embedding" if line.stage == "embedding" else "model", line.unit) * line.quantity)


class Meter:
    """Counts one request to a model while it streams, so that also a cut or interrupted one is on the bill.

    `usage` takes the provider's figures (the last ones count, some repeat them cumulatively); without any, what was
    asked and heard is counted by our own tokenizer and marked as estimated. `close` writes it down, once. A request
    that brought nothing at all (refused, unreachable) costs nothing.
    """

    def __init__(
        self, bill: Bill, stage: str, model: str, asked: Callable[[], int], count: Callable[[str], int]
    ) -> None:
        """*asked* gives the tokens of the prompt, *count* those of a text; called only if they are needed."""
        self._bill = bill
        self._stage = stage
        self._model = model
        self._asked = asked
        self._count = count
        self._answer: list[str] = []
        self._usage: Tokens | None = None
        self._estimated = False
        self._began = False
        self._closed = False

    def began(self) -> None:
        """The provider has taken the request: from here on the prompt is billed."""
        self._began = True

    def piece(self, text: str) -> None:
        """A piece of the answer arrived."""
        self._began = True
        self._answer.append(text)

    def usage(self, model: str, tokens: Tokens, *, estimated: bool = False) -> None:
        """The figures that came with the stream."""
        self._model, self._usage, self._estimated = model or self._model, tokens, estimated

    def close(self) -> None:
        """Write it down."""
        if self._closed:
            return
        self._closed = True
        if self._usage is not None:
            self._bill.tokens(self._stage, self._model, self._usage, estimated=self._estimated)
        elif self._began:
            counted = Tokens(self._asked(), self._count("".join(self._answer)))
            self._bill.tokens(self._stage, self._model, counted, estimated=True)


@dataclass(slots=True)
class Totals:
    """Sums since the server started, for the page and the metrics."""

    turns: int = 0
    nano: int = 0
    saved: int = 0
    by_stage: Counter[str] = field(default_factory=Counter)
    quantities: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By (stage, item, unit)."""

    def add(self, lines: Iterable[Line], turns: int = 1) -> None:
        """One more turn, or (0 *turns*) what was done behind one or outside of any."""
        self.turns += turns
        for line in lines:
            self.nano += line.nano
            self.saved += line.saved
            self.by_stage[line.stage] += line.nano
            self.quantities[line.stage, line.item, line.unit] += line.quantity
