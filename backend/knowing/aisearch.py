"""Databricks AI Search (once called Vector Search) as the knowledge base: hybrid search over an index that exists."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import httpx

from backend.fallback import EngineError
from backend.knowing import Passage, Took
from backend.knowing.store import content_hash

QUESTION_MOST = 2_000
"""Letters of a question that are sent."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The index's columns that hold a passage's parts; an empty name means that there is none."""

    id: str = "id"
    text: str = "text"
    title: str = "title"
    source: str = "source"
    heading: str = ""

    def asked(self) -> list[str]:
        """The columns to ask for."""
        return list(dict.fromkeys(filter(None, (self.id, self.text, self.title, self.heading, self.source))))


class AiSearch:
    """`Knowledge` over the AI Search index *index* ("catalog.schema.index") of a workspace.

    *host* and *headers* come from the workspace's sign-in; *filters* limits the rows (as `filters_json` does);
    passages scored under *threshold* are left out. What it said counts as true for *fresh* seconds.
    """

    def __init__(
        self,
        host: Callable[[], Awaitable[str]],
        headers: Callable[[], Awaitable[dict[str, str]]],
        index: str,
        *,
        columns: Columns | None = None,
        query_type: Literal["HYBRID", "ANN", "FULL_TEXT"] = "HYBRID",
        filters: Mapping[str, Any] | None = None,
        threshold: float = 0.0,
        timeout: float = 2.0,
        fresh: float = 900.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host, self._headers, self._index = host, headers, index
        self._columns = columns or Columns()
        self._fixed: dict[str, Any] = {"columns": self._columns.asked(), "query_type": query_type}
        if filters:
            self._fixed["filters_json"] = json.dumps(filters)
        if threshold:
            self._fixed["score_threshold"] = threshold
        self._timeout, self._fresh, self._clock = timeout, fresh, clock
        self._client: httpx.AsyncClient | None = None

    @property
    def name(self) -> str:
        """For people and metrics."""
        return "aisearch"

    async def version(self) -> str:
        """An index does not tell when its rows were changed, so its version is a stretch of time: the same for all
        servers, and over after *fresh* seconds at most."""
        return str(int(self._clock() // self._fresh))

    async def search(self, text: str, k: int = 4, *, took: Took | None = None) -> list[Passage]:
        """The *k* passages that the index finds for *text*. Raises `EngineError`."""
        if not text.strip():
            return []
        if self._client is None:
            # Making the SSL context takes 20 ms: not on the loop.
            self._client = await asyncio.to_thread(
                lambda: httpx.AsyncClient(timeout=httpx.Timeout(self._timeout, connect=2.0))
            )
        url = f"{await self._host()}/api/2.0/vector-search/indexes/{quote(self._index, safe='')}/query"
        body = {**self._fixed, "query_text": text[:QUESTION_MOST], "num_results": k}
        try:
            answer = await self._client.post(url, json=body, headers=await self._headers())
        except httpx.TimeoutException:
            raise EngineError("AI Search took too long.") from None
        except httpx.HTTPError:
            raise EngineError("AI Search cannot be reached.", "Check DATABRICKS_HOST and the network.") from None
        if answer.status_code != 200:
            raise _refused(answer.status_code, self._index)
        try:
            return self._passages(answer.json())
        except (ValueError, KeyError, TypeError, IndexError):
            raise EngineError("AI Search's answer makes no sense.", "Check the index and its columns.") from None

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()

    def _passages(self, answer: dict[str, Any]) -> list[Passage]:
        names = [column["name"] for column in answer["manifest"]["columns"]]
        rows = answer["result"].get("data_array") or []
        return [self._passage(dict(zip(names[:-1], row, strict=False)), float(row[-1])) for row in rows]

    def _passage(self, row: dict[str, Any], score: float) -> Passage:
        part = {
            name: str(row.get(getattr(self._columns, name)) or "")
            for name in ("id", "text", "title", "heading", "source")
        }
        title = part["title"] or part["source"].rpartition("/")[2] or self._index
        name = part["id"] or content_hash(part["text"])
        return Passage(name, part["text"], title, part["heading"], part["source"], max(0.0, min(1.0, score)))


def _refused(status: int, index: str) -> EngineError:
    if status in (401, 403):
        return EngineError("AI Search may not be asked with this sign-in.", f"Grant SELECT on {index}.")
    if status == 404:
        return EngineError(f"There is no AI Search index {index}.", "Check its name: catalog.schema.index.")
    if status == 400:
        return EngineError("AI Search did not accept the question.", "Check the index's columns and filters.")
    return EngineError("AI Search is busy." if status == 429 else "AI Search has a problem right now.")
