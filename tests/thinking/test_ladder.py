from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.fallback import Step
from backend.thinking import Excerpt, Prompt, Token, Usage
from backend.thinking.connection import Limits
from backend.thinking.goingon import GoingOn
from backend.thinking.ladder import Ladder
from backend.thinking.offline import LOST, OfflineMind
from backend.thinking.openai import OpenAIMind
from tests.fakes.chat import ChatFake, Failure

QUICK = Limits(connect=2.0, first_token=2.0, stall=1.0, queue=0.5)
EASY, HARD = "Which port does it use?", "Explain step by step why caches help, compare them and weigh the risks"


@pytest.fixture
async def fakes() -> AsyncIterator[tuple[ChatFake, ChatFake]]:
    async with ChatFake() as small, ChatFake() as strong:
        small.answer, strong.answer = "The small one speaks here.", "The strong one speaks here."
        yield small, strong


@pytest.fixture
async def ladder(fakes: tuple[ChatFake, ChatFake]) -> AsyncIterator[Ladder]:
    small, strong = (
        OpenAIMind(fake.url, model="m", name=name, limits=QUICK)
        for fake, name in zip(fakes, ("small", "strong"), strict=True)
    )
    ladder = Ladder([small], [strong], OfflineMind())
    await ladder.prepare()
    yield ladder
    await ladder.aclose()


async def listen(ladder: Ladder, question: str) -> tuple[str, Usage, list[Step]]:
    steps: list[Step] = []
    prompt = Prompt(question, excerpts=(Excerpt("Guide", "The port is 8000.", "g", 0.4),), announce=steps.append)
    items = [item async for item in ladder.answer(prompt)]
    assert isinstance(items[-1], Usage)
    return "".join(item.text for item in items if isinstance(item, Token)), items[-1], steps


async def test_each_rung(fakes: tuple[ChatFake, ChatFake], ladder: Ladder) -> None:
    text, usage, steps = await listen(ladder, EASY)
    assert (text, steps) == (fakes[0].answer, [])
    assert usage.choice.startswith("small: ")
    text, usage, _ = await listen(ladder, HARD)
    assert text == fakes[1].answer
    assert usage.choice.startswith("strong: ")
    _, usage, _ = await listen(ladder, "Hello, how are you?")
    assert usage.model == "offline"
    assert usage.choice.startswith("canned: ")
    assert len(fakes[0].requests) == len(fakes[1].requests) == 1


async def test_the_budget_is_kept_also_when_a_model_fails(fakes: tuple[ChatFake, ChatFake], ladder: Ladder) -> None:
    fakes[0].fail = "500"
    for prompt in (Prompt(HARD, most="small"), Prompt(EASY, most="canned")):
        items = [item async for item in ladder.answer(prompt)]
        assert isinstance(items[-1], Usage)
        assert items[-1].model == "offline"
    assert fakes[1].requests == []


@pytest.mark.parametrize("kind", ["429", "500", "401", "silent", "context"])
async def test_who_fails_at_once_gives_way(fakes: tuple[ChatFake, ChatFake], ladder: Ladder, kind: str) -> None:
    fakes[0].failures.append(Failure(kind, retry_after=9))  # type: ignore[arg-type]
    text, _, steps = await listen(ladder, EASY)
    assert text == fakes[1].answer
    assert [(step.from_, step.to) for step in steps] == [("small", "strong")]
    assert steps[0].reason
    if kind != "context":  # a question that was too long says nothing about the model
        assert ladder.breakers["small"].state == "open"
        await listen(ladder, EASY)
        assert len(fakes[0].requests) == 1
    else:
        assert ladder.breakers["small"].state == "closed"


@pytest.mark.parametrize("kind", ["stall", "cut", "content_filter"])
async def test_who_breaks_off_is_continued_without_repeating(
    fakes: tuple[ChatFake, ChatFake], ladder: Ladder, kind: str
) -> None:
    fakes[0].answer = "The port that the server uses is eight thousand by default."
    fakes[0].failures.append(Failure(kind, after=6))  # type: ignore[arg-type]
    fakes[1].answer = fakes[0].answer
    text, _, steps = await listen(ladder, EASY)
    assert text == fakes[0].answer
    assert [(step.from_, step.to) for step in steps] == [("small", "strong")]
    messages = fakes[1].requests[-1].body["messages"]
    assert messages[-2] == {"role": "assistant", "content": "The port that the server uses"}


async def test_all_models_gone_the_offline_mind_answers(fakes: tuple[ChatFake, ChatFake], ladder: Ladder) -> None:
    fakes[0].fail = fakes[1].fail = "500"
    text, usage, steps = await listen(ladder, EASY)
    assert "The port is 8000." in text
    assert usage.model == "offline"
    assert steps[-1].to == "offline"
    assert ladder.counts["small", "small", "broken"] == 1


async def test_all_models_gone_in_the_middle(fakes: tuple[ChatFake, ChatFake], ladder: Ladder) -> None:
    fakes[0].failures.append(Failure("cut", after=2))
    fakes[1].fail = "500"
    text, _, _ = await listen(ladder, EASY)
    assert text == f"The small {LOST}"


def test_models_need_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="name of its own"):
        Ladder([OpenAIMind("http://a/v1")], [OpenAIMind("http://b/v1")], OfflineMind())


async def test_the_only_model_is_asked_once_more(fakes: tuple[ChatFake, ChatFake]) -> None:
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    mind = OpenAIMind(fakes[0].url, model="m", name="only", limits=QUICK)
    ladder = Ladder([mind], [mind], OfflineMind(), pause=pause)
    fakes[0].failures.append(Failure("500"))
    text, _, steps = await listen(ladder, EASY)
    assert text == fakes[0].answer
    assert steps == []
    assert len(waits) == 1
    assert 0.1 < waits[0] < 0.5
    await ladder.aclose()


async def test_a_model_that_cannot_be_prepared_is_set_aside(fakes: tuple[ChatFake, ChatFake]) -> None:
    gone = OpenAIMind("http://127.0.0.1:9/v1", model="m", name="gone", limits=QUICK)
    well = OpenAIMind(fakes[1].url, model="m", name="well", limits=QUICK)
    ladder = Ladder([gone], [well], OfflineMind())
    await ladder.prepare()
    text, _, steps = await listen(ladder, EASY)
    assert text == fakes[1].answer
    assert [(step.from_, step.to) for step in steps] == [("gone", "well")]
    await ladder.aclose()


async def test_closing_closes_the_stream(fakes: tuple[ChatFake, ChatFake], ladder: Ladder) -> None:
    fakes[0].answer, fakes[0].rate = "word " * 300, 50.0
    answer = ladder.answer(Prompt(EASY))
    await anext(answer)
    await answer.aclose()  # type: ignore[attr-defined]
    assert ladder.breakers["small"].state == "closed"
    import asyncio

    await asyncio.sleep(0.1)
    assert fakes[0].requests[-1].outcome == "closed"


def go_on(said: str, pieces: list[str]) -> str:
    filter_ = GoingOn(said)
    return "".join(filter_.feed(piece) for piece in pieces) + filter_.flush()


@pytest.mark.parametrize(
    ("said", "new", "heard"),
    [
        ("One two three", "four five six.", " four five six."),
        ("One two three", "One two three four five.", " four five."),
        ("One two three", "two three four five.", " four five."),
        ("One two three, ", "and then four.", "and then four."),
        ("It is so", "It was not.", " It was not."),
        ("", "Hello there.", "Hello there."),
        ("One two three four", "One two three four", ""),
    ],
)
def test_nothing_is_said_twice(said: str, new: str, heard: str) -> None:
    words = [word + " " for word in new.split(" ")]
    words[-1] = words[-1][:-1]
    assert go_on(said, words) == heard
    assert go_on(said, list(new)) == heard
    assert go_on(said, [new]) == heard


@given(
    st.lists(st.sampled_from(["a1", "b2", "c3", "d4", "e5", "f6"]), min_size=3, max_size=30, unique=False), st.data()
)
def test_a_new_start_is_cut_where_it_was_left(words: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(3, len(words)))
    said, whole = " ".join(words[:cut]), " ".join(words)
    assert (said + go_on(said, [word + " " for word in words])).split() == whole.split()
