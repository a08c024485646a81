"""Sees which minds answer, how fast, and what to do about the rest: a part of `visavis doctor`."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from backend.fallback import EngineError
from backend.thinking import Mind, Prompt, Token, Usage

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """How one mind is; `first_token` in seconds, None when it said nothing."""

    name: str
    well: bool
    first_token: float | None = None
    reason: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        if self.well and self.first_token is not None:
            return f"{self.name}: answers, first word after {self.first_token * 1000:.0f} ms."
        return " ".join(filter(None, (f"{self.name}:", self.reason, self.remedy)))


async def examine(minds: Sequence[Mind]) -> list[Finding]:
    """Ask every mind for a word, all at once."""
    return list(await asyncio.gather(*map(_examine, minds)))


async def _examine(mind: Mind) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            if prepare := getattr(mind, "prepare", None):
                await prepare()
            began = time.perf_counter()
            answer = cast(Any, mind.answer(Prompt("Say hello.", max_tokens=16)))
            async with contextlib.aclosing(answer) as items:
                if await _speaks(items):
                    return Finding(mind.name, True, time.perf_counter() - began)
    except EngineError as error:
        return Finding(mind.name, False, None, error.reason, error.remedy)
    except TimeoutError:
        return Finding(mind.name, False, None, "It does not answer in time.")
    return Finding(mind.name, False, None, "It answers with nothing.")


async def _speaks(items: AsyncIterator[Token | Usage]) -> bool:
    async for item in items:
        if isinstance(item, Token) and item.text.strip():
            return True
    return False
