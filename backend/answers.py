"""Answers that were given before: the same question again, or the same in other words, costs nothing and waits for
nothing.

An answer is kept with its clauses as they were spoken, so that their rendered lines are found as well and it speaks
at once. Kept are only answers that stand on cited passages: what a document says is the same for everybody, while an
answer without sources may have been meant for one person. A question in other words counts as the same only when
its vector nearly coincides AND its signature is equal (`thinking.sameness`); without an embedder only the same words
do. Whatever could change the answer is part of the key: model, prompt, state of the documents, language, group.
"""

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from backend.cache import BYTES, DAY, Cache, Space
from backend.fallback import EngineError
from backend.thinking.sameness import needs_history, same, signature
from backend.thinking.skills import is_skill
from backend.thinking.smalltalk import is_small_talk

FORMAT = 2
KEPT_FOR = 7 * DAY
VECTORS_KEPT = 30 * DAY
ALIKE = 8
"""Questions of one signature that are remembered; their wordings differ in words that change nothing."""
_PASSING = re.compile(
    r"\b(?:now|today|tonight|tomorrow|yesterday|currently|at the moment|this (?:week|month|year|morning|evening)"
    r"|latest|newest|recent(?:ly)?|weather|date|heute|morgen|jetzt|aujourd'hui|maintenant|hoy|ahora)\b",
    re.IGNORECASE,
)
"""What is true today may be wrong when the answer is found again."""

Embed = Callable[[Sequence[str]], Awaitable[Any]]
"""Gives texts their vectors, one row of unit length each. Raises `backend.fallback.EngineError`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given. `clauses` are (as shown, as spoken, how it ends, emotion tag or None)."""

    question: str
    text: str
    clauses: tuple[tuple[str, str, str, str | None], ...]
    sources: tuple[dict[str, Any], ...]
    model: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Found:
    """An answer from the cache: from which tier, and whether it was asked in the same words."""

    answer: Answer
    tier: str
    exact: bool


class Answers:
    """The answer cache. *embed* brings in questions in other words; None leaves the same words only."""

    def __init__(self, cache: Cache, embed: Embed | None = None, model: str = "") -> None:
        """*model* is the embedder's name; vectors of different ones are kept apart by it."""
        self.model = model
        self._vectors = cache.space("vectors", FORMAT, VECTORS_KEPT, BYTES)
        self._space: Space[Any] = cache.space("answers", FORMAT, KEPT_FOR)
        self._embed = embed
        self._keeping: set[asyncio.Task[None]] = set()

    async def find(
        self, question: str, context: Sequence[object], embedded: Callable[[str], None] = lambda text: None
    ) -> Found | None:
        """The answer to *question* in *context*, if one is known. Never raises.

        *embedded* is told of every text that had to be turned into a vector: that is paid for.
        """
        if not lasting(question):
            return None
        if (hit := await self._space.get("exact", plain(question), *context)) is not None:
            return _found(hit.value, hit.tier, exact=True)
        if self._embed is None:
            return None
        for other in await self._alike(question, context) or ():
            if await self._same(question, other, embedded):
                hit = await self._space.get("exact", plain(other), *context)
                if hit is not None:
                    return _found(hit.value, hit.tier, exact=False)
        return None

    def keep(self, answer: Answer, context: Sequence[object]) -> None:
        """Remember *answer*, if it is one that others may get as well. Does not wait."""
        if answer.sources and answer.clauses and lasting(answer.question):
            task = asyncio.create_task(self._keep(answer, tuple(context)), name="keep answer")
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def close(self) -> None:
        """Finish what is being kept."""
        while self._keeping:
            await asyncio.gather(*self._keeping, return_exceptions=True)

    async def _keep(self, answer: Answer, context: tuple[object, ...]) -> None:
        await self._space.put(asdict(answer), "exact", plain(answer.question), *context)
        asked = signature(answer.question)
        if self._embed is None or asked is None:
            return
        alike = await self._alike(answer.question, context) or []
        alike = [answer.question, *(other for other in alike if plain(other) != plain(answer.question))][:ALIKE]
        await self._space.put(alike, "alike", asdict(asked), *context)

    async def _alike(self, question: str, context: Sequence[object]) -> list[str] | None:
        asked = signature(question)
        if asked is None:
            return None
        hit = await self._space.get("alike", asdict(asked), *context)
        return [str(other) for other in hit.value] if hit is not None and isinstance(hit.value, list) else None

    async def _same(self, question: str, other: str, embedded: Callable[[str], None]) -> bool:
        if signature(question) != signature(other):
            return False
        try:
            one, two = [await self._vector(text, embedded) for text in (question, other)]
        except EngineError:
            return False
        return same(question, other, float(one @ two))

    async def _vector(self, text: str, embedded: Callable[[str], None]) -> Any:
        import numpy as np  # noqa: PLC0415

        async def make() -> bytes:
            if self._embed is None:
                raise EngineError("There is no embedder.")
            rows = await self._embed([text])
            embedded(text)
            return bytes(np.asarray(rows[0], "<f4").tobytes())

        return np.frombuffer((await self._vectors.make(make, self.model, text)).value, "<f4")


def lasting(question: str) -> bool:
    """Whether the answer to *question* may be given to somebody else, later."""
    if is_small_talk(question) or is_skill(question) or needs_history(question):
        return False
    return not _PASSING.search(question)


def plain(question: str) -> str:
    """The same words in the same order; every sign inside them counts ("-5", "C++")."""
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split()).rstrip(" ?!.…")


def _found(value: Any, tier: str, *, exact: bool) -> Found | None:
    try:
        answer = Answer(**value)
        clauses = tuple((str(shown), str(spoken), str(end), tag) for shown, spoken, end, tag in answer.clauses)
        return Found(replace(answer, clauses=clauses, sources=tuple(answer.sources)), tier, exact)
    except (TypeError, ValueError):
        return None
