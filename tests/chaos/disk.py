"""The disk is full: conversations go on, and what could not be written then is written when there is room again.

Nothing is imitated: the operating system refuses the running server's writes. On a disk of a megabyte of its own
(a tmpfs, where the tests may mount one) with ENOSPC; else with EFBIG, by taking its permission to let files grow.
"""

import os
import resource
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.house import House, Row

SMALL = "24m"
LEAST = 2.0
"""Seconds without room."""


async def trials(folder: Path, people: int) -> AsyncIterator[Row]:
    """A full disk, by quota and, where that can be mounted, in earnest."""
    async with House(folder / "quota") as house:
        quota = no_growth(house.server.pid)
        yield await house.trial("the disk", "takes no more (EFBIG)", quota, people, lasts=LEAST)
        await house.inspect()
    small = folder / "small"
    with mounted(small) as works:
        if works:
            async with House(small) as house:
                yield await house.trial("the disk", "is full (ENOSPC)", filled(small), people, lasts=LEAST)
                await house.inspect()


@contextmanager
def no_growth(pid: int) -> Iterator[None]:
    """No file of the process may grow; it is told EFBIG, as others are told ENOSPC."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def mounted(folder: Path) -> Iterator[bool]:
    """A disk of `SMALL` at *folder*; False where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    works = os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield works
    finally:
        if works:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is left."""
    ballast = folder / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for size in (65_536, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass
        yield
    finally:
        ballast.unlink()
