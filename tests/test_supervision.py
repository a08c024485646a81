"""One task's failure is nobody else's."""

import asyncio
import logging

import pytest

from backend.supervision import Supervised


async def test_a_failure_ends_alone_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise IndexError("string index out of range")

    async def work() -> str:
        await asyncio.sleep(0.02)
        return "done"

    with caplog.at_level(logging.ERROR):
        async with Supervised() as group:
            failed = group.create_task(fail(), name="warm")
            working = group.create_task(work())
            await asyncio.sleep(0.01)
            later = group.create_task(work())
    assert (failed.result(), working.result(), later.result()) == (None, "done", "done")
    assert "warm failed" in caplog.text


async def test_cancelling_still_cancels() -> None:
    async with Supervised() as group:
        task = group.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()


async def test_what_is_cancelled_before_it_began_leaves_nothing_behind() -> None:
    async with Supervised() as group:
        # Were the inner coroutine not closed, its warning would fail this test.
        group.create_task(asyncio.sleep(60)).cancel()
