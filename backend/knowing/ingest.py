"""Learns documents: reads them, and stores what changed."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from backend.fallback import EngineError
from backend.knowing.chunks import Document, title_of
from backend.knowing.embedders import Embedder
from backend.knowing.meaning import embed_missing
from backend.knowing.readers import FILE_MOST, SUFFIXES, Unreadable, to_markdown
from backend.knowing.store import Here, open_store
from backend.knowing.web import fetch, is_url

log = logging.getLogger(__name__)

FILES_MOST = 20_000
SKIPPED_FOLDERS = frozenset(["node_modules", "__pycache__", "venv", "dist", "build"])

Source = Path | str
"""A file, a folder, or a web address."""


@dataclass(slots=True)
class Report:
    """What a run of learning did: documents by what happened to them."""

    learned: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Documents that could not be read, with the reason."""
    embedded: int = 0
    """Chunks that were given their vector."""


def own_documents() -> list[Path]:
    """The project's own README and its folder of guides, where they lie beside the code."""
    root = Path(__file__).resolve().parents[2]
    return [path for path in (root / "README.md", root / "docs") if path.exists()]


class Store(Protocol):
    """Where documents are put. Blocking."""

    def put(self, document: Document) -> bool:
        """Store *document* in place of its older self. Returns whether anything changed."""
        ...

    def drop(self, addresses: Iterable[str]) -> int:
        """Forget the documents at *addresses*. Returns how many there were."""
        ...

    def addresses(self) -> list[str]:
        """Those of all documents."""
        ...


class Learn(Protocol):
    """Brings a knowledge base up to date with sources."""

    def __call__(
        self, sources: Sequence[Source], *, progress: Callable[[str], None] = lambda source: None
    ) -> Awaitable[Report]:
        """Raises `EngineError` when the base or the embedder cannot be asked."""
        ...


def learn_into(store: Store, sources: Sequence[Source], progress: Callable[[str], None]) -> Report:
    """Bring *store* up to date with *sources*. Blocking.

    Only what changed is read into chunks again; files gone from a folder that was learned are forgotten.
    """
    report = Report()
    for source in sources:
        if is_url(str(source)):
            progress(str(source))
            _learn(store, str(source), partial(read_url, str(source)), report)
        else:
            _learn_files(store, Path(source), progress, report)
    return report


def learn(path: Path, sources: Sequence[Source], progress: Callable[[str], None] = lambda source: None) -> Report:
    """Bring the SQLite store at *path* up to date with *sources*. Blocking."""
    connection = open_store(path)
    try:
        return learn_into(Here(connection), sources, progress)
    finally:
        connection.close()


async def learn_and_embed(
    path: Path,
    sources: Sequence[Source],
    embedder: Embedder | None,
    progress: Callable[[str], None] = lambda source: None,
) -> Report:
    """`learn`, then give every chunk its vector by *embedder*. Raises `EngineError` when the embedder fails."""
    report = await asyncio.to_thread(learn, path, sources, progress)
    if embedder is not None:
        connection = await asyncio.to_thread(open_store, path)
        try:
            report.embedded = await embed_missing(connection, embedder)
        finally:
            connection.close()
    return report


async def follow(learn: Learn, sources: Sequence[Source], every: float = 60.0) -> None:
    """Keep a base up to date with *sources* until cancelled; looks again *every* so many seconds."""
    while True:
        try:
            await learn(sources)
        except EngineError as error:
            log.warning("the documents are not all there yet: %s %s", error, error.remedy)
        except (OSError, sqlite3.Error):
            log.exception("the knowledge base could not be brought up to date")
        await asyncio.sleep(every)


def files_of(source: Path) -> Iterator[Path]:
    """The readable files at *source*, in a steady order; hidden and built ones are left out."""
    source = source.resolve()
    if source.is_file():
        yield source
        return
    count = 0
    for file in sorted(source.rglob("*")):
        inner = file.relative_to(source).parts
        if any(part.startswith(".") or part in SKIPPED_FOLDERS for part in inner):
            continue
        # A link could lead out of the folder that the person named.
        if file.suffix.lower() in SUFFIXES and file.is_file() and not file.is_symlink():
            yield file
            count += 1
            if count >= FILES_MOST:
                return


def shown(file: Path, source: Path) -> str:
    """What a person is shown of *file*'s path: nothing above the folder *source* that it was learned with."""
    source = source.resolve()
    return file.name if file == source else f"{source.name}/{file.relative_to(source).as_posix()}"


def read(file: Path, source: str) -> Document:
    """Read a file into a `Document` shown as *source*. Raises `Unreadable`."""
    try:
        if file.stat().st_size > FILE_MOST:
            raise Unreadable(f"it is larger than {FILE_MOST // 1_000_000} MB")
        data = file.read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or "it cannot be opened") from error
    text = to_markdown(data, file.suffix)
    return Document(str(file), source, title_of(text, file.stem.replace("_", " ").replace("-", " ")), text)


def read_url(url: str) -> Document:
    """Read a page into a `Document`. Raises `Unreadable`."""
    text = to_markdown(*fetch(url))
    return Document(url, url, title_of(text, url.rstrip("/").rpartition("/")[2] or url), text)


def _learn_files(store: Store, source: Path, progress: Callable[[str], None], report: Report) -> None:
    if not source.exists():
        report.refused.append((str(source), "there is no such file or folder"))
        return
    found = set()
    for file in files_of(source):
        found.add(str(file))
        progress(str(file))
        _learn(store, str(file), partial(read, file, shown(file, source)), report)
    gone = _gone(store, source, found)
    store.drop(gone)
    report.forgotten.extend(gone)


def _learn(store: Store, address: str, reading: Callable[[], Document], report: Report) -> None:
    try:
        changed = store.put(reading())
    except Unreadable as error:
        report.refused.append((address, str(error)))
        return
    (report.learned if changed else report.unchanged).append(address)


def _gone(store: Store, source: Path, found: set[str]) -> list[str]:
    root = str(source.resolve())
    inside = root.rstrip("/\\")
    below = [name for name in store.addresses() if name == root or name.startswith((inside + "/", inside + "\\"))]
    return [name for name in below if name not in found]
