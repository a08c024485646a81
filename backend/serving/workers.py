"""Several worker processes of one server, seen as one from outside: their metrics together, told apart by a label.

A scrape reaches any one of them. That one asks the others over sockets in a folder which only they know, so what it
answers is of this moment, and who has been killed is simply not there any more. Each worker takes the lowest free
number, so that the label has as many values as there are workers, however often they are restarted.
"""

import asyncio
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

FOLDER = "VISAVIS_WORKERS_FOLDER"
"""The variable in which `visavis serve --workers` hands the folder to its workers."""
PATIENCE = 0.5
"""Seconds for a sibling's answer: one that hangs is left out."""
MOST = 256
_SAMPLE = re.compile(rb"([A-Za-z_:][\w:]*)(?:\{(.*)\})? (.+)")


class Worker:
    """This process among its siblings in *folder*; *tell* gives its own metrics as Prometheus reads them."""

    def __init__(self, folder: Path, tell: Callable[[], bytes]) -> None:
        self._folder, self._tell = folder, tell
        self._lock = -1
        self._server: asyncio.Server | None = None
        self.number = 0

    async def join(self) -> None:
        """Take a number and answer the siblings."""
        self.number, self._lock = self._claim()
        path = self._path(self.number)
        path.unlink(missing_ok=True)  # of one that was killed
        self._server = await asyncio.start_unix_server(self._answer, path)

    async def leave(self) -> None:
        """Be asked no more."""
        if self._server is not None:
            self._server.close()
            self._path(self.number).unlink(missing_ok=True)
            os.close(self._lock)

    async def __aenter__(self) -> Self:
        await self.join()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def everyone(self) -> bytes:
        """The metrics of all workers, each sample with its worker's number."""
        others = [n for n in range(1, MOST) if n != self.number and self._path(n).exists()]
        told = await asyncio.gather(*map(self._ask, others))
        return together({self.number: self._tell()} | dict(zip(others, told, strict=True)))

    def _claim(self) -> tuple[int, int]:
        from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415 - Unix only, as several workers are

        for number in range(1, MOST):
            file = os.open(self._folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                flock(file, LOCK_EX | LOCK_NB)  # gone with the process, however it ends
            except OSError:
                os.close(file)
            else:
                return number, file
        raise RuntimeError("too many workers")

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.socket"

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._tell())
        with suppress(OSError):
            await writer.drain()
        writer.close()

    async def _ask(self, number: int) -> bytes:
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_unix_connection(self._path(number))
                return await reader.read(-1)
        except (OSError, TimeoutError):
            return b""
        finally:
            if writer is not None:
                writer.close()


def together(texts: dict[int, bytes]) -> bytes:
    """One exposition made of those of several workers: every family once, every sample with its worker's number."""
    heads: dict[bytes, list[bytes]] = {}
    samples: dict[bytes, list[bytes]] = {}
    for number, text in sorted(texts.items()):
        family = b""
        for line in text.splitlines():
            if line.startswith(b"#"):
                _, kind, family, *_ = line.split(b" ", 3)
                if kind == b"HELP" and family not in heads:
                    heads[family] = [line]
                elif kind == b"TYPE" and len(heads.get(family, [])) == 1:
                    heads[family].append(line)
            elif found := _SAMPLE.fullmatch(line):
                name, labels, value = found.groups()
                labels = (labels + b"," if labels else b"") + b'worker="%d"' % number
                samples.setdefault(family, []).append(b"%s{%s} %s" % (name, labels, value))
    return b"".join(b"\n".join([*head, *samples.get(family, [])]) + b"\n" for family, head in heads.items())
