"""Each fault once, under a few people; `python -m tests.chaos` is the long version.

All parts are tried side by side, each with a server of its own: most of the time is waiting for limits of time.
"""

import asyncio

import pytest

from tests.chaos.__main__ import PARTS, everything
from tests.chaos.house import Row
from tests.services import faketime, postgres, redis

PEOPLE = 3
TOGETHER = 6
"""Parts at once."""

pytestmark = [
    pytest.mark.skipif(not (redis() and postgres() and faketime()), reason="needs python -m tests.services"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Row] | BaseException]:
    """What every part came to."""
    return asyncio.run(everything(PARTS, PEOPLE, TOGETHER))


@pytest.mark.parametrize("name", PARTS)
def test_everybody_is_answered(outcomes: dict[str, list[Row] | BaseException], name: str) -> None:
    found = outcomes[name]
    if isinstance(found, BaseException):
        raise found
    assert len(found) >= PARTS[name] - (name == "disk"), "every fault was tried"
    for row in found:
        assert row.asked == 2 * PEOPLE
