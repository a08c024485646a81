"""Models of whisper.cpp: which there are, which are here, and how they get here.

`fetch` downloads with progress, goes on where it was cut off, and checks what came before it counts.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from backend.fallback import EngineError

SOURCE = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main"
"""Where whisper.cpp's authors keep their models; `VISAVIS_MODELS_URL` names another place with the same files."""
CHUNK = 1 << 18
PATIENCE = 30.0
"""Seconds without a byte after which a download is given up (it goes on from there the next time)."""
TRIES = 4


@dataclass(frozen=True, slots=True)
class Model:
    """A model file; `sha1` as whisper.cpp's list of models gives it. `english` knows only that."""

    name: str
    file: str
    megabytes: int
    sha1: str
    english: bool


TABLE = (
    Model("whisper-tiny.en", "ggml-tiny.en.bin", 75, "c78c86eb1a8faa21b369bcd33207cc90d64ae9df", True),
    Model("whisper-tiny", "ggml-tiny.bin", 75, "bd577a113a864445d4c299885e0cb97d4ba92b5f", False),
    Model("whisper-base.en", "ggml-base.en.bin", 142, "137c40403d78fd54d454da0f9bd998f78703390c", True),
    Model("whisper-base", "ggml-base.bin", 142, "465707469ff3a37a2b9b8d8f89f2f99de7299dac", False),
)
"""Smaller ones first."""


def find(name: str) -> Model:
    """The model called *name*. Raises `EngineError` that names those there are."""
    for model in TABLE:
        if name in (model.name, model.name.removeprefix("whisper-")):
            return model
    raise EngineError(f"There is no model {name}.", f"These can be fetched: {', '.join(one.name for one in TABLE)}.")


def wanted(language: str) -> str:
    """The name of the smallest model for *language*."""
    return "whisper-tiny.en" if _english(language) else "whisper-tiny"


def here(folder: Path, language: str) -> list[Path]:
    """The files in *folder* that understand *language*, smaller ones first; English ones where that is enough."""
    fit = [model for model in TABLE if _english(language) or not model.english]
    found = [model for model in fit if (folder / model.file).exists()]
    # Of two models of one size the one for English alone understands it better.
    sizes = {model.megabytes: model for model in reversed(found)}
    return [folder / sizes[size].file for size in sorted(sizes)]


def _english(language: str) -> bool:
    return language.split("-", 1)[0].lower() == "en"


Progress = Callable[[int, int], None]
"""Told the bytes that are here, and of how many (0: unknown)."""


async def fetch(model: Model, folder: Path, source: str = SOURCE, progress: Progress | None = None) -> Path:
    """Download *model* into *folder* and return its path. Raises `EngineError` with what to do.

    A download that breaks off is continued, now and at the next call; the file only gets its name when all of it
    is here and its checksum is right.
    """
    path, part = folder / model.file, folder / f"{model.file}.part"
    if path.exists():
        return path
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    url = f"{source.rstrip('/')}/{model.file}"
    timeout = httpx.Timeout(PATIENCE)
    problem: Exception | None = None
    async with httpx.AsyncClient(follow_redirects=True, timeout=timeout) as client:
        for attempt in range(TRIES):
            try:
                await _download(client, url, part, progress)
                break
            except httpx.HTTPStatusError as error:
                text = f"{model.name} cannot be fetched: the server answered {error.response.status_code}."
                raise EngineError(text, f"See whether {url} opens, or set VISAVIS_MODELS_URL.") from None
            except (httpx.HTTPError, OSError) as error:
                problem = error
                await asyncio.sleep(0.5 * attempt)
        else:
            reason = f"{model.name} cannot be fetched: {problem or 'the connection broke off'}."
            raise EngineError(reason, "Try again; the download goes on where it stopped.") from problem
    if await asyncio.to_thread(_sha1, part) != model.sha1:
        part.unlink()
        raise EngineError(f"{model.name} arrived damaged and was thrown away.", "Fetch it again.")
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


def _sha1(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
