from collections.abc import Iterator

import pytest

from backend.cache.redis import RedisTier
from tests.services import running_redis


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not a Redis that is away."""
    monkeypatch.setattr("backend.cache.connection.PATIENCE", 5.0)
    monkeypatch.setattr("backend.cache.disk.PATIENCE", 20.0)


@pytest.fixture
def redis_tier(redis_url: str, request: pytest.FixtureRequest) -> RedisTier:
    """A corner of the Redis for one test."""
    return RedisTier(redis_url, 100_000, root="{" + request.node.nodeid[-60:] + "}")
