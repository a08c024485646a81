"""What a conversation keeps of turns that its prompts no longer hold: summed up while nobody waits.

Shortly before the older turns fall out of the prompt's budget, the small model sums up about half of them. So the
prompts that follow begin alike for several turns, which providers' prompt caches reward, and nothing is cut that was
not summed up. Without a model there is no summary: what falls out is forgotten.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from backend.accounts import Account
from backend.conversation import Exchange
from backend.fallback import Chain
from backend.minds import aside
from backend.spending.budget import Grant
from backend.thinking import Message, Mind, Token, Usage
from backend.thinking.prompt import Budget
from backend.thinking.summary import Summary
from backend.thinking.tokens import count_tokens

MARGIN = 2
"""Exchanges before the conversation would forget one: time for another try when the model fails."""
WORTH = 2
"""Older exchanges that make a summary worth its price."""
STAGE = "summary"


class Recall:
    """One conversation's summary; *turns* is how many exchanges the conversation keeps at most."""

    def __init__(self, minds: Chain[Mind], account: Account, group: asyncio.TaskGroup, turns: int) -> None:
        self._minds, self._account, self._group, self._turns = minds, account, group, turns
        self._summary = Summary()
        self._covered = 0
        self._budget = Budget().history
        self._task: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """The summary, empty as long as everything fits."""
        return self._summary.text

    def rest(self, history: Sequence[Exchange]) -> list[Message]:
        """What of *history* the summary does not hold."""
        return [message for one in history if one.turn > self._covered for message in messages(one)]

    def after(self, history: Sequence[Exchange]) -> None:
        """A turn was sent: sum up what will not fit, if it is time. Does not wait."""
        if self._task is not None and not self._task.done():
            return
        older = self._older(history)
        if len(older) >= WORTH and aside(self._minds) is not None:
            self._task = self._group.create_task(self._sum_up(older), name="summary")

    def end(self) -> None:
        """Nobody will ask any more."""
        if self._task is not None:
            self._task.cancel()

    def state(self) -> dict[str, Any]:
        """All of it as JSON, for another server."""
        return {"text": self._summary.text, "covered": self._covered}

    def restore(self, state: dict[str, Any]) -> None:
        """What `state` gave."""
        self._summary, self._covered = Summary(str(state.get("text", ""))), int(state.get("covered", 0))

    def _older(self, history: Sequence[Exchange]) -> list[Exchange]:
        """The exchanges to be summed up now: those beyond half the budget, once nearly all of it is used."""
        open_ones = [one for one in history if one.turn > self._covered]
        costs = [sum(count_tokens(message.content) + 4 for message in messages(one)) for one in open_ones]
        # What is being asked now and what comes next need their place as well.
        most = max(WORTH, self._turns - MARGIN)
        full = sum(costs) + max(costs, default=0) > self._budget or len(open_ones) >= most
        if not full or not self._turns:
            return []
        kept, left = 0, self._budget // 2
        for cost in reversed(costs):
            if kept and (cost > left or kept >= most // 2):
                break
            kept, left = kept + 1, left - cost
        return open_ones[: len(open_ones) - kept]

    async def _sum_up(self, older: list[Exchange]) -> None:
        grant = await self._account.admit()
        bill = self._account.behind(STAGE)
        try:
            mind = self._mind(grant)
            if mind is None:
                return
            # A prompt that was made meanwhile has the old summary with all that follows it.
            summary = Summary(self._summary.text)
            told = [message for one in older for message in messages(one)]

            def came(item: Token | Usage) -> None:
                bill.piece(item.text) if isinstance(item, Token) else bill.used(item)

            if await summary.take(mind, told, taken=bill.taken, came=came):
                self._summary, self._covered = summary, older[-1].turn
        finally:
            # In a task of its own: this one may be on its way out.
            self._group.create_task(self._account.done(bill, grant), name="records")

    def _mind(self, grant: Grant) -> Mind | None:
        return aside(self._minds, strong=grant.level == "strong") if grant.level in {"small", "strong"} else None


def messages(exchange: Exchange) -> list[Message]:
    """An exchange as a mind is told of it."""
    both = (Message("user", exchange.asked), Message("assistant", exchange.heard))
    return [message for message in both if message.content]
