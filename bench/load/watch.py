"""The server from outside: CPU time, memory and open files of its processes, tasks and conversations by its metrics."""

import asyncio
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.conversation import cpu_seconds, resident

LOOK = 5.0
"""Seconds between looks."""


@dataclass(slots=True)
class Look:
    """What one look found. Memory in MB, CPU in seconds so far."""

    at: float
    memory: float
    files: int
    cpu: float
    tasks: float
    conversations: float
    idle: float
    """Seconds that all cores together have been idle since the machine's start."""
    lag: dict[float, float] = field(default_factory=dict)
    """How late the event loops were: how often up to so many seconds, since the start."""


def family(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def open_files(pid: int) -> int:
    """How many a process has."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def idle_seconds() -> float:
    """Idle time of all cores."""
    return float(Path("/proc/stat").read_text().split()[4]) / os.sysconf("SC_CLK_TCK")


async def look(url: str, pid: int) -> Look:
    """Look once."""
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{url}/metrics")).text
    pids = family(pid)
    found = {"tasks": 0.0, "conversations": 0.0}
    for name, value in re.findall(r"^visavis_(tasks|conversations)(?:\{.*\})? (\S+)$", text, re.MULTILINE):
        found[name] += float(value)
    lag: dict[float, float] = {}
    for bound, count in re.findall(r'^visavis_loop_lag_seconds_bucket\{le="([^"]+)".*\} (\S+)$', text, re.MULTILINE):
        lag[float(bound)] = lag.get(float(bound), 0.0) + float(count)
    return Look(
        time.monotonic(),
        sum(map(resident, pids)),
        sum(map(open_files, pids)),
        sum(map(cpu_seconds, pids)),
        found["tasks"],
        found["conversations"],
        idle_seconds(),
        lag,
    )


async def watch(url: str, pid: int, looks: list[Look]) -> None:
    """Look again and again, until cancelled."""
    while True:
        looks.append(await look(url, pid))
        await asyncio.sleep(LOOK)


def late(before: Look, after: Look, share: float = 0.99) -> float:
    """The bound (s) under which *share* of the looks at the event loop found its lag."""
    counts = {bound: after.lag[bound] - before.lag.get(bound, 0.0) for bound in sorted(after.lag)}
    total = max(counts.values(), default=0.0)
    return next((bound for bound, count in counts.items() if count >= share * total), float("nan"))
