"""Turns texts into vectors: by any OpenAI-compatible embeddings endpoint, Databricks' among them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import httpx
import numpy as np
import numpy.typing as npt

from backend.fallback import EngineError

Vectors = npt.NDArray[np.float32]
BATCH = 64
TEXT_MOST = 8_000
"""Letters of one text that are sent: about 2,000 tokens, what most embedding models read."""


class Embedder(Protocol):
    """What gives texts their vectors."""

    @property
    def name(self) -> str:
        """The model's name: vectors of different models are kept apart by it."""
        ...

    @property
    def least(self) -> float:
        """The cosine below which two texts have nothing to do with each other, for this model."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each of *texts*. Raises `backend.fallback.EngineError`."""
        ...


async def no_headers() -> dict[str, str]:
    """For servers that want no key."""
    return {}


class RemoteEmbedder:
    """`Embedder` over `POST {base_url}/embeddings`; *headers* gives fresh authorization for every request."""

    def __init__(
        self,
        base_url: str,
        model: str,
        headers: Callable[[], Awaitable[dict[str, str]]] = no_headers,
        *,
        least: float = 0.35,
        timeout: float = 8.0,
    ) -> None:
        self.name = model
        self.least = least
        self._url = base_url.rstrip("/") + "/embeddings"
        self._headers, self._timeout = headers, timeout
        self._client: httpx.AsyncClient | None = None

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each of *texts*, asked for in batches."""
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        rows = [await self._ask(batch) for batch in batches]
        return unit(np.concatenate(rows)) if rows else np.zeros((0, 0), np.float32)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _ask(self, texts: Sequence[str]) -> Vectors:
        if self._client is None:
            # Making the SSL context takes 20 ms: not on the loop.
            self._client = await asyncio.to_thread(
                lambda: httpx.AsyncClient(timeout=httpx.Timeout(self._timeout, connect=3.0))
            )
        body = {"model": self.name, "input": [clean(text) for text in texts]}
        try:
            answer = await self._client.post(self._url, json=body, headers=await self._headers())
        except httpx.HTTPError:
            raise EngineError("The embedding model cannot be reached.", "Check its address and the network.") from None
        if answer.status_code != 200:
            raise _refused(answer, self.name)
        try:
            data: list[dict[str, Any]] = sorted(answer.json()["data"], key=lambda item: int(item["index"]))
            rows = np.asarray([item["embedding"] for item in data], np.float32)
        except (ValueError, KeyError, TypeError):
            raise EngineError("The embedding model's answer makes no sense.") from None
        if rows.shape[0] != len(texts) or rows.ndim != 2:
            raise EngineError("The embedding model's answer makes no sense.")
        return rows


def clean(text: str) -> str:
    """*text* as embedding models like it: one line, bounded, never empty."""
    return re.sub(r"\s+", " ", text.replace("\0", ""))[:TEXT_MOST].strip() or "-"


def unit(rows: Vectors) -> Vectors:
    """*rows* brought to unit length, so that a dot product is a cosine."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def _refused(answer: httpx.Response, model: str) -> EngineError:
    status = answer.status_code
    if status in (401, 403):
        return EngineError("The embedding model refused the key.", "Check the key, and who may use the model.")
    if status == 404:
        return EngineError(f"There is no embedding model {model} at this address.", "Check the model's name.")
    wait = answer.headers.get("retry-after", "")
    return EngineError(
        "The embedding model is busy." if status == 429 else "The embedding model's server has a problem.",
        retry_after=float(wait) if wait.isdecimal() else None,
    )
