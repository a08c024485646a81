"""How a mind fails, in kinds that the router can act on and words that a person can."""

import contextlib
import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from backend.fallback import EngineError, UnsuitableError

if TYPE_CHECKING:
    import openai

Kind = Literal["auth", "denied", "missing", "busy", "broken", "unreachable", "slow", "stalled", "cut"]
Refusal = Literal["filtered", "too_long", "bad_request"]

_REASONS: dict[str, tuple[str, str]] = {
    "auth": ("The language model refused the key.", "Check {key}."),
    "denied": ("This account may not use the language model {model}.", "Choose another model, or ask for access."),
    "missing": ("There is no language model {model} at this address.", "Check the model's name and {address}."),
    "busy": ("The language model has too much to do right now.", ""),
    "broken": ("The language model's server has a problem.", ""),
    "unreachable": ("The language model cannot be reached.", "Check {address} and the network."),
    "slow": ("The language model took too long to begin.", ""),
    "stalled": ("The language model stopped in the middle of its answer.", ""),
    "cut": ("The connection to the language model broke off.", ""),
    "filtered": ("The language model's content filter stopped the answer.", ""),
    "too_long": ("The conversation has become too long for the language model.", ""),
    "bad_request": ("The language model did not accept the question.", ""),
}
AGAIN: frozenset[Kind] = frozenset(["busy", "broken", "slow", "stalled", "cut", "unreachable"])
"""Kinds that may pass by themselves: the same model is worth another try."""


class MindError(EngineError):
    """The model cannot serve now; `kind` says how."""

    def __init__(self, kind: Kind, names: dict[str, str] | None = None, retry_after: float | None = None) -> None:
        super().__init__(*_words(kind, names or {}), retry_after)
        self.kind = kind


class RefusedError(UnsuitableError):
    """The model is well, but not for this request; `kind` says why."""

    def __init__(self, kind: Refusal, names: dict[str, str] | None = None) -> None:
        super().__init__(*_words(kind, names or {}))
        self.kind = kind


def _words(kind: str, names: dict[str, str]) -> tuple[str, str]:
    known = {"model": "", "key": "the key", "address": "the address"} | names
    reason, remedy = _REASONS[kind]
    return " ".join(reason.format(**known).replace(" .", ".").split()), remedy.format(**known)


@dataclass(frozen=True, slots=True)
class Names:
    """What to tell a person to check when something is wrong."""

    key: str = "OPENAI_API_KEY"
    address: str = "OPENAI_BASE_URL"


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
