"""Learns documents: reads them, and stores what changed."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.knowing.chunks import Document, title_of
from backend.knowing.store import drop, open_store, put

log = logging.getLogger(__name__)

FILE_MOST = 20_000_000
"""Bytes; a larger file is left out, with a word about it."""
TEXT_MOST = 5_000_000
"""Letters of one document that are learned."""
FILES_MOST = 20_000
SUFFIXES = frozenset([".md", ".markdown", ".mdx", ".txt", ".rst", ".text"])
SKIPPED_FOLDERS = frozenset(["node_modules", "__pycache__", "venv", "dist", "build"])


@dataclass(slots=True)
class Report:
    """What a run of learning did: sources by what happened to them."""

    learned: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Sources that could not be read, with the reason."""


class Unreadable(Exception):
    """A file that cannot be learned; the text says why, for a person."""


def own_documents() -> list[Path]:
    """The project's own README and its folder of guides, where they lie beside the code."""
    root = Path(__file__).resolve().parents[2]
    return [path for path in (root / "README.md", root / "docs") if path.exists()]


def learn(path: Path, sources: Sequence[Path], progress: Callable[[str], None] = lambda source: None) -> Report:
    """Bring the store at *path* up to date with the files and folders *sources*. Blocking.

    Only what changed is read into chunks again; files gone from a folder that was learned are forgotten.
    """
    report = Report()
    connection = open_store(path)
    try:
        for source in sources:
            found = set()
            for file in files_of(source):
                found.add(str(file))
                progress(str(file))
                _learn_file(connection, file, shown(file, source), report)
            gone = _gone(connection, source, found)
            drop(connection, gone)
            report.forgotten.extend(gone)
    finally:
        connection.close()
    return report


async def follow(path: Path, sources: Sequence[Path], every: float = 60.0) -> None:
    """Keep the store at *path* up to date with *sources* until cancelled; looks again *every* (s)."""
    while True:
        try:
            await asyncio.to_thread(learn, path, sources)
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
    if b"\0" in data[:4_096]:
        raise Unreadable("it is not a text file")
    text = data.decode("utf-8-sig", "replace")[:TEXT_MOST]
    return Document(str(file), source, title_of(text, file.stem.replace("_", " ").replace("-", " ")), text)


def _learn_file(connection: sqlite3.Connection, file: Path, source: str, report: Report) -> None:
    try:
        changed = put(connection, read(file, source))
    except Unreadable as error:
        report.refused.append((str(file), str(error)))
        return
    (report.learned if changed else report.unchanged).append(str(file))


def _gone(connection: sqlite3.Connection, source: Path, found: set[str]) -> list[str]:
    root = str(source.resolve())
    inside = root.rstrip("/\\")
    known = [row[0] for row in connection.execute("SELECT address FROM documents")]
    below = [name for name in known if name == root or name.startswith((inside + "/", inside + "\\"))]
    return [name for name in below if name not in found]
