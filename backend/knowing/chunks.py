"""Cuts documents into chunks that keep the headings they stand under."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TARGET = 900
"""Letters that a chunk aims at: about 200 tokens, a passage that a small prompt can carry four of."""
MOST = 1_400
"""A chunk is never longer than this (letters)."""

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_UNDERLINE = re.compile(r"^(=+|-+)\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？।؟])\s+")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document; `heading` is the path of headings above it, "Install > Linux"."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document's text as Markdown, and where it came from.

    `address` is its full path or URL, by which it is known; `source` is what a person is shown of it.
    """

    address: str
    source: str
    title: str
    text: str


def title_of(text: str, fallback: str) -> str:
    """The first top heading of a Markdown *text*, else *fallback*."""
    for heading, _ in _sections(text):
        if heading:
            return plain(heading[0])
    return fallback


def chunks(text: str) -> list[Chunk]:
    """Cut Markdown or plain *text* into chunks of about `TARGET` letters, at headings, then at paragraphs."""
    made: list[Chunk] = []
    for heading, body in _sections(text):
        path = " > ".join(plain(part) for part in heading)
        made.extend(Chunk(path, piece) for piece in _pack(body))
    return made


def plain(text: str) -> str:
    """One line of Markdown without its marks."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"(\*\*|__|[*`]|(?<!\w)_|_(?!\w))", "", text).strip()


def _sections(text: str) -> Iterator[tuple[list[str], str]]:
    """Every stretch between two headings, with the path of headings above it."""
    text = _COMMENT.sub("", _FRONT_MATTER.sub("", text.replace("\r\n", "\n").replace("\0", "")))
    path: list[tuple[int, str]] = []
    body: list[str] = []
    in_fence = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            in_fence = not in_fence
        level, name = (0, "") if in_fence else _heading(line, body)
        if not level:
            body.append(line)
            continue
        yield [part for _, part in path], "\n".join(body)
        body = []
        path = [*(part for part in path if part[0] < level), (level, name)]
    yield [part for _, part in path], "\n".join(body)


def _heading(line: str, body: list[str]) -> tuple[int, str]:
    """The level and name of the heading that *line* makes; takes an underlined name back out of *body*."""
    if found := _HEADING.match(line):
        return len(found[1]), found[2]
    underlined = _UNDERLINE.match(line) and len(line.strip()) > 2 and body and body[-1].strip()
    starts_block = underlined and (len(body) < 2 or not body[-2].strip())
    if starts_block and not re.match(r"\s*([-*+>|]|\d+\.)", body[-1]):
        return (1 if line.startswith("=") else 2), body.pop().strip()
    return 0, ""


def _blocks(body: str) -> Iterator[str]:
    """Paragraphs, lists, tables and code fences, each whole."""
    block: list[str] = []
    in_fence = False
    for line in body.split("\n"):
        if _FENCE.match(line):
            in_fence = not in_fence
        if line.strip() or in_fence:
            block.append(line.rstrip())
        elif block:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)


def _pack(body: str) -> Iterator[str]:
    """Join small blocks up to `TARGET` letters and split those over `MOST`."""
    packed = ""
    for block in _blocks(body):
        for piece in _split(block):
            if packed and len(packed) + len(piece) > TARGET:
                yield packed
                packed = ""
            packed = f"{packed}\n\n{piece}" if packed else piece
    if packed.strip():
        yield packed


def _split(block: str) -> Iterator[str]:
    if len(block) <= MOST:
        yield block
        return
    if (fence := _FENCE.match(block)) and "\n" in block:
        opening, _, inner = block.partition("\n")
        inner = inner.removesuffix(fence[1])
        for piece in _split(inner) if len(inner) > MOST - 40 else [inner]:
            yield f"{opening[:40]}\n{piece.rstrip()}\n{fence[1]}"
        return
    parts = block.split("\n") if "\n" in block else _SENTENCE_END.split(block)
    joint = "\n" if "\n" in block else " "
    piece = ""
    for part in (bit for whole in parts for bit in _hard(whole)):
        if piece and len(piece) + len(part) + 1 > TARGET:
            yield piece
            piece = ""
        piece = f"{piece}{joint}{part}" if piece else part
    if piece:
        yield piece


def _hard(text: str) -> Iterator[str]:
    """Cut what has no border at all, at word borders where there are any."""
    while len(text) > MOST:
        cut = text.rfind(" ", 0, TARGET) + 1 or TARGET
        yield text[:cut].rstrip()
        text = text[cut:]
    yield text
