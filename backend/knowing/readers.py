"""Reads files of many kinds into Markdown. What is read is untrusted: every size is bounded."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import Tag
    from docx.table import Table

FILE_MOST = 20_000_000
"""Bytes; a larger file is left out, with a word about it."""
TEXT_MOST = 5_000_000
"""Letters of one document that are learned."""
PAGES_MOST = 2_000
DEPTH_MOST = 200
"""Tags within tags of a page; written by people they are a few dozen deep."""
UNPACKED_MOST = 200_000_000
"""Bytes that a packed document may grow to."""

TEXT_SUFFIXES = frozenset([".md", ".markdown", ".mdx", ".txt", ".rst", ".text"])
HTML_SUFFIXES = frozenset([".html", ".htm", ".xhtml"])
SUFFIXES = TEXT_SUFFIXES | HTML_SUFFIXES | {".pdf", ".docx"}

_BESIDE = ("script", "style", "nav", "footer", "aside", "form", "noscript", "template", "svg", "iframe", "button")
_BLOCKS = ("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "pre", "tr", "dt", "dd", "blockquote", "figcaption")


class Unreadable(Exception):
    """A document that cannot be learned; the text says why, for a person."""


def to_markdown(data: bytes, suffix: str) -> str:
    """The text of a document with *suffix* (".pdf") as Markdown. Blocking. Raises `Unreadable`."""
    if len(data) > FILE_MOST:
        raise Unreadable(f"it is larger than {FILE_MOST // 1_000_000} MB")
    suffix = suffix.lower()
    try:
        if suffix == ".pdf" or data[:5] == b"%PDF-":
            text = _pdf(data)
        elif suffix == ".docx":
            text = _docx(data)
        elif b"\0" in data[:4_096]:
            raise Unreadable("it is not a text file")
        elif suffix in HTML_SUFFIXES:
            text = _html(data)
        else:
            text = data.decode("utf-8-sig", "replace")
    except Unreadable:
        raise
    except (Exception, RecursionError) as error:  # parsers meet broken files in ways without number
        raise Unreadable(f"it is damaged, or not what its name says ({type(error).__name__})") from error
    if not text.strip():
        raise Unreadable("it holds no text" + (" (a scan needs to be recognized first)" if suffix == ".pdf" else ""))
    return text[:TEXT_MOST]


def _html(data: bytes) -> str:
    from bs4 import BeautifulSoup, Tag  # noqa: PLC0415

    class Shallow(BeautifulSoup):
        """Tags that lie too deep are left out, and their text belongs to what is around them: each would take time by
        its depth."""

        def handle_starttag(self, *args: Any, **named: Any) -> Tag | None:
            return super().handle_starttag(*args, **named) if len(self.tagStack) < DEPTH_MOST else None

    page = Shallow(data, "html.parser")
    for beside in page(_BESIDE):
        beside.decompose()
    title = page.title.get_text(" ", strip=True) if page.title else ""
    root = page.find("main") or page.find("article") or page.body or page
    lines = list(_lines(root)) if isinstance(root, Tag) else []
    if not lines and page.title:
        page.title.decompose()
    lines = lines or [page.get_text("\n", strip=True)]
    if title and not any(line.startswith("# ") for line in lines):
        lines.insert(0, f"# {title}")
    return "\n\n".join(lines)


def _lines(root: "Tag") -> Iterator[str]:
    """The blocks of a page, each once: a list item holds its paragraphs, not the lists inside it."""
    for block in root.find_all(_BLOCKS):
        if block.find_parent(("pre", "tr")) or (block.name == "p" and block.find_parent(("li", "dd", "blockquote"))):
            continue
        if block.name == "pre":
            yield f"```\n{block.get_text().strip()}\n```"
            continue
        if block.name == "tr":
            cells = [" ".join(cell.get_text(" ").split()) for cell in block.find_all(("td", "th"))]
            yield "| " + " | ".join(cells) + " |"
            continue
        kept = [child.extract() for child in block.find_all(("ul", "ol", "dl", "table", "pre"))]
        text = " ".join(block.get_text(" ").split())
        for child in kept:
            block.insert_after(child)
        if text:
            text = re.sub(r"\s+([.,;:!?)])", r"\1", text)
            yield (
                f"{'#' * int(block.name[1])} {text}"
                if block.name[0] == "h"
                else f"- {text}"
                if block.name == "li"
                else text
            )


def _pdf(data: bytes) -> str:
    from pypdf import PdfReader  # noqa: PLC0415

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("it is locked with a password")
    pages, length = [], 0
    for number, page in enumerate(reader.pages):
        text = page.extract_text() or ""
        length += len(text)
        if number >= PAGES_MOST or length > TEXT_MOST:
            break
        pages.append(_unwrap(text))
    title = str((reader.metadata.title if reader.metadata else "") or "").strip()
    return (f"# {title}\n\n" if title else "") + "\n\n".join(pages)


def _unwrap(text: str) -> str:
    """Lines of a page joined into paragraphs; words cut at a line's end made whole."""
    text = re.sub(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])", "", text.replace("\r\n", "\n"))
    return re.sub(r"(?<![.!?:\n])\n(?=[^\s•\-*\d])", " ", text)


def _docx(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED_MOST:
            raise Unreadable("it unpacks to far too much")
    import docx  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415

    lines = []
    for block in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(block, Table):
            lines.append(_table(block))
            continue
        text, style = block.text.strip(), str(block.style.name if block.style else "")
        level = re.fullmatch(r"Heading (\d)", style)
        if text and (level or style == "Title"):
            lines.append(f"{'#' * (int(level[1]) if level else 1)} {text}")
        elif text:
            lines.append(f"- {text}" if style.startswith("List") else text)
    return "\n\n".join(lines)


def _table(table: "Table") -> str:
    rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in table.rows]
    if not rows:
        return ""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)
