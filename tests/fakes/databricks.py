"""A local Databricks workspace: sign-in, serving endpoints with prices, odd streams, AI Gateway, AI Search.

`async with DatabricksFake() as workspace: ... workspace.url`. Set `DATABRICKS_HOST` to `workspace.url`.
"""

import asyncio
import base64
import json
import time
from typing import Any, Literal

from aiohttp import web

from tests.fakes.chat import ChatFake, Request, tokens

Shape = Literal["plain", "blocks", "cumulative", "no_usage", "no_finish"]
"""How a model streams: its content as a list of blocks, its usage repeated and growing in every chunk, ..."""

CHAT = "/chat/completions"
SERVING, GATEWAY = "/serving-endpoints", "/ai-gateway/mlflow/v1"


class DatabricksFake(ChatFake):
    """One workspace on this machine."""

    path = ""

    def __init__(self, port: int = 0, **options: Any) -> None:
        super().__init__(port, **options)
        self.tokens = {"dapi-good": "user@example.com"}
        """Tokens that are let in, and whose they are."""
        self.principals = {"client-id": "client-secret"}
        self.token_lifetime = 3600
        self.token_delay = 0.0
        """Seconds that the token endpoint takes."""
        self.issued = 0
        self.models = ["databricks-small", "databricks-strong"]
        self.shapes: dict[str, Shape] = {}
        self.denied: set[str] = set()
        """Models that are READY and yet answer 403 with a rate limit of 0."""
        self.cool: set[str] = set()
        """Models that refuse `temperature`."""
        self.throttled = 0
        """So many next requests are throttled."""
        self.gateway_only = False
        self.callers: list[str] = []
        """Whose token each model request carried."""
        self.index: list[dict[str, Any]] = []
        """The rows of the AI Search index: column values, and `score`."""
        self.queries: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/.well-known/databricks-config", self._discover),
            web.get("/oidc/.well-known/oauth-authorization-server", self._oidc),
            web.post("/oidc/v1/token", self._token),
            web.get("/api/2.0/serving-endpoints", self._endpoints),
            web.post(SERVING + CHAT, self._serve),
            web.post(GATEWAY + CHAT, self._serve),
            web.post(SERVING + "/embeddings", self._embeddings),
            web.post(GATEWAY + "/embeddings", self._embeddings),
            web.post("/api/2.0/vector-search/indexes/{index}/query", self._search),
        ]

    async def _discover(self, _: web.Request) -> web.Response:
        return web.json_response({"oidc_endpoint": f"{self.url}/oidc", "workspace_id": "1"})

    async def _oidc(self, _: web.Request) -> web.Response:
        root = f"{self.url}/oidc"
        return web.json_response(
            {"issuer": root, "token_endpoint": f"{root}/v1/token", "authorization_endpoint": f"{root}/v1/authorize"}
        )

    async def _token(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.token_delay)
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        user, _, secret = base64.b64decode(value).decode().partition(":") if scheme == "Basic" else ("", "", "")
        form = await request.post()
        if self.principals.get(user) != secret or form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "invalid_client", "error_description": "bad secret"}, status=401)
        self.issued += 1
        token = f"oauth-{self.issued}"
        self.tokens[token] = user
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": self.token_lifetime})

    def _refused(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return _error(401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type.")
        self.callers.append(self.tokens[token])
        return None

    async def _endpoints(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        rows = [
            {
                "name": name,
                "task": "llm/v1/chat",
                "state": {"ready": "READY"},
                "config": {
                    "served_entities": [
                        {"foundation_model": {"name": name, "input_price": "7.143", "price": "21.429"}},
                    ]
                },
            }
            for name in self.models
        ]
        return web.json_response({"endpoints": [*rows, {"name": "mine", "task": "llm/v1/embeddings", "state": {}}]})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self._refused(request) or self._unfit(request, body):
            self.requests.append(Request(time.monotonic(), request.path, body, outcome=str(refused.status)))
            return refused
        shape = self.shapes.get(body["model"], "plain")
        if shape == "plain" or not body.get("stream"):
            return await self._chat(request)
        record = Request(time.monotonic(), request.path, body)
        self.requests.append(record)
        return await self._odd(request, record, shape)

    def _unfit(self, request: web.Request, body: dict[str, Any]) -> web.Response | None:
        model = str(body["model"])
        if request.path.startswith(SERVING) and self.gateway_only:
            return _error(501, "NOT_IMPLEMENTED", "Use the Unity AI Gateway with system.ai models.")
        known = set(self.models) | {f"system.ai.{n.removeprefix('databricks-')}" for n in self.models}
        if model not in known:
            return _error(404, "RESOURCE_DOES_NOT_EXIST", f"The endpoint {model} does not exist.")
        if model in self.denied:
            return _error(403, "PERMISSION_DENIED", f"{model}: rate limit of 0 is set for this endpoint.")
        if self.throttled:
            self.throttled -= 1
            return _error(429, "REQUEST_LIMIT_EXCEEDED", "Exceeded workspace input tokens per minute.")
        if model in self.cool and "temperature" in body:
            return _error(400, "BAD_REQUEST", "temperature is not supported by this model")
        return None

    async def _odd(self, request: web.Request, record: Request, shape: Shape) -> web.StreamResponse:
        """Stream the answer in one of the shapes that real endpoints use."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        record.prompt_tokens = sum(len(tokens(str(message["content"]))) for message in record.body["messages"])

        async def send(content: Any, finish: str | None = None) -> None:
            chunk: dict[str, Any] = {
                "id": "x",
                "object": "chat.completion.chunk",
                "created": 0,
                "model": record.body["model"],
                "choices": [{"index": 0, "delta": {"role": "assistant", "content": content}, "finish_reason": finish}],
            }
            if shape == "cumulative":
                chunk["usage"] = self._so_far(record)
            await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")

        if shape == "blocks":
            await send([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "hidden thought"}]}])
        for piece in tokens(self.answer or "ok"):
            record.completion_tokens += 1
            await send([{"type": "text", "text": piece}] if shape == "blocks" else piece)
        if shape != "no_finish":
            await send("", "stop")
            await response.write(b"data: [DONE]\n\n")
        record.outcome = "done"
        return response

    def _so_far(self, record: Request) -> dict[str, Any]:
        total = record.prompt_tokens + record.completion_tokens
        return {
            "prompt_tokens": record.prompt_tokens,
            "completion_tokens": record.completion_tokens,
            "total_tokens": total,
        }

    async def _embeddings(self, request: web.Request) -> web.Response:
        return self._refused(request) or await self._embed(request)

    async def _search(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        body = await request.json()
        self.queries.append({"index": request.match_info["index"], **body})
        if self.throttled:
            self.throttled -= 1
            return _error(429, "REQUEST_LIMIT_EXCEEDED", "Too many queries.")
        threshold = float(body.get("score_threshold") or 0)
        rows = [row for row in self.index if row["score"] >= threshold][: int(body.get("num_results") or 10)]
        data = [[*(row.get(column) for column in body["columns"]), row["score"]] for row in rows]
        columns = [{"name": name} for name in [*body["columns"], "score"]]
        return web.json_response(
            {
                "manifest": {"column_count": len(columns), "columns": columns},
                "result": {"row_count": len(data), "data_array": data},
            }
        )


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error_code": code, "message": message}, status=status)
