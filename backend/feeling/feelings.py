"""The two readers of feeling together: one answers at once, the other better and a little later."""

import asyncio
from typing import Protocol

from backend.fallback import EngineError
from backend.feeling import Emotion, Feeling
from backend.feeling.embedded import Embedded


class Refiner(Protocol):
    """A reader that takes its time."""

    @property
    def ready(self) -> bool:
        """Whether its model is in memory."""
        ...

    @property
    def problem(self) -> EngineError | None:
        """Why it cannot read at all, if it cannot."""
        ...

    async def read(self, text: str) -> Emotion:
        """The emotion of *text*; raises `EngineError` when it can't say now."""
        ...

    async def warm(self) -> None:
        """Load what reading needs; raises `EngineError`."""
        ...

    async def aclose(self) -> None:
        """Let go of the model and of the thread."""
        ...


class Feelings:
    """A `Feeling` whose `read` is immediate, and whose `refine` may improve on it while the sound is already under way.

    A turn sends what `read` says with the line and, if it cares, awaits `refine` beside it: a late emotion eases in.
    """

    def __init__(self, refiner: Refiner | None = None, quick: Feeling | None = None, patience: float = 0.5) -> None:
        self._quick = quick or Embedded()
        self._refiner = refiner
        self._patience = patience

    @property
    def name(self) -> str:
        """Who reads at this moment."""
        return "transformers" if self._refiner is not None and self._refiner.ready else "embedded"

    @property
    def refines(self) -> bool:
        """Whether `refine` may say something else than `read`."""
        return self._refiner is not None

    @property
    def problem(self) -> EngineError | None:
        """Why the better reader cannot be had, where one is wanted."""
        return self._refiner.problem if self._refiner is not None else None

    def read(self, text: str) -> Emotion:
        """The embedded classifier's answer, in a fraction of a millisecond."""
        return self._quick.read(text)

    async def refine(self, text: str) -> Emotion:
        """The better answer if it comes within `patience` seconds, else `read`'s. Raises nothing."""
        if self._refiner is not None and text.strip():
            try:
                async with asyncio.timeout(self._patience):
                    return await self._refiner.read(text)
            except (EngineError, TimeoutError):
                pass
        return self.read(text)

    async def warm(self) -> None:
        """Load both, the better one in the background of its own thread."""
        await asyncio.to_thread(self._quick.read, "Hello.")
        if self._refiner is not None:
            await self._refiner.warm()

    async def aclose(self) -> None:
        """Close the better reader."""
        if self._refiner is not None:
            await self._refiner.aclose()
