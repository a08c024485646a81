"""The search (AI Search of a workspace) fails, is slow, silent or garbled: answers come without documents."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.chaos.house import House, Row
from tests.chaos.wire import Wire
from tests.fakes.databricks import DatabricksFake

ROW = {"id": "1", "text": "Tea is made with water that has just boiled.", "title": "Tea", "source": "tea.md"}


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """Every fault of the search."""
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(DatabricksFake())
        workspace.index = [ROW | {"score": 0.9}]
        wire = await stack.enter_async_context(Wire(workspace.port).strung())
        environment = {
            "VISAVIS_SEARCH_INDEX": "main.docs.tea",
            "DATABRICKS_HOST": f"http://127.0.0.1:{wire.port}",
            "DATABRICKS_TOKEN": "dapi-good",
        }
        house = await stack.enter_async_context(House(folder, environment=environment))

        @contextmanager
        def throttled() -> Any:
            workspace.throttled = 10_000
            try:
                yield
            finally:
                workspace.throttled = 0

        yield await house.trial("the search", "is throttled (429)", throttled(), people)
        for mode, delay, name in (
            ("slow", 0.3, "is slow (0.3 s each way)"),
            ("slow", 3.0, "is too slow (3 s each way)"),
            ("garble", 0, "is garbled on the way"),
            ("cut", 0, "is cut off on the way"),
            ("stall", 0, "vanishes without a word"),
            ("refuse", 0, "cannot be reached"),
        ):
            yield await house.trial("the search", name, wire.broken(mode, delay), people)  # type: ignore[arg-type]
        assert workspace.queries, "it was asked"
        await house.inspect()
