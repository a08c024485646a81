"""The transformers engine's waiting, batching and unloading, with a small function in place of the model."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from backend.fallback import EngineError
from backend.feeling import Emotion
from backend.feeling.feelings import Feelings
from backend.feeling.pipeline import Classify
from backend.feeling.transformers import MAX_BATCH, MAX_WAITING, RETRY_SECONDS, Transformers


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def advance(self, seconds: float) -> None:
        self.now += seconds
        for until, future in [*self._sleepers]:
            if until <= self.now and not future.done():
                future.set_result(None)
        for _ in range(5):
            await asyncio.sleep(0)


class Model:
    """Says joy; keeps the batches it got; waits at the gate where one is set."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.loads = 0
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.fail: Exception | None = None

    def load(self) -> Classify:
        self.loads += 1
        if self.fail:
            raise self.fail
        return self.classify

    def classify(self, texts: list[str]) -> list[Emotion]:
        self.entered.set()
        assert self.gate.wait(10)
        assert threading.current_thread() is not threading.main_thread()
        self.batches.append(texts)
        if "bad" in texts:
            raise ValueError("bad text")
        return [Emotion("joy", 1 - len(text) / 1000) for text in texts]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def engine(model: Model, clock: Clock):
    engine = Transformers(loader=model.load, clock=clock, sleep=clock.sleep, idle=60)
    yield engine
    model.gate.set()
    await engine.aclose()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_the_first_reader_is_sent_away_while_the_model_loads(engine: Transformers, model: Model) -> None:
    with pytest.raises(EngineError, match="still loading"):
        await engine.read("a")
    await until(lambda: engine.ready)
    assert (await engine.read("a")).label == "joy"
    assert model.loads == 1


async def test_callers_who_meet_share_a_batch(engine: Transformers, model: Model) -> None:
    await engine.warm()
    model.gate.clear()
    first = asyncio.create_task(engine.read("first"))
    await until(model.entered.is_set)
    others = [asyncio.create_task(engine.read("x" * n)) for n in range(MAX_BATCH + 4)]
    await asyncio.sleep(0)
    model.gate.set()
    emotions = await asyncio.gather(first, *others)
    assert [len(batch) for batch in model.batches] == [1, MAX_BATCH, 4]
    # Each has its own answer.
    assert [emotion.confidence for emotion in emotions[1:]] == [1 - n / 1000 for n in range(MAX_BATCH + 4)]


async def test_who_gave_up_is_left_out(engine: Transformers, model: Model) -> None:
    await engine.warm()
    model.gate.clear()
    first = asyncio.create_task(engine.read("first"))
    await until(model.entered.is_set)
    gone = asyncio.create_task(engine.read("gone"))
    stays = asyncio.create_task(engine.read("stays"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    model.gate.set()
    await asyncio.gather(first, stays)
    assert model.batches == [["first"], ["stays"]]


async def test_a_batch_that_fails_fails_alone(engine: Transformers) -> None:
    await engine.warm()
    with pytest.raises(EngineError, match="ValueError"):
        await engine.read("bad")
    assert (await engine.read("good")).label == "joy"


async def test_too_many_are_refused_at_once(engine: Transformers, model: Model) -> None:
    await engine.warm()
    model.gate.clear()
    first = asyncio.create_task(engine.read("first"))
    await until(model.entered.is_set)
    waiting = [asyncio.create_task(engine.read("x")) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(EngineError, match="too much"):
        await engine.read("one more")
    model.gate.set()
    await asyncio.gather(first, *waiting)


async def test_an_idle_model_leaves_and_comes_back(engine: Transformers, model: Model, clock: Clock) -> None:
    await engine.warm()
    await clock.advance(50)
    await engine.read("used")  # the minute starts anew
    await clock.advance(59)
    assert engine.ready
    await clock.advance(1)
    assert not engine.ready
    with pytest.raises(EngineError, match="still loading"):
        await engine.read("again")
    await until(lambda: engine.ready)
    assert model.loads == 2
    await clock.advance(60)
    assert not engine.ready


async def test_a_model_at_work_does_not_leave(engine: Transformers, model: Model, clock: Clock) -> None:
    await engine.warm()
    model.gate.clear()
    reading = asyncio.create_task(engine.read("slow"))
    await until(model.entered.is_set)
    await clock.advance(61)
    assert engine.ready
    model.gate.set()
    assert (await reading).label == "joy"


async def test_a_failed_load_is_told_and_tried_again_later(engine: Transformers, model: Model, clock: Clock) -> None:
    model.fail = OSError("no such model")
    with pytest.raises(EngineError, match="could not be loaded"):
        await engine.warm()
    with pytest.raises(EngineError, match="could not be loaded"):
        await engine.read("a")
    assert model.loads == 1
    model.fail = None
    await clock.advance(RETRY_SECONDS)
    with pytest.raises(EngineError):
        await engine.read("a")
    await until(lambda: engine.ready)
    assert model.loads == 2


async def test_closing_sends_the_waiting_away(engine: Transformers, model: Model) -> None:
    await engine.warm()
    model.gate.clear()
    reading = [asyncio.create_task(engine.read("x")) for _ in range(3)]
    await until(model.entered.is_set)
    closing = asyncio.create_task(engine.aclose())
    await asyncio.sleep(0)
    model.gate.set()
    await closing
    found = await asyncio.gather(*reading, return_exceptions=True)
    assert all(isinstance(each, EngineError) for each in found)


# ---------------------------------------------------------------- the two readers together


async def test_the_quick_reader_serves_until_the_better_one_is_ready(engine: Transformers) -> None:
    feelings = Feelings(engine)
    quick = feelings.read("I'm so sad.")
    assert quick.label == "sadness"
    assert await feelings.refine("I'm so sad.") == quick
    await until(lambda: engine.ready)
    assert (await feelings.refine("I'm so sad.")).label == "joy"  # as the stand-in says of everything
    assert feelings.read("I'm so sad.") == quick


async def test_a_late_answer_is_not_waited_for(engine: Transformers, model: Model) -> None:
    await engine.warm()
    model.gate.clear()
    feelings = Feelings(engine, patience=0.02)
    assert (await feelings.refine("I'm so sad.")).label == "sadness"


async def test_alone_the_quick_reader_refines_too() -> None:
    feelings = Feelings()
    await feelings.warm()
    assert await feelings.refine("Great!") == feelings.read("Great!")
    await feelings.aclose()


async def test_silence_is_not_worth_a_question(engine: Transformers, model: Model) -> None:
    await engine.warm()
    assert (await Feelings(engine).refine("  ")).confidence == 0
    assert model.batches == []
