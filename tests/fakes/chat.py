"""A local OpenAI-compatible server: streamed chat completions, models, embeddings.

`async with ChatFake() as chat: ... chat.url`, or `python -m tests.fakes.chat --port 8766` beside a benchmark.
"""

import asyncio
import hashlib
import json
import re
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Literal

from aiohttp import web

from tests.fakes.host import Fake, main

_TOKEN = re.compile(r"\s*\S+|\s+$")

Kind = Literal["429", "500", "503", "401", "silent", "stall", "cut", "garbage", "content_filter", "context"]
"""How a request can fail.

429 (with Retry-After), 500, 503, 401 and `context` (the prompt is too long) answer with OpenAI's error object.
`silent` never answers. `stall` stops streaming and holds the connection, `cut` breaks it, `garbage` streams what is no
JSON, `content_filter` ends the answer with that finish reason: the latter four after `Failure.after` tokens.
"""

_ERRORS: dict[str, tuple[int, str, str, str]] = {
    "429": (429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached."),
    "500": (500, "server_error", "internal_error", "The server had an error."),
    "503": (503, "server_error", "overloaded", "The server is overloaded."),
    "401": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    "context": (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens.",
    ),
}


@dataclass(frozen=True, slots=True)
class Failure:
    kind: Kind
    after: int = 0
    retry_after: float = 1.0


@dataclass(slots=True)
class Request:
    """What was asked and what it cost. Times are seconds of `time.monotonic`, the same in all processes.

    A token is billed when it was sent, as a provider does that notices a closed connection at once.
    """

    at: float
    path: str
    body: dict[str, Any]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    first_token_at: float | None = None
    ended_at: float | None = None
    outcome: str = "open"
    """"done", "closed" (by the client, before its end) or the kind of failure."""


def tokens(text: str) -> list[str]:
    """Words with the blanks before them: exact to count, close enough to a tokenizer's."""
    return _TOKEN.findall(text)


class ChatFake(Fake):
    """An OpenAI-compatible service on this machine."""

    path = "/v1"

    def __init__(
        self,
        port: int = 0,
        *,
        first_token: float = 0.0,
        rate: float = 1000.0,
        fail: Kind | None = None,
        dimensions: float = 64,
    ) -> None:
        super().__init__(port)
        self.first_token = first_token
        """Seconds from the request to the first token."""
        self.rate = rate
        """Tokens per second."""
        self.fail: Kind | None = fail
        """How every request fails from now on."""
        self.failures: deque[Failure | None] = deque()
        """How the next requests fail, one each (None: not at all), before `fail` counts."""
        self.answers: deque[str] = deque()
        """What the next requests are answered, one each."""
        self.answer = ""
        """What every other request is answered; empty echoes the user's last message."""
        self.dimensions = dimensions
        self.models = ["fake-small", "fake-large"]
        self.requests: list[Request] = []
        self.open = 0
        """Answers streaming now."""

    def set(self, **settings: Any) -> None:
        if "answers" in settings:
            settings["answers"] = deque(settings["answers"])
        super().set(**settings)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/chat/completions", self._chat),
            web.post("/v1/embeddings", self._embed),
            web.get("/v1/models", self._models),
        ]

    def log(self) -> list[dict[str, Any]]:
        return [asdict(request) for request in self.requests]

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        record = Request(time.monotonic(), "/v1/chat/completions", await request.json())
        self.requests.append(record)
        failure = self.failures.popleft() if self.failures else self.fail and Failure(self.fail)
        self.open += 1
        try:
            return await _Answer(self, request, record, failure or None).run()
        except (asyncio.CancelledError, ConnectionError):
            if record.outcome in {"open", "stall", "silent"}:
                record.outcome = "closed"
            raise
        finally:
            self.open -= 1
            record.ended_at = time.monotonic()

    async def _models(self, _: web.Request) -> web.Response:
        models = [{"id": name, "object": "model", "created": 0, "owned_by": "fake"} for name in self.models]
        return web.json_response({"object": "list", "data": models})

    async def _embed(self, request: web.Request) -> web.Response:
        """A bag of hashed words, so that texts with the same words are near each other."""
        body = await request.json()
        record = Request(time.monotonic(), "/v1/embeddings", body)
        self.requests.append(record)
        failure = self.failures.popleft() if self.failures else self.fail and Failure(self.fail)
        if failure and failure.kind in _ERRORS:
            record.outcome, record.ended_at = failure.kind, time.monotonic()
            return _refuse(failure)
        await asyncio.sleep(self.first_token)
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        record.prompt_tokens = sum(len(tokens(text)) for text in texts)
        record.outcome, record.ended_at = "done", time.monotonic()
        size = int(body.get("dimensions") or self.dimensions)
        data = [
            {"object": "embedding", "index": index, "embedding": _vector(text, size)}
            for index, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": record.prompt_tokens, "total_tokens": record.prompt_tokens}
        return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})


@dataclass(slots=True)
class _Answer:
    """One answer over one connection."""

    fake: ChatFake
    request: web.Request
    record: Request
    failure: Failure | None

    async def run(self) -> web.StreamResponse:
        record, fake = self.record, self.fake
        kind = self.failure.kind if self.failure else None
        if self.failure and kind in _ERRORS:
            record.outcome = self.failure.kind
            return _refuse(self.failure)
        if kind == "silent":
            record.outcome = "silent"
            await asyncio.Event().wait()
        messages = record.body["messages"]
        record.prompt_tokens = sum(len(tokens(_text(message))) for message in messages)
        last = next((_text(m) for m in reversed(messages) if m["role"] == "user"), "")
        text = fake.answers.popleft() if fake.answers else fake.answer or last
        pieces = tokens(text)
        limit = record.body.get("max_completion_tokens") or record.body.get("max_tokens") or len(pieces)
        finish = "stop" if len(pieces) <= limit else "length"
        pieces = pieces[:limit]
        if not record.body.get("stream"):
            return await self._whole(pieces, finish)
        return await self._stream(pieces, finish)

    async def _whole(self, pieces: list[str], finish: str) -> web.Response:
        await asyncio.sleep(self.fake.first_token + len(pieces) / self.fake.rate)
        self.record.completion_tokens = len(pieces)
        self.record.outcome = "done"
        message = {"role": "assistant", "content": "".join(pieces)}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return web.json_response(self._object("chat.completion", [choice], self._usage()))

    async def _stream(self, pieces: list[str], finish: str) -> web.StreamResponse:
        record = self.record
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(self.request)
        await asyncio.sleep(max(0.0, record.at + self.fake.first_token - time.monotonic()))
        begin = record.first_token_at = time.monotonic()
        delta: dict[str, str] = {"role": "assistant", "content": ""}
        await self._send(response, delta)
        for index, piece in enumerate(pieces):
            if self.failure and index >= self.failure.after:
                break
            await self._send(response, {"content": piece})
            record.completion_tokens += 1
            ahead = begin + (index + 1) / self.fake.rate - time.monotonic()
            if ahead > 0.001:
                await asyncio.sleep(ahead)
        if self.failure:
            record.outcome = self.failure.kind
            match self.failure.kind:
                case "stall":
                    await asyncio.Event().wait()
                case "cut":
                    assert self.request.transport is not None
                    self.request.transport.abort()
                    return response
                case "garbage":
                    for _ in range(20):
                        await response.write(b"data: {\xff\xfe not json\n\n")
                    return response
                case "content_filter":
                    finish = "content_filter"
        else:
            record.outcome = "done"
        await self._send(response, {}, finish)
        if (record.body.get("stream_options") or {}).get("include_usage"):
            await self._write(response, self._object("chat.completion.chunk", [], self._usage()))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    async def _send(self, response: web.StreamResponse, delta: dict[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        await self._write(response, self._object("chat.completion.chunk", [choice]))

    async def _write(self, response: web.StreamResponse, chunk: dict[str, Any]) -> None:
        await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    def _object(self, kind: str, choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> dict[str, Any]:
        whole = {
            "id": f"chatcmpl-{id(self.record):x}",
            "object": kind,
            "created": int(time.time()),
            "model": self.record.body["model"],
            "choices": choices,
        }
        return whole if usage is None else {**whole, "usage": usage}

    def _usage(self) -> dict[str, Any]:
        record = self.record
        return {
            "prompt_tokens": record.prompt_tokens,
            "completion_tokens": record.completion_tokens,
            "total_tokens": record.prompt_tokens + record.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        }


def _refuse(failure: Failure) -> web.Response:
    status, kind, code, message = _ERRORS[failure.kind]
    headers = {"Retry-After": f"{failure.retry_after:g}"} if failure.kind == "429" else {}
    error = {"message": message, "type": kind, "param": None, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


def _vector(text: str, size: int) -> list[float]:
    vector = [0.0] * size
    for word in re.findall(r"\w+", text.lower()):
        digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        vector[int.from_bytes(digest[:4], "big") % size] += 1.0 if digest[4] & 1 else -1.0
    length = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / length for value in vector]


if __name__ == "__main__":
    main(ChatFake(), "first_token", "rate", "dimensions")
