"""Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio, gateways."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from backend.fallback import EngineError
from backend.thinking import Prompt, Token, Usage
from backend.thinking.completions import Chunk, Thoughts, read_chunk, read_usage
from backend.thinking.connection import NO_KEY, Connection, Limits
from backend.thinking.errors import MindError, Names, RefusedError, translate
from backend.thinking.prompt import Prompter
from backend.thinking.tokens import count_tokens
from backend.thinking.tools import ARGUMENTS_MOST, Call, Tools

if TYPE_CHECKING:
    import openai

AFTER_THE_END = 1.0
"""Seconds to wait for the usage once the answer has finished."""


TOOL_ROUNDS = 2
"""Times that a model may call tools before it has to answer."""
CALLS_MOST = 4
_REFUSED = {
    "temperature": ("temperature",),
    "stream_options": ("stream_options", "include_usage"),
    "tools": ("tool", "function call"),
}
"""Options that some models refuse, and the words by which they say so."""


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
        tools: Tools | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self._tools = tools or Tools()
        self._base_url, self._api_key = base_url, api_key
        self._make_prompter = prompter
        self._connection = connection or Connection(limits)
        self._limits = limits or self._connection.limits
        self._names = names or Names()
        self._headers: dict[str, str] = {}
        self._options: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if temperature is not None:
            self._options["temperature"] = temperature
        if self._tools:
            self._options["tools"] = self._tools.specs()
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
        messages: list[dict[str, Any]] = list(self._prompter.messages(prompt))
        async with self._place():
            total, rounds = Usage(self.model, 0, 0), list[tuple[dict[str, Any], ...]]()
            for last_round in (True,) if prompt.task else (*[False] * TOOL_ROUNDS, True):
                heard: list[str] = []
                calls: dict[int, Call] = {}
                usage: Any = None
                taken = False
                stream = self._stream(messages, prompt.max_tokens, tools=not last_round)
                async with contextlib.aclosing(stream) as chunks:
                    async for chunk in chunks:
                        if not taken:
                            taken = True
                            rounds.append(tuple(messages))
                            if len(rounds) == 1:  # asked for when it breaks off: by then there may be more of them
                                prompt.taken(self.model, lambda: sum(map(self._asked, rounds)))
                        usage = chunk.usage or usage  # cumulative where it is repeated: the last one counts
                        _collect(calls, chunk)
                        if chunk.text:
                            heard.append(chunk.text)
                            yield Token(chunk.text)
                total = _sum(total, read_usage(usage, self.model) or self._estimate(messages, heard))
                if not calls:
                    break
                asked = [calls[index] for index in sorted(calls)][:CALLS_MOST]
                if not heard and (filler := self._tools.filler(asked)):
                    yield Token(f"{filler} ")
                results = await asyncio.gather(*map(self._tools.run, asked))
                messages += _after_calls("".join(heard), asked, results)
            yield total

    def _estimate(self, messages: list[dict[str, Any]], heard: list[str]) -> Usage:
        return Usage(self.model, self._asked(messages), count_tokens("".join(heard)), estimated=True)

    @staticmethod
    def _asked(messages: Sequence[dict[str, Any]]) -> int:
        return sum(count_tokens(str(message.get("content") or "")) + 4 for message in messages)

    async def _stream(
        self, messages: list[dict[str, Any]], max_tokens: int, *, tools: bool
    ) -> AsyncGenerator[Chunk, None]:
        limits, clock = self._limits, asyncio.get_running_loop().time
        thoughts = Thoughts()
        spoke = False
        finish = ""
        await self._ready()  # loading the library is not the model's slowness
        async with self._guarded(limits.first_token, "slow"):
            began = clock()
            stream = await self._open(messages, max_tokens, tools=tools)
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
                alive = bool(chunk.text or chunk.reasons or chunk.calls)
                left = AFTER_THE_END if finish else limits.stall if alive else left
                spoke |= alive
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

    async def _open(self, messages: list[dict[str, Any]], max_tokens: int, *, tools: bool) -> "openai.AsyncStream[Any]":
        """Ask, without those options that this model turns out to refuse."""
        client = await self._ready()
        import openai  # noqa: PLC0415

        while True:
            options: dict[str, Any] = {**self._options, self._tokens_option: max_tokens, "messages": messages}
            if not tools:
                options.pop("tools", None)
            body = {"model": self.sent_model, "stream": True, **options}
            try:
                # As plain dictionaries: building a model object for every token costs more than all that is done
                # with it, and 50 answers at once have thousands of tokens a second.
                stream: openai.AsyncStream[Any] = await client.post(
                    "/chat/completions",
                    cast_to=cast(Any, object),
                    body=body,
                    options={"headers": self._headers},
                    stream=True,
                    stream_cls=openai.AsyncStream[object],
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
        for option, marks in _REFUSED.items():
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


def _collect(calls: dict[int, Call], chunk: Chunk) -> None:
    for index, name_id, name, arguments in chunk.calls:
        call = calls.setdefault(index, Call())
        call.id += name_id
        call.name += name
        if len(call.arguments) <= ARGUMENTS_MOST:
            call.arguments += arguments


def _after_calls(said: str, calls: list[Call], results: list[str]) -> list[dict[str, Any]]:
    """The messages that tell the model what its calls gave."""
    asked = [
        {"id": call.id or call.name, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in calls
    ]
    answers = [
        {"role": "tool", "tool_call_id": call.id or call.name, "content": result}
        for call, result in zip(calls, results, strict=True)
    ]
    return [{"role": "assistant", "content": said, "tool_calls": asked}, *answers]


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        other.model,
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cached_tokens + other.cached_tokens,
        estimated=one.estimated or other.estimated,
    )
