"""The chain of engines and its breakers, on a clock of the test's own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.fallback import LAST_RETRY, Breaker, Chain, EngineError, Interrupted, Step


@dataclass
class Engine:
    """Counts up, and fails when told to: before its first item, or after some."""

    name: str
    fail_after: int | None = None
    calls: int = 0
    closed: int = 0
    error: EngineError = field(default_factory=lambda: EngineError("It is tired.", "Let it sleep."))

    async def count(self) -> AsyncIterator[int]:
        self.calls += 1
        try:
            for number in range(3):
                if self.fail_after == number:
                    raise self.error
                yield number
        finally:
            self.closed += 1


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def run(chain: Chain[Engine]) -> tuple[list[tuple[str, int]], list[Step]]:
    steps: list[Step] = []
    return [item async for item in chain.stream(lambda engine: engine.count(), steps.append)], steps


async def test_the_first_engine_serves() -> None:
    first, second = Engine("first"), Engine("second")
    items, steps = await run(Chain([first, second]))
    assert items == [("first", 0), ("first", 1), ("first", 2)]
    assert (second.calls, steps) == (0, [])


async def test_one_that_fails_at_once_is_passed_over_and_set_aside() -> None:
    clock = Clock()
    first, second = Engine("first", fail_after=0), Engine("second")
    chain = Chain([first, second], clock)
    items, steps = await run(chain)
    assert {name for name, _ in items} == {"second"}
    assert steps == [Step("first", "second", "It is tired.", "Let it sleep.")]
    assert chain.current == "second"
    await run(chain)
    assert first.calls == 1, "not asked again so soon"
    clock.now += 60
    first.fail_after = None
    items, steps = await run(chain)
    assert {name for name, _ in items} == {"first"}
    assert steps == []
    assert chain.breakers["first"].state == "closed"


async def test_one_that_breaks_off_says_so() -> None:
    chain = Chain([Engine("first", fail_after=2), Engine("second")])
    got: list[tuple[str, int]] = []
    with pytest.raises(Interrupted) as error:
        async for item in chain.stream(lambda engine: engine.count(), lambda _: None):
            got.append(item)
    assert got == [("first", 0), ("first", 1)]
    assert error.value.by == "first"


async def test_when_none_serves_the_last_reason_is_raised() -> None:
    steps: list[Step] = []
    chain = Chain([Engine("first", fail_after=0), Engine("second", fail_after=0, error=EngineError("No sound."))])
    with pytest.raises(EngineError, match=r"No sound\."):
        async for _ in chain.stream(lambda engine: engine.count(), steps.append):
            pass
    assert steps == [Step("first", "", "It is tired.", "Let it sleep.")]


async def test_closing_the_stream_closes_the_engine() -> None:
    first = Engine("first")
    stream = Chain([first]).stream(lambda engine: engine.count(), lambda _: None)
    await anext(stream)  # type: ignore[call-overload]
    await stream.aclose()  # type: ignore[attr-defined]
    assert first.closed == 1


def test_a_half_open_breaker_takes_one_caller_at_a_time() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.fail(EngineError("no"))
    assert not breaker.enter()
    clock.now += 60
    assert breaker.enter()
    assert not breaker.enter()
    breaker.leave()
    assert breaker.enter()
    breaker.succeed()
    assert breaker.enter()
    assert breaker.enter()


def test_the_engine_itself_may_say_when() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.fail(EngineError("busy", retry_after=2))
    clock.now += 1.9
    assert breaker.state == "open"
    clock.now += 0.2
    assert breaker.enter()


@given(st.lists(st.tuples(st.sampled_from(["fail", "succeed", "enter", "leave"]), st.floats(0, 2_000)), max_size=60))
def test_a_breaker_never_locks_out_for_good_nor_lets_a_crowd_in(steps: list[tuple[str, float]]) -> None:
    clock = Clock()
    breaker = Breaker(clock)
    inside = 0
    for step, wait in steps:
        clock.now += wait
        match step:
            case "enter":
                broken = breaker.failures > 0
                if breaker.enter():
                    inside = inside + 1 if broken else 0
                    assert inside <= 1
            case "fail":
                breaker.fail(EngineError("no"))
                inside = 0
            case "succeed":
                breaker.succeed()
                inside = 0
            case "leave":
                breaker.leave()
                inside = 0
    breaker.leave()
    clock.now += LAST_RETRY * 2
    assert breaker.enter()
