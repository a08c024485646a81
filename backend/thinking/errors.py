"""How a mind fails, in kinds that the router can act on and words that a person can."""

from typing import Literal

from backend.fallback import EngineError, UnsuitableError

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
