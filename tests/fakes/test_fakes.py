"""The fakes themselves, asked by the clients that the real services are asked by."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from tests.fakes import chat, edge
from tests.fakes.host import process
from tests.fakes.speech import LEADING, TRAILING, speak

QUESTION = "one two three four five six"


async def ask(url: str, **options: Any) -> tuple[str, list[Any]]:
    """The answer's text, and every chunk."""
    client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=5)
    chunks = []
    try:
        stream = await client.chat.completions.create(
            model="fake-small",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
            stream_options={"include_usage": True},
            **options,
        )
        chunks = [chunk async for chunk in stream]
    finally:
        await client.close()
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    return text, chunks


@pytest.fixture
async def fake() -> AsyncIterator[chat.ChatFake]:
    async with chat.ChatFake() as server:
        yield server


async def test_chat_echoes_and_counts_its_tokens(fake: chat.ChatFake) -> None:
    text, chunks = await ask(fake.url)
    assert text == QUESTION
    usage = chunks[-1].usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (6, 6)
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (fake.requests[0].outcome, fake.requests[0].completion_tokens) == ("done", 6)


async def test_chat_follows_its_script_and_the_limit(fake: chat.ChatFake) -> None:
    fake.answers.extend(["a b c d", "second"])
    text, chunks = await ask(fake.url, max_tokens=2)
    assert text == "a b"
    assert chunks[-2].choices[0].finish_reason == "length"
    assert (await ask(fake.url))[0] == "second"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("401", openai.AuthenticationError),
        ("context", openai.BadRequestError),
        ("cut", openai.APIError),
    ],
)
async def test_chat_fails_as_told(fake: chat.ChatFake, kind: chat.Kind, error: type[Exception]) -> None:
    fake.failures.append(chat.Failure(kind, after=2, retry_after=7))
    with pytest.raises(error) as raised:
        await ask(fake.url)
    if isinstance(raised.value, openai.RateLimitError):
        assert raised.value.response.headers["retry-after"] == "7"
    assert fake.requests[0].outcome == kind
    assert (await ask(fake.url))[0] == QUESTION, "the next one is well again"


async def test_chat_filters(fake: chat.ChatFake) -> None:
    fake.failures.append(chat.Failure("content_filter", after=2))
    text, chunks = await ask(fake.url)
    assert text == "one two"
    assert chunks[-2].choices[0].finish_reason == "content_filter"


@pytest.mark.parametrize(("kind", "billed"), [("stall", 2), ("silent", 0)])
async def test_chat_notices_who_left(fake: chat.ChatFake, kind: chat.Kind, billed: int) -> None:
    fake.failures.append(chat.Failure(kind, after=2))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await ask(fake.url)
    async with asyncio.timeout(5):
        while fake.open:
            await asyncio.sleep(0.01)
    assert (fake.requests[0].outcome, fake.requests[0].completion_tokens) == ("closed", billed)


async def test_chat_paces_its_tokens(fake: chat.ChatFake) -> None:
    fake.first_token, fake.rate = 0.1, 40.0
    await ask(fake.url)
    record = fake.requests[0]
    assert record.first_token_at is not None
    assert record.ended_at is not None
    assert record.first_token_at - record.at >= 0.1
    assert record.ended_at - record.first_token_at >= 5 / 40


async def test_embeddings_of_like_texts_are_near(fake: chat.ChatFake) -> None:
    client = AsyncOpenAI(base_url=fake.url, api_key="none")
    texts = ["open the port", "the open port", "cats and dogs"]
    answer = await client.embeddings.create(model="e", input=texts, encoding_format="float")
    names = [model.id async for model in client.models.list()]
    await client.close()
    one, two, three = (item.embedding for item in answer.data)
    assert sum(a * b for a, b in zip(one, two, strict=True)) == pytest.approx(1.0)
    assert sum(a * b for a, b in zip(one, three, strict=True)) < 0.5
    assert names == ["fake-small", "fake-large"]


def test_speech_has_its_silences_and_its_words_inside() -> None:
    speech = speak("Hello there, it's 23.")
    assert [word.text for word in speech.words] == ["Hello", "there", "it's", "23"]
    assert speech.words[0].start == pytest.approx(LEADING, abs=0.02)
    assert speech.words[-1].end == pytest.approx(speech.seconds - TRAILING, abs=0.02)
    assert not speech.sound[: round(0.09 * 24_000)].any()
    assert speak("Hello there, it's 23.") is speech
    assert speak("...").mp3 == b""


async def test_edge_talks_to_edge_tts_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import edge_tts.communicate

    async with edge.EdgeFake() as fake:
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", fake.url)
        sentence = [m async for m in edge_tts.Communicate("Hello there.").stream()]
        words = [m async for m in edge_tts.Communicate("Hello there.", boundary="WordBoundary").stream()]
    assert [m["text"] for m in sentence if m["type"] == "SentenceBoundary"] == ["Hello there."]
    assert [m["text"] for m in words if m["type"] == "WordBoundary"] == ["Hello", "there"]
    audio = b"".join(m["data"] for m in words if m["type"] == "audio")
    assert audio == fake.truth["Hello there."].mp3
    assert len(audio) % 144 == 0
    assert [request.outcome for request in fake.requests] == ["done", "done"]


@pytest.mark.parametrize("module", ["tests.fakes.edge", "tests.fakes.chat"])
async def test_a_fake_runs_as_a_process_and_is_steered_from_outside(module: str) -> None:
    async with process(module) as remote:
        assert remote.url.startswith(("ws://127.0.0.1:", "http://127.0.0.1:"))
        await remote.set(fail="500" if "chat" in module else "503")
        if "chat" in module:
            with pytest.raises(openai.InternalServerError):
                await ask(remote.url)
        else:
            from backend.fallback import EngineError
            from backend.speaking import Style
            from backend.speaking.edge import EdgeVoice

            with pytest.raises(EngineError, match="too busy"):
                await anext(EdgeVoice(remote.url).say("Hi", Style()))
        log = await remote.log()
    assert log[0]["outcome"] in {"500", "503"}
