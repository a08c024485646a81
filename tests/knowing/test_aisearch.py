import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.cache import Cache
from backend.cache.memory import Memory
from backend.fallback import EngineError
from backend.knowing import Knowledge, Passage
from backend.knowing.aisearch import AiSearch, Columns
from backend.knowing.cached import Cached
from tests.fakes.databricks import DatabricksFake

ROWS = [
    {
        "id": "1",
        "text": "Code E42 means low pressure.",
        "title": "Guide",
        "path": "/Volumes/a/guide.pdf",
        "score": 0.91,
    },
    {"id": "2", "text": "Bleed the radiators.", "title": None, "path": "/Volumes/a/heat.pdf", "score": 0.34},
]


@pytest.fixture
async def workspace() -> AsyncIterator[DatabricksFake]:
    async with DatabricksFake() as workspace:
        workspace.index = ROWS
        yield workspace


@pytest.fixture
async def search(workspace: DatabricksFake) -> AsyncIterator[AiSearch]:
    search = of(workspace)
    yield search
    await search.aclose()


def of(workspace: DatabricksFake, token: str = "dapi-good", threshold: float = 0.0, **more: Any) -> AiSearch:
    async def host() -> str:
        return workspace.url

    async def headers() -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    columns = Columns(source="path")
    return AiSearch(
        host, headers, "main.docs.index", columns=columns, filters={"lang": "en"}, threshold=threshold, **more
    )


async def test_passages(workspace: DatabricksFake, search: AiSearch) -> None:
    found = await search.search("what is E42", k=2)
    assert found[0] == Passage("1", "Code E42 means low pressure.", "Guide", "", "/Volumes/a/guide.pdf", 0.91)
    assert found[1].title == "heat.pdf"
    query = workspace.queries[-1]
    assert query["index"] == "main.docs.index"
    assert query["query_text"] == "what is E42"
    assert query["query_type"] == "HYBRID"
    assert query["num_results"] == 2
    assert json.loads(query["filters_json"]) == {"lang": "en"}
    assert await search.search("  ") == []


async def test_the_threshold_is_asked_for(workspace: DatabricksFake) -> None:
    search = of(workspace, threshold=0.5)
    assert [passage.id for passage in await search.search("x")] == ["1"]
    await search.aclose()


async def test_failures_are_told(workspace: DatabricksFake, search: AiSearch) -> None:
    workspace.throttled = 1
    with pytest.raises(EngineError, match="busy"):
        await search.search("x")
    wrong = of(workspace, token="nope")
    with pytest.raises(EngineError) as caught:
        await wrong.search("x")
    assert "Grant SELECT on main.docs.index" in caught.value.remedy
    await wrong.aclose()


async def test_asked_once_together_and_kept_as_long_as_it_is_fresh(workspace: DatabricksFake) -> None:
    now = 1_000.0
    search = of(workspace, clock=lambda: now)
    cached: Knowledge = Cached(search, Cache([Memory(1_000_000)]), "main.docs.index")
    assert cached.name == "aisearch"
    found = await asyncio.gather(*(cached.search(text) for text in ["What is E42?", "what's the E42", "E42"] * 5))
    assert len(workspace.queries) == 1
    assert all(one == found[0] for one in found)
    before = await cached.version()
    now += 901
    assert await cached.version() != before, "what was made from it is not good for ever"
    await cached.search("E42")
    assert len(workspace.queries) == 2
    await search.aclose()


async def test_a_failure_is_not_kept(workspace: DatabricksFake, search: AiSearch) -> None:
    cached = Cached(search, Cache([Memory(1_000_000)]))
    workspace.throttled = 1
    with pytest.raises(EngineError):
        await cached.search("E42")
    assert await cached.search("E42")


async def test_who_leaves_does_not_take_the_answer_along(workspace: DatabricksFake, search: AiSearch) -> None:
    cached = Cached(search, Cache([Memory(1_000_000)]))
    first = asyncio.create_task(cached.search("E42"))
    second = asyncio.create_task(cached.search("E42"))
    for _ in range(5):
        await asyncio.sleep(0)
    first.cancel()
    assert await second
    with pytest.raises(asyncio.CancelledError):
        await first
