import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web

from backend.fallback import EngineError
from backend.thinking import Prompt, Token, Usage
from backend.thinking import tools as module
from backend.thinking.openai import OpenAIMind
from backend.thinking.tools import Call, Tool, Tools, asker, clock, searcher
from tests.fakes.chat import ChatFake

Wanted = list[tuple[str, str]]


class CallingFake(ChatFake):
    """A model that calls tools before it answers, and answers with what they gave."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[Wanted] = []
        """Calls (name, arguments) of the next rounds."""
        self.bodies: list[dict[str, Any]] = []
        self.refuses = False

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        if self.refuses and "tools" in body:
            return web.json_response({"error": {"message": "this model does not support tools"}}, status=400)
        if not self.wanted or "tools" not in body:
            results = [message["content"] for message in body["messages"] if message["role"] == "tool"]
            self.answer = f"So it is: {' and '.join(results)}" if results else "No tool."
            return await super()._chat(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)

        async def send(delta: dict[str, Any], finish: str | None = None) -> None:
            chunk = {"id": "x", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())

        for index, (name, arguments) in enumerate(self.wanted.pop(0)):
            await send(
                {"tool_calls": [{"index": index, "id": f"c{index}", "function": {"name": name, "arguments": ""}}]}
            )
            for letter in arguments:  # arguments arrive in pieces
                await send({"tool_calls": [{"index": index, "function": {"arguments": letter}}]})
        await send({}, "tool_calls")
        usage = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
        last = json.dumps({"id": "x", "choices": [], "usage": usage})
        await response.write(f"data: {last}\n\ndata: [DONE]\n\n".encode())
        return response


@pytest.fixture
async def fake() -> AsyncIterator[CallingFake]:
    async with CallingFake() as fake:
        yield fake


async def look(question: str) -> list[tuple[str, str]]:
    return [("Guide", f"about {question}")]


async def ask(fake: CallingFake, tools: Tools) -> tuple[str, Usage]:
    mind = OpenAIMind(fake.url, model="m", tools=tools)
    items = [item async for item in mind.answer(Prompt("What now?"))]
    await mind.aclose()
    assert isinstance(items[-1], Usage)
    return "".join(item.text for item in items if isinstance(item, Token)), items[-1]


REGISTRY = Tools([clock(lambda: datetime(2026, 3, 5, 14, 7)), searcher(look)])


async def test_tools_are_called_and_their_results_told(fake: CallingFake) -> None:
    fake.wanted = [[("current_time", "{}"), ("search_documents", '{"question": "E42"}')]]
    text, usage = await ask(fake, REGISTRY)
    assert text == "Let me look that up. So it is: Thursday, 05 March 2026, 14:07 and Guide:\nabout E42"
    assert [message["role"] for message in fake.bodies[-1]["messages"]][-3:] == ["assistant", "tool", "tool"]
    assert usage.prompt_tokens > 10
    assert usage.completion_tokens > 3


async def test_a_model_that_only_calls_has_to_answer_in_the_end(fake: CallingFake) -> None:
    fake.wanted = [[("current_time", "{}")]] * 9
    text, _ = await ask(fake, REGISTRY)
    assert text.startswith("So it is: Thursday")
    assert len(fake.bodies) == 3
    assert "tools" not in fake.bodies[-1]


async def test_a_model_without_tools_answers_without(fake: CallingFake) -> None:
    fake.refuses = True
    assert (await ask(fake, REGISTRY))[0] == "No tool."


async def test_no_tools_none_offered(fake: CallingFake) -> None:
    await ask(fake, Tools())
    assert "tools" not in fake.bodies[-1]


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (Call("1", "rm", "{}"), "There is no tool rm."),
        (Call("1", "search_documents", "{bad"), "The arguments must be a JSON object."),
        (Call("1", "search_documents", "[1]"), "The arguments must be a JSON object."),
        (Call("1", "search_documents", "{}"), "Say what to look for."),
    ],
)
async def test_wrong_calls_are_answered(call: Call, result: str) -> None:
    assert await REGISTRY.run(call) == result


async def test_failures_are_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_MOST", 0.05)

    async def slow(_: Any) -> str:
        await asyncio.sleep(5)
        return ""

    async def broken(_: Any) -> str:
        raise RuntimeError("a secret detail")

    async def away(_: str) -> str:
        raise EngineError("The warehouse is asleep.")

    async def long(_: Any) -> str:
        return "x" * 100_000

    tools = Tools([Tool("slow", "", slow), Tool("broken", "", broken), asker(away), Tool("long", "", long)])
    assert await tools.run(Call("1", "slow")) == "It took too long."
    assert await tools.run(Call("1", "broken")) == "It failed."
    assert await tools.run(Call("1", "ask_data", '{"question": "x"}')) == "The warehouse is asleep."
    assert len(await tools.run(Call("1", "long"))) == module.RESULT_MOST
