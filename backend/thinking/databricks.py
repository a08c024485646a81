"""Databricks Foundation Model APIs, by the token, over a workspace's own sign-in."""

import asyncio
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from backend.fallback import EngineError
from backend.thinking.connection import Connection, Limits
from backend.thinking.errors import MindError, Names
from backend.thinking.openai import OpenAIMind
from backend.thinking.prompt import Prompter
from backend.thinking.tools import Tools
from backend.thinking.workspace import Workspace, auth_of

Style = Literal["serving", "gateway"]
PATHS: dict[Style, str] = {"serving": "/serving-endpoints", "gateway": "/ai-gateway/mlflow/v1"}
DOLLARS_PER_DBU = 0.07
"""List price of a model-serving DBU in the US (2026-11): prices come in DBU per million tokens."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that the workspace serves, with its list price in dollars per million tokens where it is told."""

    model: str
    ready: bool
    input_price: float | None = None
    output_price: float | None = None


class DatabricksMind(OpenAIMind):
    """`Mind` over a model of a workspace: "databricks-llama-4-maverick" or "system.ai.llama-4-maverick".

    Minds of the same workspace share one *connection* (`connect`). A workspace that insists on its AI Gateway
    (501 at the older address) is asked there from then on.
    """

    def __init__(
        self,
        workspace: Workspace,
        model: str,
        *,
        style: Style = "serving",
        name: str = "databricks",
        prompter: Callable[[], Prompter] = Prompter.of_file,
        temperature: float | None = 0.6,
        connection: Connection | None = None,
        tools: Tools | None = None,
    ) -> None:
        names = Names(key="the Databricks sign-in", address="DATABRICKS_HOST")
        connection = connection or connect(workspace)
        super().__init__(
            "",
            model=model,
            name=name,
            prompter=prompter,
            temperature=temperature,
            names=names,
            connection=connection,
            tools=tools,
        )
        self.style = style
        self._workspace = workspace

    @property
    def sent_model(self) -> str:
        """The model's name in the present style of address."""
        if self.style == "gateway" and self.model.startswith("databricks-"):
            return "system.ai." + self.model.removeprefix("databricks-")
        return self.model

    def on_behalf_of(self, token: str) -> Self:
        """This mind, asking as the person whose forwarded access *token* it is."""
        mind = copy.copy(self)
        mind._headers = {"Authorization": f"Bearer {token}"}
        return mind

    async def prepare(self) -> list[str]:
        """Sign in, open a connection, and see whether the model answers. Raises `EngineError`."""
        client = await self._ready()
        async with self._guarded(self._limits.first_token, "slow"):
            while True:
                try:
                    # One token: the only question whose answer shows that the model may be used.
                    await client.chat.completions.create(
                        model=self.sent_model, messages=[{"role": "user", "content": "Hi"}], max_tokens=1
                    )
                except Exception as error:
                    status = getattr(error, "status_code", 0)
                    if not self._adapt(status, str(error).lower()):
                        raise
                    client = await self._ready()
                else:
                    return [self.model]

    def _adapt(self, status: int, complaint: str) -> bool:
        if status == 501 and self.style == "serving":
            self.style, self._client = "gateway", None
            return True
        return super()._adapt(status, complaint)

    async def _address(self) -> str:
        return await self._workspace.host() + PATHS[self.style]


def connect(workspace: Workspace, limits: Limits | None = None) -> Connection:
    """Connections that are signed as *workspace*."""
    return Connection(limits, lambda: auth_of(workspace))


async def probe(minds: Sequence[DatabricksMind]) -> dict[str, EngineError]:
    """Ask every mind for one token, all at once. Returns why the ones that may not be used may not."""

    async def ask(mind: DatabricksMind) -> EngineError | None:
        try:
            await mind.prepare()
        except EngineError as error:
            return error
        return None

    found = await asyncio.gather(*map(ask, minds))
    return {mind.model: error for mind, error in zip(minds, found, strict=True) if error is not None}


async def offers(workspace: Workspace, connection: Connection) -> list[Offer]:
    """The chat models that the workspace serves. Raises `EngineError`.

    Read from the raw answer: the SDK's own classes leave the prices out.
    """
    http = await connection.http()
    address = await workspace.host() + "/api/2.0/serving-endpoints"
    try:
        async with asyncio.timeout(connection.limits.first_token):
            answer = await http.get(address)
    except EngineError:
        raise
    except Exception:
        raise MindError("unreachable", {"address": "DATABRICKS_HOST"}) from None
    if answer.status_code != 200:
        raise MindError("auth" if answer.status_code in (401, 403) else "broken", {"key": "the Databricks sign-in"})
    endpoints = answer.json().get("endpoints") or []
    return [_offer(endpoint) for endpoint in endpoints if endpoint.get("task") == "llm/v1/chat"]


def _offer(endpoint: dict[str, Any]) -> Offer:
    entities = (endpoint.get("config") or {}).get("served_entities") or [{}]
    model = entities[0].get("foundation_model") or {}

    def dollars(key: str) -> float | None:
        try:
            return round(float(model[key]) * DOLLARS_PER_DBU, 6)
        except (KeyError, TypeError, ValueError):
            return None

    ready = (endpoint.get("state") or {}).get("ready") == "READY"
    return Offer(str(endpoint.get("name")), ready, dollars("input_price"), dollars("price"))
