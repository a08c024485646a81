"""What one session's turns and guesses cost: reserved before, written down and settled after, whoever leaves when."""

import asyncio
from dataclasses import dataclass

from backend.accounts import Account, Ended
from backend.guessing import Guess
from backend.spending.budget import Grant
from backend.spending.ledger import Bill
from backend.turn import Turn
from backend.watching import Pace, Seen


@dataclass(frozen=True, slots=True)
class Charges:
    """The money side of one session. *group* runs what a store elsewhere may take a moment for."""

    account: Account
    group: asyncio.TaskGroup

    async def admit(self) -> Grant:
        """What the next turn may use. Cancelled in the middle of it, nothing stays reserved."""
        asking = self.group.create_task(self.account.admit(), name="admit")
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(self._give_back)
            raise

    def _give_back(self, asked: "asyncio.Task[Grant]") -> None:
        if not asked.cancelled():
            self._settle(asked.result(), 0)

    def _settle(self, grant: Grant | None, spent: int) -> None:
        if grant is not None:
            # In a task of its own: the turn's may be on its way out.
            self.group.create_task(grant.settle(spent), name="settle")

    def dropped(self, guess: Guess, bill: Bill, grant: Grant | None, language: str) -> None:
        """A guess came to nothing. It is paid for now: nobody knows whether a turn will follow."""
        guess.dropped.add(bill)
        self.account.speculated(bill, language)
        self._settle(grant, bill.cautious)

    def record(
        self, turn: Turn, ended: Ended, bill: Bill, grant: Grant | None, *, began: float, pace: Pace, who: str,
        language: str,
    ) -> None:  # fmt: skip
        """Write down what a turn was, took and brought."""
        self.account.ended(ended, bill, language)
        self._settle(grant, bill.cautious)
        cost = turn.cost
        self.account.seen(
            Seen(
                who,
                ended.number,
                ended.origin,
                ended.why,
                ended.answered_by,
                began,
                ended.latency,
                pace.sound,
                pace.starved,
                cost.nano,
                cost.prompt_tokens + cost.completion_tokens,
            )
        )
