"""Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio, gateways."""

import asyncio
import contextlib
import email.utils
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from backend.fallback import EngineError
from backend.thinking import Prompt, Token, Usage
from backend.thinking.completions import Chunk, Thoughts, read_chunk, read_usage
from backend.thinking.errors import MindError, RefusedError
from backend.thinking.prompt import Prompter
from backend.thinking.tokens import count_tokens

if TYPE_CHECKING:
    import httpx2
    import openai

NO_KEY = "none"
"""Local servers want no key, but the client library wants some."""
AFTER_THE_END = 1.0
"""Seconds to wait for the usage once the answer has finished."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a conversation can wait, in seconds, and how many answers may stream at once."""

    connect: float = 3.0
    first_token: float = 8.0
    stall: float = 5.0
    parallel: int = 32
    queue: float = 2.0
    """How long an answer waits for its turn when `parallel` others stream."""


@dataclass(frozen=True, slots=True)
class Names:
    """What to tell a person to check when something is wrong."""

    key: str = "OPENAI_API_KEY"
    address: str = "OPENAI_BASE_URL"


class Connection:
    """A pool of HTTP connections, which the minds of one server share. *auth* makes what signs the requests."""

    def __init__(self, limits: Limits | None = None, auth: "Callable[[], httpx2.Auth] | None" = None) -> None:
        self.limits = limits or Limits()
        self._auth = auth
        self._making = asyncio.Lock()
        self._http: httpx2.AsyncClient | None = None

    async def http(self) -> "httpx2.AsyncClient":
        """The client; made in a thread on first use."""
        async with self._making:
            if self._http is None:
                # Importing the libraries takes about 0.9 s, the SSL context 20 ms: neither on the loop.
                self._http = await asyncio.to_thread(self._make)
        return self._http

    async def aclose(self) -> None:
        """Close the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def _make(self) -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415
        import openai  # noqa: F401, PLC0415

        return httpx2.AsyncClient(
            auth=self._auth() if self._auth else None,
            timeout=httpx2.Timeout(self.limits.first_token, connect=self.limits.connect, pool=self.limits.queue),
            # Kept for two minutes of silence: a handshake costs a tenth of a second before the first word.
            limits=httpx2.Limits(max_connections=2 * self.limits.parallel, keepalive_expiry=120.0),
        )


class OpenAIMind:
    """`Mind` over an OpenAI-compatible server at *base_url* ("http://localhost:11434/v1").

    An empty *model* means the first one that the server lists. Nothing is retried here: a failure is an
    `EngineError` and the caller decides. Minds of the same server share a *connection*.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str = "",
        model: str = "",
        *,
        name: str = "openai",
        prompter: Callable[[], Prompter] = Prompter.of_file,
        temperature: float | None = 0.6,
        limits: Limits | None = None,
        names: Names | None = None,
        connection: Connection | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self._base_url, self._api_key = base_url, api_key
        self._make_prompter = prompter
        self._connection = connection or Connection(limits)
        self._limits = limits or self._connection.limits
        self._names = names or Names()
        self._headers: dict[str, str] = {}
        self._options: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if temperature is not None:
            self._options["temperature"] = temperature
        self._tokens_option = "max_tokens"
        self._places = asyncio.Semaphore(self._limits.parallel)
        self._client: openai.AsyncOpenAI | None = None
        self._prompter: Prompter | None = None

    async def prepare(self) -> list[str]:
        """Load the library, open a connection, and return the models that the server lists.

        Raises `EngineError`. Call it at start and when a person arrives: the first answer comes sooner.
        """
        client = await self._ready()
        async with self._guarded(self._limits.first_token, "slow"):
            page = await client.models.list()
        found = [model.id for model in page.data]
        if not self.model and found:
            self.model = found[0]
        return found

    async def aclose(self) -> None:
        """Close the connections, also of those who share them."""
        self._client = None
        await self._connection.aclose()

    async def answer(self, prompt: Prompt) -> AsyncIterator[Token | Usage]:
        """Stream the answer. Raises `MindError` or `RefusedError`; closing it closes the HTTP stream."""
        if not self.model:
            await self.prepare()
        if self._prompter is None:
            self._prompter = await asyncio.to_thread(self._make_prompter)
        messages = self._prompter.messages(prompt)

        def asked() -> int:
            return sum(count_tokens(message["content"]) + 4 for message in messages)

        async with self._place():
            heard: list[str] | None = None
            usage: Any = None
            async with contextlib.aclosing(self._stream(messages, prompt.max_tokens)) as chunks:
                async for chunk in chunks:
                    if heard is None:
                        heard = []
                        prompt.taken(self.model, asked)
                    usage = chunk.usage or usage  # cumulative where it is repeated: the last one counts
                    if chunk.text:
                        heard.append(chunk.text)
                        yield Token(chunk.text)
            counted = Usage(self.model, asked(), count_tokens("".join(heard or [])), estimated=True)
            yield read_usage(usage, self.model) or counted

    async def _stream(self, messages: list[dict[str, str]], max_tokens: int) -> AsyncGenerator[Chunk, None]:
        limits, clock = self._limits, asyncio.get_running_loop().time
        thoughts = Thoughts()
        spoke = False
        finish = ""
        await self._ready()  # loading the library is not the model's slowness
        async with self._guarded(limits.first_token, "slow"):
            began = clock()
            stream = await self._open(messages, max_tokens)
        left = limits.first_token - (clock() - began)
        try:
            items = stream.__aiter__()
            while True:
                try:
                    async with self._guarded(left, "stalled" if spoke else "slow", reached=True):
                        chunk = read_chunk(await anext(items))
                except StopAsyncIteration:
                    break
                except MindError:
                    if finish:  # all was said; only the usage or the end mark is missing
                        break
                    raise
                finish = chunk.finish or finish
                left = AFTER_THE_END if finish else limits.stall if chunk.text or chunk.reasons else left
                spoke |= bool(chunk.text or chunk.reasons)
                chunk.text = thoughts.feed(chunk.text)
                if finish and not thoughts.thinking:
                    chunk.text += thoughts.flush()
                yield chunk
        finally:
            await stream.close()
        if finish == "content_filter":
            raise RefusedError("filtered")
        if not finish:
            raise MindError("cut")

    async def _open(self, messages: list[dict[str, str]], max_tokens: int) -> "openai.AsyncStream[Any]":
        """Ask, without those options that this model turns out to refuse."""
        client = await self._ready()
        import openai  # noqa: PLC0415

        while True:
            options: dict[str, Any] = {**self._options, self._tokens_option: max_tokens, "messages": messages}
            try:
                create: Any = client.chat.completions.create  # its overloads know no options by name
                stream: openai.AsyncStream[Any] = await create(
                    model=self.sent_model, stream=True, extra_headers=self._headers, **options
                )
            except openai.APIStatusError as error:
                if not self._adapt(error.status_code, str(error).lower()):
                    raise
                client = await self._ready()
            else:
                return stream

    @property
    def sent_model(self) -> str:
        """The model's name as the server wants it."""
        return self.model

    def _adapt(self, status: int, complaint: str) -> bool:
        """Leave out what the server complains of. Returns whether there was anything to leave out."""
        if status not in (400, 422):
            return False
        if "max_completion_tokens" in complaint and self._tokens_option == "max_tokens":
            self._tokens_option = "max_completion_tokens"
            return True
        for option, marks in (
            ("temperature", ("temperature",)),
            ("stream_options", ("stream_options", "include_usage")),
        ):
            if option in self._options and any(mark in complaint for mark in marks):
                del self._options[option]
                return True
        vague = any(mark in complaint for mark in ("extra", "unknown", "unrecognized", "unsupported", "unexpected"))
        if vague and self._options:
            self._options.clear()
            return True
        return False

    async def _address(self) -> str:
        return self._base_url

    async def _ready(self) -> "openai.AsyncOpenAI":
        if self._client is None:
            http = await self._connection.http()
            import openai  # noqa: PLC0415

            self._client = openai.AsyncOpenAI(
                base_url=await self._address(), api_key=self._api_key or NO_KEY, max_retries=0, http_client=http
            )
        return self._client

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limits.queue):
                await self._places.acquire()
        except TimeoutError:
            raise MindError("busy") from None
        try:
            yield
        finally:
            self._places.release()

    @contextlib.asynccontextmanager
    async def _guarded(
        self, seconds: float, late: Literal["slow", "stalled"], *, reached: bool = False
    ) -> AsyncIterator[None]:
        """Turn whatever goes wrong inside into a `MindError`, without a word of what the server wrote."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                yield
        except TimeoutError:
            raise MindError(late) from None
        except (EngineError, StopAsyncIteration):
            raise
        except Exception as error:
            raise translate(error, self.model, self._names, reached=reached) from None


def translate(error: Exception, model: str, names: Names, *, reached: bool = False) -> EngineError:
    """The `EngineError` for an exception of the client library; *reached* once the server has begun to answer."""
    import httpx2  # noqa: PLC0415
    import openai  # noqa: PLC0415

    told = {"model": model, "key": names.key, "address": names.address}
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, told)
    if isinstance(
        error, openai.APITimeoutError | openai.APIConnectionError | httpx2.ConnectError | httpx2.ConnectTimeout
    ):
        return MindError("cut" if reached else "unreachable", told)
    if isinstance(error, httpx2.TimeoutException):
        return MindError("stalled", told)
    if isinstance(error, httpx2.HTTPError):
        return MindError("cut", told)
    return MindError("broken", told)


def _of_status(error: "openai.APIStatusError", told: dict[str, str]) -> EngineError:
    status, text = error.status_code, str(error).lower()
    wait = _retry_after(error.response.headers)
    if status in (400, 413, 422):
        if "context" in text or "too long" in text or "maximum" in text or status == 413:
            return RefusedError("too_long", told)
        return RefusedError("filtered" if "content" in text and "filter" in text else "bad_request", told)
    if status == 403 and "rate limit of 0" in text:
        return MindError("denied", told)
    kinds: dict[int, Any] = {401: "auth", 403: "denied", 404: "missing", 501: "missing", 408: "slow", 429: "busy"}
    return MindError(kinds.get(status, "broken"), told, wait)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return min(600.0, max(0.0, float(value)))
    with contextlib.suppress(ValueError, TypeError):
        return min(600.0, max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time()))
    return None
