"""Downloads of models: with progress, going on where they were cut off, and checked before they count."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from backend.fallback import EngineError

CHUNK = 1 << 18
PATIENCE = 30.0
"""Seconds without a byte after which a download is given up (it goes on from there the next time)."""
TRIES = 4

Progress = Callable[[int, int], None]
"""Told the bytes that are here, and of how many (0: unknown)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file: where it lies, the checksum that its makers give, and what people call it."""

    url: str
    digest: str
    name: str
    algorithm: Literal["sha1", "sha256"] = "sha256"


async def fetch(wanted: Wanted, path: Path, progress: Progress | None = None) -> Path:
    """Download *wanted* to *path*, once. Raises `EngineError` with what to do.

    A download that breaks off is continued, now and at the next call; the file only gets its name when all of it
    is here and its checksum is right.
    """
    if await asyncio.to_thread(path.exists):
        return path
    part = path.with_name(f"{path.name}.part")
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    problem: Exception | None = None
    async with httpx.AsyncClient(follow_redirects=True, timeout=httpx.Timeout(PATIENCE)) as client:
        for attempt in range(TRIES):
            try:
                await _download(client, wanted.url, part, progress)
                break
            except httpx.HTTPStatusError as error:
                text = f"{wanted.name} cannot be fetched: the server answered {error.response.status_code}."
                raise EngineError(text, f"See whether {wanted.url} opens, or set VISAVIS_MODELS_URL.") from None
            except (httpx.HTTPError, OSError) as error:
                problem = error
                await asyncio.sleep(0.5 * attempt)
        else:
            reason = f"{wanted.name} cannot be fetched: {problem or 'the connection broke off'}."
            raise EngineError(reason, "Try again; the download goes on where it stopped.") from problem
    if await asyncio.to_thread(_digest, part, wanted.algorithm) != wanted.digest:
        part.unlink()
        raise EngineError(f"{wanted.name} arrived damaged and was thrown away.", "Fetch it again.")
    await asyncio.to_thread(part.replace, path)
    return path


async def _download(client: httpx.AsyncClient, url: str, part: Path, progress: Progress | None) -> None:
    begun = await asyncio.to_thread(lambda: part.stat().st_size if part.exists() else 0)
    headers = {"accept-encoding": "identity"} | ({"range": f"bytes={begun}-"} if begun else {})
    async with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is here already
        response.raise_for_status()
        goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
        done = begun if goes_on else 0
        length = int(response.headers.get("content-length", 0))
        total = done + length if length else 0
        with part.open("ab" if goes_on else "wb") as file:
            async for chunk in response.aiter_bytes(CHUNK):
                await asyncio.to_thread(file.write, chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)
        if total and done < total:
            raise httpx.RemoteProtocolError("the connection broke off")


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
