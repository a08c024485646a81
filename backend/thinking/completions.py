"""Reads what chat-completions servers really send, in all the shapes seen in the wild."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.thinking import Usage

OPENS, CLOSES = "<think>", "</think>"


@dataclass(slots=True)
class Chunk:
    """The parts of a stream's chunk that matter."""

    text: str = ""
    reasons: bool = False
    """The model is thinking aloud: alive, but nothing to be said."""
    finish: str = ""
    usage: Any = None
    calls: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Pieces of tool calls: their number, and what they add to id, name and arguments."""


def read_chunk(chunk: Any) -> Chunk:
    """Take a chunk apart. Choices, delta, content and usage may each be missing, null or a list."""
    read = Chunk(usage=_get(chunk, "usage"))
    choices = _get(chunk, "choices") or []
    if not choices:
        return read
    read.finish = str(_get(choices[0], "finish_reason") or "")
    delta = _get(choices[0], "delta") or _get(choices[0], "message")
    if delta is not None:
        content = _get(delta, "content")
        read.text, read.reasons = _text(content)
        read.reasons |= bool(_get(delta, "reasoning_content") or _get(delta, "reasoning"))
        for place, call in enumerate(_get(delta, "tool_calls") or []):
            index, function = _get(call, "index"), _get(call, "function")
            number = index if isinstance(index, int) else place
            given = [
                str(part or "") for part in (_get(call, "id"), _get(function, "name"), _get(function, "arguments"))
            ]
            read.calls.append((number, given[0], given[1], given[2]))
    return read


def _text(content: Any) -> tuple[str, bool]:
    """The words of a string or of a list of blocks, and whether any block is reasoning."""
    if isinstance(content, str):
        return content, False
    if not isinstance(content, list):
        return "", False
    text, reasons = "", False
    for block in content:
        if isinstance(block, str):
            text += block
        elif _get(block, "type") in ("text", "output_text", None):
            text += str(_get(block, "text") or "")
        else:
            reasons = True
    return text, reasons


def read_usage(usage: Any, model: str) -> Usage | None:
    """The usage that a provider reported, or None when it is not usable."""
    asked, answered = _get(usage, "prompt_tokens"), _get(usage, "completion_tokens")
    if not isinstance(asked, int) or not isinstance(answered, int):
        return None
    cached = _get(_get(usage, "prompt_tokens_details"), "cached_tokens")
    return Usage(model, asked, answered, cached if isinstance(cached, int) else 0)


class Thoughts:
    """Takes a leading `<think>...</think>` out of a stream of text, as local reasoning models send it."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, text: str) -> str:
        """The part of *text* (and of what was held back) that is meant to be heard."""
        if self._state == "over":
            return text
        self._held += text
        if self._state == "start":
            begin = self._held.lstrip()
            if not begin or (OPENS.startswith(begin) and begin != OPENS):
                return ""
            if not begin.startswith(OPENS):
                self._state, held, self._held = "over", self._held, ""
                return held
            self._state, self._held = "inside", begin[len(OPENS) :]
        _, closed, rest = self._held.partition(CLOSES)
        if not closed:
            self._held = self._held[-len(CLOSES) :]
            return ""
        self._held, self._state = "", "over"
        return rest.lstrip()

    @property
    def thinking(self) -> bool:
        """Whether the stream is inside its thoughts."""
        return self._state == "inside"

    def flush(self) -> str:
        """What was held back and was no thought after all."""
        held = self._held if self._state == "start" else ""
        self._held = ""
        return held


def _get(thing: Any, name: str) -> Any:
    if isinstance(thing, Mapping):
        return thing.get(name)
    return getattr(thing, name, None)
