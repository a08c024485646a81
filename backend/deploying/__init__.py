"""Looks before a deployment leaps: `visavis deploy check` verifies files and workspace without changing either."""

from dataclasses import dataclass
from typing import Literal

Result = Literal["good", "warning", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it where it is not good."""

    what: str
    result: Result
    says: str
    remedy: str = ""
