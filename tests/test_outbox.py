"""The outbox: order, resume, stale generations, bounds."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import outbox, wire
from backend.outbox import Outbox, OutboxFull


async def taken(box: Outbox) -> list[int]:
    """The numbers of the frames that a connection takes now."""
    seen: list[int] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            async for frame in box.frames():
                seen.append(frame.seq)
    return seen


def pong(box: Outbox, turn: int | None = None) -> None:
    box.put(wire.Pong(t=0), turn)


async def test_frames_come_in_order_and_once() -> None:
    box = Outbox()
    for _ in range(3):
        pong(box)
    assert await taken(box) == [1, 2, 3]
    pong(box)
    assert await taken(box) == [4]


async def test_a_resume_takes_again_what_did_not_arrive() -> None:
    box = Outbox()
    for _ in range(5):
        pong(box)
    await taken(box)
    box.rewind(2)
    assert await taken(box) == [3, 4, 5]


async def test_a_stale_generation_is_forgotten_taken_or_not() -> None:
    box = Outbox()
    for turn in (1, 1, 2, 1, 2):
        pong(box, turn)
    box.drop(1)
    assert await taken(box) == [3, 5]
    pong(box, 3)
    box.drop(2)
    box.rewind(0)
    assert await taken(box) == [6]


async def test_what_nobody_acknowledges_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "KEPT_BYTES", 1_000)
    box = Outbox()
    with pytest.raises(OutboxFull):
        for _ in range(100):
            pong(box)
    box = Outbox()
    for _ in range(100):
        pong(box)
        await taken(box)
        box.acknowledge(box.seq)


@given(st.lists(st.tuples(st.sampled_from(["put", "take", "ack", "drop", "rewind"]), st.integers(0, 30)), max_size=40))
def test_nothing_is_lost_and_nothing_stale_is_sent(steps: list[tuple[str, int]]) -> None:
    async def story() -> None:
        box, turns, arrived = Outbox(), {}, 0
        for step, number in steps:
            match step:
                case "put":
                    pong(box, number % 3)
                    turns[box.seq] = number % 3
                case "take":
                    got = await taken(box)
                    assert got == [seq for seq in sorted(turns) if seq > arrived]
                    arrived = max([arrived, *got])
                case "ack":
                    box.acknowledge(min(number, arrived))
                case "drop":
                    box.drop(number % 3)
                    turns = {seq: turn for seq, turn in turns.items() if turn != number % 3 or seq <= arrived}
                    turns = {seq: turn for seq, turn in turns.items() if turn != number % 3}
                case "rewind":
                    # A browser has at least what it acknowledged and at most what was sent.
                    box.rewind(arrived)
        await taken(box)

    asyncio.run(story())
