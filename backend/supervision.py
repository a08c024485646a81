"""The process's own task group: what fails in it ends alone."""

import asyncio
import logging
from collections.abc import Coroutine, Generator
from contextvars import Context
from typing import Any, TypeVar, cast

T = TypeVar("T")

log = logging.getLogger(__name__)


class Supervised(asyncio.TaskGroup):
    """A task group that all conversations of a process share.

    A plain one cancels everybody when a single task raises; here the failure is logged, with its trace, and the others
    go on. A contained task's result is then None.
    """

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """Start *coro*; it may fail without consequences for anybody else."""
        task = super().create_task(_contained(coro, name), name=name, context=context)
        # A task that is cancelled before it began has never touched what it contains.
        task.add_done_callback(lambda _: coro.close())
        return task


async def _contained(coro: Generator[Any, None, T] | Coroutine[Any, Any, T], name: str | None) -> T:
    try:
        return await cast(Coroutine[Any, Any, T], coro)
    except Exception:
        log.exception("%s failed", name or "a task")
        return None  # type: ignore[return-value]
