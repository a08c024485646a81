"""The chain of engines and its breakers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backend.fallback import (
    Attempt,
    Breaker,
    BrokenOffError,
    Chain,
    EngineError,
    ExhaustedError,
    Step,
    UnsuitableError,
)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Engine:
    """Counts to three, unless it has `trouble` before item `at`."""

    name: str
    trouble: Exception | None = None
    at: int = 0
    started: int = 0
    closed: int = 0

    async def count(self) -> AsyncIterator[str]:
        self.started += 1
        try:
            for number in range(3):
                if self.trouble is not None and number == self.at:
                    raise self.trouble
                await asyncio.sleep(0)
                yield f"{self.name}{number}"
        finally:
            self.closed += 1


@dataclass
class World:
    engines: list[Engine]
    clock: Clock = field(default_factory=Clock)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chain = Chain(self.engines, clock=self.clock, jitter=lambda: 0.5)
        self.route = self.chain.route(self.steps.append)

    async def take(self) -> list[str]:
        return [item async for item in self.route.stream(Engine.count)]


def world(*troubles: Exception | None) -> World:
    return World([Engine("abc"[index], trouble) for index, trouble in enumerate(troubles)])


async def test_the_first_engine_serves_and_nobody_is_told() -> None:
    it = world(None, None)
    assert await it.take() == ["a0", "a1", "a2"]
    assert it.steps == []
    assert it.engines[1].started == 0


async def test_a_failure_before_the_first_item_is_passed_over_and_told_once() -> None:
    it = world(EngineError("too busy", "wait"), None)
    assert await it.take() == ["b0", "b1", "b2"]
    assert await it.take() == ["b0", "b1", "b2"]
    assert it.steps == [Step("a", "b", "too busy", "wait")]
    assert it.engines[0].started == 1, "an open breaker is not asked again"


async def test_a_better_engine_is_tried_again_and_its_return_is_told() -> None:
    it = world(EngineError("too busy"), None)
    await it.take()
    it.engines[0].trouble = None
    it.clock.now += 1.9
    assert (await it.take())[0] == "b0"
    it.clock.now += 0.2
    assert (await it.take())[0] == "a0"
    assert [(step.from_, step.to) for step in it.steps] == [("a", "b"), ("b", "a")]
    assert it.chain.states()[0].state == "closed"


async def test_a_failure_in_the_middle_says_how_far_it_came_and_the_next_one_does_the_rest() -> None:
    it = world(EngineError("cut"), None)
    it.engines[0].at = 2
    got: list[str] = []
    with pytest.raises(BrokenOffError) as broken:
        async for item in it.route.stream(Engine.count):
            got += [item]
    assert got == ["a0", "a1"]
    assert (broken.value.engine, broken.value.delivered, broken.value.reason) == ("a", 2, "cut")
    assert await it.take() == ["b0", "b1", "b2"]
    assert it.steps == [Step("a", "b", "cut")]


async def test_when_all_fail_the_first_reason_is_told_with_the_time_of_the_next_try() -> None:
    it = world(EngineError("first", "do this", retry_after=60.0), EngineError("second"))
    with pytest.raises(ExhaustedError) as lost:
        await it.take()
    assert (lost.value.reason, lost.value.remedy) == ("first", "do this")
    assert lost.value.retry_after == pytest.approx(2.0)
    with pytest.raises(ExhaustedError):
        await it.take()
    assert it.steps == [Step("a", None, "first", "do this")]
    assert [engine.started for engine in it.engines] == [1, 1]


async def test_the_time_an_engine_asks_for_is_kept() -> None:
    it = world(EngineError("later", retry_after=60.0), None)
    await it.take()
    it.clock.now += 59.0
    await it.take()
    assert it.engines[0].started == 1
    it.clock.now += 2.0
    await it.take()
    assert it.engines[0].started == 2


async def test_an_unsuitable_request_does_not_count_against_the_engine() -> None:
    it = world(UnsuitableError("no Klingon"), None)
    assert (await it.take())[0] == "b0"
    assert it.chain.states()[0].state == "closed"


async def test_a_fault_of_ours_is_logged_and_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    it = world(RuntimeError("secret"), None)
    assert (await it.take())[0] == "b0"
    assert "secret" not in it.steps[0].reason
    assert "secret" in caplog.text


async def test_sessions_share_what_was_learnt_but_each_is_told() -> None:
    it = world(EngineError("too busy"), None)
    await it.take()
    told: list[Step] = []
    other = it.chain.route(told.append)
    assert [item async for item in other.stream(Engine.count)] == ["b0", "b1", "b2"]
    assert it.engines[0].started == 1
    assert told == [Step("a", "b", "too busy")]


async def test_only_one_tries_an_engine_that_failed_the_others_don_t_wait() -> None:
    it = world(EngineError("too busy"), None)
    await it.take()
    it.clock.now += 3.0
    it.engines[0].trouble = None
    first = it.route.stream(Engine.count)
    assert await anext(first) == "a0"
    assert (await it.take())[0] == "b0"
    assert [item async for item in first] == ["a1", "a2"]
    assert (await it.take())[0] == "a0"


async def test_closing_early_closes_the_engine_and_is_no_failure() -> None:
    it = world(None, None)
    stream = it.route.stream(Engine.count)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert it.engines[0].closed == 1
    assert it.chain.states()[0].state == "closed"


async def test_a_trial_that_was_cancelled_leaves_room_for_the_next() -> None:
    it = world(EngineError("too busy"), None)
    await it.take()
    it.clock.now += 3.0
    it.engines[0].trouble = None

    async def hang() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""

    async def listen() -> None:
        async for _ in it.route.stream(lambda _: hang()):
            pass

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (await it.take())[0] == "a0"


async def test_failures_of_calls_that_ran_together_count_as_one() -> None:
    it = world(EngineError("too busy"), None)
    await asyncio.gather(*(it.take() for _ in range(10)))
    assert it.chain.states()[0].failures == 1


def test_an_empty_chain_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Chain([])


@given(
    failures=st.integers(1, 60),
    first=st.floats(0.1, 10.0),
    longest=st.floats(10.0, 1000.0),
    jitter=st.floats(0.0, 1.0, exclude_max=True),
)
def test_the_wait_doubles_up_to_the_longest(failures: int, first: float, longest: float, jitter: float) -> None:
    clock = Clock()
    breaker = Breaker(first=first, longest=longest, clock=clock, jitter=lambda: jitter)
    for _ in range(failures):
        clock.now += 10_000.0
        attempt = breaker.enter()
        assert attempt is not None
        attempt.failed(EngineError("no"))
    expected = min(longest, first * 2.0 ** (failures - 1))
    assert 0.75 * expected - 1e-6 <= breaker.retry_in <= 1.25 * expected + 1e-6


class BreakerMachine(RuleBasedStateMachine):
    """Any order of callers, outcomes and time, against what must always hold."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(clock=self.clock, jitter=lambda: 0.5)
        self.inside: list[tuple[Attempt, bool]] = []

    @rule()
    def enter(self) -> None:
        state = self.breaker.state
        trials = sum(trial for _, trial in self.inside)
        attempt = self.breaker.enter()
        assert (attempt is not None) == (state == "closed" or (state == "half-open" and trials == 0))
        if attempt is not None:
            self.inside.append((attempt, state == "half-open"))

    def _leave(self, data: st.DataObject, tell: Callable[[Attempt], None]) -> bool:
        attempt, trial = self.inside.pop(data.draw(st.integers(0, len(self.inside) - 1)))
        tell(attempt)
        tell(attempt)  # saying it twice changes nothing
        return trial

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        before = self.breaker.state
        trial = self._leave(data, Attempt.succeeded)
        assert self.breaker.state == ("closed" if trial else before)

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), wait=st.none() | st.floats(0.0, 100.0))
    def fail(self, data: st.DataObject, wait: float | None) -> None:
        before, failures = self.breaker.state, self.breaker.failures
        trial = self._leave(data, lambda attempt: attempt.failed(EngineError("no", retry_after=wait)))
        counted = trial or before == "closed"
        assert self.breaker.failures == failures + counted
        if counted:
            assert self.breaker.state == "open"
            assert self.breaker.retry_in >= (wait or 0.0) - 1e-6

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        before = self.breaker.state
        self._leave(data, Attempt.abandoned)
        assert self.breaker.state == before

    @rule(seconds=st.floats(0.1, 400.0))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def closed_means_well(self) -> None:
        closed = self.breaker.state == "closed"
        assert closed == (self.breaker.failures == 0) == (self.breaker.error is None)
        assert closed <= (self.breaker.retry_in == 0.0)

    @invariant()
    def it_always_opens_up_again(self) -> None:
        assert self.breaker.retry_in <= 375.0 + 1e-6


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
