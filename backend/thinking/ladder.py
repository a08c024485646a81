"""A mind made of minds: the router picks the rung, and who fails gives way to the next."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from backend.fallback import Breaker, EngineError, Step, UnsuitableError
from backend.thinking import Mind, Prompt, Token, Usage
from backend.thinking.errors import AGAIN, MindError
from backend.thinking.goingon import GoingOn
from backend.thinking.router import Choice, Router

PAUSE = 0.3
"""Seconds, give or take half, before the only model is asked once more."""
PAUSE_MOST = 1.0
"""A longer wait than this (a server's Retry-After) is no conversation."""
HARMLESS = "gives way for this question only"


@dataclass(slots=True)
class _Course:
    """How one answer goes: what was said of it, and who failed on the way."""

    said: str = ""
    failed: tuple[str, EngineError] | None = None


class Ladder:
    """`Mind` over canned lines, *small* models and *strong* ones, each list in the order of preference.

    A rung's models stand in for each other, then those of the other rung, then *offline*, which always answers.
    If one breaks off, the next goes on with the same answer. `counts` holds (rung, mind, outcome) for metrics.
    """

    name = "router"

    def __init__(
        self,
        small: Sequence[Mind],
        strong: Sequence[Mind],
        offline: Mind,
        router: Router | None = None,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._small, self._strong, self._offline = tuple(small), tuple(strong), offline
        self._router = router or Router()
        self._pause = pause
        models = {*small, *strong}
        if len({mind.name for mind in models}) < len(models):
            raise ValueError("every model of a ladder needs a name of its own")
        self.breakers = {mind.name: Breaker() for mind in (*small, *strong)}
        self.counts: Counter[tuple[str, str, str]] = Counter()

    @property
    def minds(self) -> tuple[Mind, ...]:
        """All of them, strongest first."""
        return (*self._strong, *self._small, self._offline)

    async def prepare(self) -> None:
        """Prepare every mind that can be prepared; those that cannot serve are set aside, with their reason."""
        await asyncio.gather(*(self._prepare(mind) for mind in {*self._small, *self._strong, self._offline}))

    async def aclose(self) -> None:
        """Close every mind that can be closed."""
        for mind in {*self._small, *self._strong, self._offline}:
            if close := getattr(mind, "aclose", None):
                await close()

    def models(self) -> dict[Literal["small", "strong"], str]:
        """The name of the first model of each rung, as far as they are known."""
        firsts = {"small": self._small[:1], "strong": self._strong[:1]}
        names = {rung: getattr(mind, "model", "") for rung, minds in firsts.items() for mind in minds}
        return {cast(Literal["small", "strong"], rung): name for rung, name in names.items() if name}

    def aside(self, *, strong: bool) -> Mind | None:
        """The cheapest model that is well, for work behind the conversation; *strong* ones only where they may."""
        models = (*self._small, *(self._strong if strong else ()))
        return next((mind for mind in models if self.breakers[mind.name].state == "closed"), None)

    def choose(self, prompt: Prompt) -> Choice:
        """The rung for *prompt*, as the router sees it."""
        confidence = max((excerpt.score for excerpt in prompt.excerpts), default=0.0)
        return self._router.choose(prompt.question, confidence, in_depth=prompt.in_depth)

    async def answer(self, prompt: Prompt) -> AsyncIterator[Token | Usage]:
        """Stream the answer. Never raises as long as the offline mind does not."""
        choice = self.choose(prompt)
        course = _Course()
        for mind in self._order(choice, prompt):
            async with contextlib.aclosing(self._try(mind, prompt, choice, course)) as items:
                async for item in items:
                    if isinstance(item, Usage):
                        yield replace(item, choice=f"{choice.rung}: {choice.why}")
                        return
                    yield item

    def _order(self, choice: Choice, prompt: Prompt) -> list[Mind]:
        if "canned" in (choice.rung, prompt.most):
            return [self._offline]
        if prompt.most == "small":
            return [*self._small, self._offline]
        models = [*self._small, *self._strong] if choice.rung == "small" else [*self._strong, *self._small]
        return [*dict.fromkeys(models), self._offline]

    async def _try(
        self, mind: Mind, prompt: Prompt, choice: Choice, course: _Course
    ) -> AsyncGenerator[Token | Usage, None]:
        """The items of *mind*, ending with its usage; ends without one when it cannot serve."""
        breaker = self.breakers.get(mind.name)
        for last in (False, True):
            attempt = breaker.enter() if breaker else None
            if breaker and attempt is None:
                course.failed = course.failed or (mind.name, breaker.error or EngineError("It is resting."))
                return
            asked = replace(prompt, said=course.said) if course.said else prompt
            goes_on = GoingOn(course.said)
            try:
                async with contextlib.aclosing(_closable(mind.answer(asked))) as items:
                    async for item in items:
                        self._announce(prompt, mind, course)
                        if isinstance(item, Usage):
                            if rest := goes_on.flush():
                                yield self._say(rest, course)
                            if attempt:
                                attempt.succeeded()
                            self.counts[choice.rung, mind.name, "answered"] += 1
                            yield item
                            return
                        if text := goes_on.feed(item.text):
                            yield self._say(text, course)
                return
            except EngineError as error:
                kind = getattr(error, "kind", "failed")
                self.counts[choice.rung, mind.name, str(kind)] += 1
                wait = self._wait(mind, error, course) if not last else None
                if attempt:
                    attempt.abandoned() if wait is not None else attempt.failed(error)
                if wait is None:
                    course.failed = (mind.name, error)
                    return
            finally:
                if attempt:
                    attempt.abandoned()  # whoever goes away in the middle says nothing about the model
            await self._pause(wait)

    def _wait(self, mind: Mind, error: EngineError, course: _Course) -> float | None:
        """Seconds after which *mind* itself is worth another try; None if another one should answer."""
        others = [name for name, breaker in self.breakers.items() if name != mind.name and breaker.state != "open"]
        passing = isinstance(error, MindError) and error.kind in AGAIN - {"slow", "stalled"}
        if others or course.said or not passing or (error.retry_after or 0.0) > PAUSE_MOST:
            return None
        return max(error.retry_after or 0.0, PAUSE * random.uniform(0.5, 1.5))

    def _say(self, text: str, course: _Course) -> Token:
        course.said += text
        return Token(text)

    def _announce(self, prompt: Prompt, mind: Mind, course: _Course) -> None:
        """Say once that *mind* answers in place of who failed."""
        failed, course.failed = course.failed, None
        if failed:
            name, error = failed
            remedy = error.remedy or (HARMLESS if isinstance(error, UnsuitableError) else "")
            prompt.announce(Step(name, mind.name, error.reason, remedy))

    async def _prepare(self, mind: Mind) -> None:
        prepare = getattr(mind, "prepare", None)
        if prepare is None:
            return
        try:
            await prepare()
        except EngineError as error:
            breaker = self.breakers.get(mind.name)
            attempt = breaker.enter() if breaker else None
            if attempt:
                attempt.failed(error)


async def _closable(items: AsyncIterator[Token | Usage]) -> AsyncGenerator[Token | Usage, None]:
    """*items* as a generator, which can be closed."""
    try:
        async for item in items:
            yield item
    finally:
        close = getattr(items, "aclose", None)
        if close:
            await close()
