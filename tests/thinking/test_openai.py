import asyncio
from collections.abc import AsyncIterator

import pytest

from backend.fallback import EngineError
from backend.thinking import Mind, Prompt, Token, Usage
from backend.thinking.connection import Limits
from backend.thinking.openai import OpenAIMind
from tests.fakes.chat import ChatFake, Failure

QUICK = Limits(connect=2.0, first_token=2.0, stall=1.0, queue=0.5)


@pytest.fixture
async def chat() -> AsyncIterator[ChatFake]:
    async with ChatFake() as chat:
        yield chat


@pytest.fixture
async def mind(chat: ChatFake) -> AsyncIterator[OpenAIMind]:
    mind = OpenAIMind(chat.url, "sk-very-secret", limits=QUICK)
    await mind.prepare()
    yield mind
    await mind.aclose()


async def listen(mind: Mind, question: str = "Say it.", max_tokens: int = 220) -> tuple[str, Usage]:
    items = [item async for item in mind.answer(Prompt(question, max_tokens=max_tokens))]
    assert isinstance(items[-1], Usage)
    return "".join(item.text for item in items if isinstance(item, Token)), items[-1]


async def collect(mind: Mind, heard: list[Token | Usage]) -> None:
    async for item in mind.answer(Prompt("?")):
        heard.append(item)


async def test_streams_and_tells_the_usage(chat: ChatFake, mind: OpenAIMind) -> None:
    chat.answer = "One two three four."
    text, usage = await listen(mind)
    assert text == chat.answer
    assert usage == Usage("fake-small", chat.requests[-1].prompt_tokens, 4)
    assert not usage.estimated
    body = chat.requests[-1].body
    assert body["max_tokens"] == 220
    assert body["stream"] is True
    assert body["messages"][0]["role"] == "system"
    assert body["messages"][-1]["content"] == "Say it."


async def test_tokens_come_as_they_are_made(chat: ChatFake, mind: OpenAIMind) -> None:
    chat.answer, chat.rate = "a b c d e f g h", 20.0
    loop = asyncio.get_running_loop()
    times = [loop.time() async for item in mind.answer(Prompt("?")) if isinstance(item, Token)]
    assert len(times) == 8
    assert times[-1] - times[0] > 0.25


@pytest.mark.parametrize(
    ("failure", "kind", "said"),
    [
        (Failure("429", retry_after=7), "busy", ""),
        (Failure("500"), "broken", ""),
        (Failure("401"), "auth", "OPENAI_API_KEY"),
        (Failure("silent"), "slow", ""),
        (Failure("stall", after=2), "stalled", ""),
        (Failure("stall", after=0), "slow", ""),
        (Failure("cut", after=2), "cut", ""),
        (Failure("content_filter", after=2), "filtered", ""),
        (Failure("context"), "too_long", ""),
    ],
)
async def test_every_failure_is_told_plainly(
    chat: ChatFake, mind: OpenAIMind, failure: Failure, kind: str, said: str
) -> None:
    chat.failures.append(failure)
    chat.answer = "one two three four"
    heard: list[Token | Usage] = []
    with pytest.raises(EngineError) as caught:
        await collect(mind, heard)
    assert getattr(caught.value, "kind", None) == kind
    assert "secret" not in caught.value.reason + caught.value.remedy
    assert said in caught.value.remedy
    assert len(heard) == (failure.after if failure.kind in ("stall", "cut", "content_filter") else 0)
    if failure.kind == "429":
        assert caught.value.retry_after == 7
    # The next answer comes over the same mind.
    assert (await listen(mind))[0] == chat.answer
    assert chat.open == 0


async def test_nothing_is_asked_twice(chat: ChatFake, mind: OpenAIMind) -> None:
    chat.failures.append(Failure("500"))
    with pytest.raises(EngineError):
        await listen(mind)
    assert len(chat.requests) == 1


async def test_closing_stops_the_server(chat: ChatFake, mind: OpenAIMind) -> None:
    chat.answer, chat.rate = "word " * 500, 50.0
    answer = mind.answer(Prompt("?"))
    await anext(answer)
    await answer.aclose()  # type: ignore[attr-defined]
    for _ in range(50):
        if chat.requests[-1].outcome == "closed":
            break
        await asyncio.sleep(0.01)
    assert chat.requests[-1].outcome == "closed"
    assert chat.requests[-1].completion_tokens < 50


async def test_cancelling_stops_the_server(chat: ChatFake, mind: OpenAIMind) -> None:
    chat.answer, chat.rate = "word " * 500, 50.0
    task = asyncio.create_task(listen(mind))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.1)
    assert chat.requests[-1].outcome == "closed"
    assert chat.open == 0


async def test_nobody_there() -> None:
    mind = OpenAIMind("http://127.0.0.1:9/v1", limits=QUICK)
    for ask in (mind.prepare(), listen(mind)):
        with pytest.raises(EngineError) as caught:
            await ask
        assert "OPENAI_BASE_URL" in caught.value.remedy
    await mind.aclose()


async def test_too_many_at_once_are_told_so(chat: ChatFake) -> None:
    chat.answer, chat.rate = "word " * 20, 30.0
    mind = OpenAIMind(chat.url, model="m", limits=Limits(parallel=2, queue=0.2))
    await mind.prepare()
    results = await asyncio.gather(*(listen(mind) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(result, EngineError) for result in results) == 1
    await mind.aclose()


async def test_the_loop_is_not_blocked(chat: ChatFake) -> None:
    """Also not by the first use, in a process of its own, where the library is not imported yet."""
    code = (
        "import asyncio, sys, time\n"
        "from backend.thinking import Prompt\n"
        "from backend.thinking.openai import OpenAIMind\n"
        "assert 'openai' not in sys.modules\n"
        "async def main():\n"
        "    worst = 0.0\n"
        "    async def watch():\n"
        "        nonlocal worst\n"
        "        while True:\n"
        "            before = time.thread_time()\n"
        "            await asyncio.sleep(0.005)\n"
        "            worst = max(worst, time.thread_time() - before)\n"
        "    watcher = asyncio.create_task(watch())\n"
        f"    mind = OpenAIMind({chat.url!r})\n"
        "    async for item in mind.answer(Prompt('hello there')): pass\n"
        "    watcher.cancel()\n"
        "    print(worst / (time.process_time() - time.thread_time()))\n"
        "asyncio.run(main())\n"
    )
    import sys

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    # What the loop's thread did at most between two looks, beside what the threads did that loaded the library.
    assert float(out) < 0.25
