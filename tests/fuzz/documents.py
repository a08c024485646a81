"""Fuzzes what reads documents: `python -m tests.fuzz documents --inputs 100000`.

Sound files of every kind with bits turned, pieces cut, doubled and swapped; the parts of DOCX files changed inside
their packing; pages nested deeply; archives that unpack to far more than they are. Each must give text within its
bound or a sentence why not, and in time.
"""

import io
import logging
import random
import signal
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from backend.knowing.chunks import chunks
from backend.knowing.readers import SUFFIXES, TEXT_MOST, Unreadable, to_markdown
from tests.knowing.test_readers import PAGE, pdf, word

PATIENCE = 60
"""Seconds after which a document counts as one that never ends, on however busy a machine."""
LONGEST = 1_000_000
"""Bytes; a longer one only takes longer."""
KINDS = (".pdf", ".docx", ".html", ".md")
ODD = [
    *(b"<div>" * 2_000, b"<table><tr><td>" * 500, b"&#x110000;", b"<!--", b"<![CDATA[", b"\xff\xfe\x00", b"]]>"),
    *(b"4 0 R", b"999999999 0 R", b"/Kids [2 0 R]", b"/Count 2147483647", b"/Length -1", b"<<" * 400, b"[" * 400),
    *(b"/Filter /FlateDecode", b"/Filter [/ASCII85Decode /LZWDecode]", b"obj", b"endstream", b"xref\n0 99999999\n"),
    *(b"# " * 500, b"```", b"| a |" * 200, b"- " * 1_000, b"\0", "\u202e\U0001f600".encode(), b"1e999"),
]


@cache
def _sound() -> dict[str, bytes]:
    text = PAGE.replace(b"<", b"\n#<")
    return {".pdf": pdf("Trains go (often).\nBook early.", "Travel"), ".docx": word(), ".html": PAGE, ".md": text}


def document(chance: random.Random) -> tuple[bytes, str]:
    """One input: (data, suffix)."""
    kind = chance.choice(KINDS)
    data = _sound()[kind]
    if kind == ".docx" and chance.random() < 0.8:
        data = _repacked(data, chance)
    if kind != ".docx" or chance.random() < 0.3:
        for _ in range(chance.randint(1, 4)):
            data = mutated(data, chance)
    if chance.random() < 0.02:
        data = _bomb(chance)
    data = data[:LONGEST]
    return data, kind if chance.random() < 0.9 else chance.choice(sorted(SUFFIXES))


def mutated(data: bytes, chance: random.Random) -> bytes:
    """*data* with one thing out of place."""
    begin, end = sorted(chance.choices(range(len(data) + 1), k=2))
    match chance.randrange(6):
        case 0:
            found = bytearray(data)
            for _ in range(chance.randint(1, 8)):
                if found:
                    found[chance.randrange(len(found))] = chance.randrange(256)
            return bytes(found)
        case 1:
            return data[:begin] + data[end:]
        case 2:
            return data[:end] + data[begin:end] * chance.choice([1, 2, 20]) + data[end:]
        case 3:
            return data[:begin] + chance.choice(ODD) + data[begin:]
        case 4:
            return data[:begin] + chance.choice(ODD) + data[end:]
    return data[begin:] + data[:begin]


def _repacked(data: bytes, chance: random.Random) -> bytes:
    """A DOCX with the inside of some of its parts changed, and the packing in order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            inside = old.read(name)
            if name.endswith((".xml", ".rels")) and chance.random() < 0.3:
                inside = mutated(inside, chance)
            if chance.random() > 0.03:
                new.writestr(name, inside)
    return packed.getvalue()


@cache
def _zeros(megabytes: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("word/document.xml", bytes(megabytes * 1_000_000))
    return packed.getvalue()


def _bomb(chance: random.Random) -> bytes:
    """An archive that unpacks to a thousand times its size, also one that lies about it."""
    data = _zeros(chance.choice([1, 20, 250]))
    size = chance.getrandbits(32).to_bytes(4, "little") if chance.random() < 0.5 else b"\x10\0\0\0"
    at = data.rfind(b"PK\x01\x02")
    return data[: at + 24] + size + data[at + 28 :] if chance.random() < 0.7 else data


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raises TimeoutError in what takes longer, blocking or not."""

    def over(*_: object) -> None:
        raise TimeoutError(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check(data: bytes, suffix: str) -> bool:
    """Whether the document gives text. Raises AssertionError when it does harm."""
    try:
        with limited(PATIENCE):
            text = to_markdown(data, suffix)
            pieces = chunks(text)
    except Unreadable as error:
        assert 0 < len(str(error)) < 200, error
        assert "TimeoutError" not in str(error), "no end"
        return False
    assert text.strip()
    assert len(text) <= TEXT_MOST
    assert all(piece.text for piece in pieces)
    return True


def fuzz(inputs: int, seed: int = 1) -> str:
    """Read *inputs*; a sentence about them. Raises AssertionError, with the input kept, when one does harm."""
    for reader in ("pypdf", "bs4"):
        logging.getLogger(reader).setLevel(logging.CRITICAL)  # they tell of every broken piece
    chance, read, slowest = random.Random(seed), 0, 0.0
    for number in range(inputs):
        data, suffix = document(chance)
        began = time.monotonic()
        try:
            read += check(data, suffix)
        except BaseException as error:
            raise AssertionError(f"input {number} of seed {seed} ({suffix}, {len(data)} bytes): {error!r}") from error
        slowest = max(slowest, time.monotonic() - began)
    return f"{read} read, {inputs - read} refused in a sentence, the slowest took {slowest:.1f} s"
