"""Writes a turn's bill while the turn goes on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backend.knowing import Took
from backend.rendered import KeptRendering
from backend.rendering import Rendering
from backend.spending.ledger import Bill, Meter, Tokens
from backend.thinking import Usage
from backend.thinking.tokens import count_tokens


@dataclass(slots=True)
class Dropped:
    """Guesses that came to nothing between two turns: their number, their tokens and what those cost. They are on the
    ledger already; the turn that follows shows them. One more may be added while it runs, as a guess needs a moment to
    stop."""

    count: int = 0
    tokens: int = 0
    nano: int = 0

    def add(self, bill: Bill) -> None:
        """One more, which took what stands on *bill*."""
        self.count += 1
        self.tokens += bill.tokens_taken
        self.nano += bill.total


class TurnBill:
    """What a turn reports to its *bill*. *strongest* is the model that would answer everything without a router."""

    def __init__(self, bill: Bill, strongest: str = "", stage: str = "answer") -> None:
        self.bill = bill
        self._stage = stage
        self._strongest = strongest
        self._meter: Meter | None = None

    def taken(self, model: str, asked: Callable[[], int]) -> None:
        """A model has begun to answer; the one before it, if there was one, broke off."""
        if self._meter is not None:
            self._meter.close()
        self._meter = Meter(self.bill, self._stage, model, asked, count_tokens)
        self._meter.began()

    def piece(self, text: str) -> None:
        """A piece of the answer arrived."""
        if self._meter is not None:
            self._meter.piece(text)

    def used(self, usage: Usage) -> None:
        """The mind's own figures."""
        tokens = Tokens(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)
        if self._meter is None:
            self.bill.tokens(self._stage, usage.model, tokens, estimated=usage.estimated)
        else:
            self._meter.usage(usage.model, tokens, estimated=usage.estimated)
            self._meter.close()
        if usage.choice and self._strongest and usage.model != self._strongest:
            self.bill.routed(self._strongest, usage.model, tokens)

    def remembered(self, tier: str, model: str, tokens: Tokens) -> None:
        """The answer was given before; asking *model* again would have taken *tokens*."""
        self.bill.hit("answers", tier, self.bill.price(model, tokens))

    def embedded(self, model: str, text: str) -> None:
        """*text* was turned into a vector; embedders tell no figures, so our own tokenizer counts."""
        self.bill.embedded(model, count_tokens(text), estimated=True)

    def searched(self, took: Took) -> None:
        """What looking something up took."""
        for text in took.embedded:
            self.embedded(took.model, text)
        if took.tier:
            # No saving is claimed: the words may have been looked up, and paid for, while they were still being said.
            self.bill.hit("passages", took.tier)

    def line(self, rendering: Rendering | KeptRendering, text: str) -> None:
        """What saying a line took, or what was saved."""
        if isinstance(rendering, KeptRendering) and rendering.source:
            self.bill.hit("lines", rendering.source, self.bill.voice_price(rendering.voice, len(text)))
        elif rendering.voice:
            self.bill.spoken(rendering.voice, len(text))
        self.bill.cpu("lip sync", rendering.cpu)

    @contextmanager
    def cpu(self, stage: str) -> Iterator[None]:
        """Counts this thread's CPU time inside the block; nothing may be awaited in there."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.bill.cpu(stage, time.thread_time() - began)

    def settle(self, answered_by: str) -> None:
        """Close the bill, also that of an answer which was cut or interrupted."""
        self.close()
        self.bill.answered(answered_by)

    def close(self) -> None:
        """Write down what the last model took, as far as it is known."""
        if self._meter is not None:
            self._meter.close()
