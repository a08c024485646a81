"""Cookies that say something and that nobody else can write."""

import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

LONGEST = 4_000
"""Letters of a cookie; browsers keep no longer ones."""


def same(one: str, other: str) -> bool:
    """Whether they are equal, in a time that tells nothing."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


class Signer:
    """Seals with a key of its own, made of *secret* for one *purpose*: what is sealed for one opens for no other."""

    def __init__(self, secret: str, purpose: bytes, clock: Callable[[], float]) -> None:
        self._key = hmac.new(secret.encode(), purpose, sha256).digest()
        self._clock = clock

    def seal(self, what: dict[str, Any], seconds: float) -> str:
        """*what*, readable by anybody, good for *seconds*."""
        sealed = json.dumps({**what, "until": int(self._clock() + seconds)}, separators=(",", ":")).encode()
        text = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        return f"{text}.{self._sign(text)}"

    def open(self, sealed: str) -> dict[str, Any] | None:
        """What was sealed; None if it was not, not here, or is over."""
        text, _, signature = sealed.partition(".")
        if len(sealed) > LONGEST or not same(signature, self._sign(text)):
            return None
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return found if found["until"] > self._clock() else None

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), sha256).hexdigest()
