"""Runs the crowd beside one alone, prints what came of it, and writes the section of docs/benchmarks.md."""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import report
from bench.conversation import ANSWER, FIRST_BYTE, FIRST_TOKEN, RATE, SPEED, cpu_seconds
from bench.load.people import CUTS_IN, DROPS, THINKS
from bench.load.sizing import Carried, sizing
from bench.load.watch import Look, late, look, watch
from tests import server
from tests.fakes import host
from tests.services import running_redis

GAP = 0.02
"""Seconds of missing sound from which on a person can hear it."""
RESUME = 10
"""Seconds that the server waits for who has left: short, so that what is left over shows at the end."""
RATIO = 1.5
"""First sound, p95, against one alone: beyond it a crowd is too large."""
RELIABILITY = report.PAGE.with_name("reliability.md")
STEP, LIMIT_SECONDS = 1.25, 60.0
"""The search for the limit: each crowd so many times the last one, for so long."""


@dataclass(frozen=True, slots=True)
class Run:
    """One crowd."""

    people: int
    seconds: float
    workers: int
    seen: dict[str, Any]
    looks: list[Look]
    before: Look
    end: Look
    after: Look
    fakes: float
    """CPU seconds of model and voice."""

    @property
    def ratio(self) -> float:
        """First sound, p95, against one alone."""
        return p95(self.seen["first"]) / p95(self.seen["alone"])

    @property
    def gaps(self) -> int:
        """Turns with sound missing."""
        return sum(gap > GAP for gap in self.seen["starved"])

    @property
    def cpu(self) -> float:
        """CPU seconds of the server while the crowd was there."""
        return self.end.cpu - self.before.cpu

    @property
    def lasted(self) -> float:
        """Seconds that the crowd was there."""
        return self.end.at - self.before.at

    @property
    def minutes(self) -> float:
        """Minutes of speech."""
        return float(self.seen["spoken"]) / 60

    @property
    def idle(self) -> float:
        """Share of the machine that did nothing."""
        return (self.end.idle - self.before.idle) / self.lasted / (os.cpu_count() or 1)


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else float("nan")


@asynccontextmanager
async def house(workers: int) -> AsyncIterator[tuple[str, int, list[int]]]:
    """A server with the fakes at the measured settings. Yields (address, its process, those of the fakes)."""
    voice = ("--first-byte", str(FIRST_BYTE), "--speed", str(SPEED))
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        model = ("--first-token", str(FIRST_TOKEN), "--rate", str(RATE))
        chat = await stack.enter_async_context(host.process("tests.fakes.chat", *model))
        edge = await stack.enter_async_context(host.process("tests.fakes.edge", *voice))
        await chat.set(answer=ANSWER)
        environment = {
            "OPENAI_BASE_URL": chat.url,
            "OPENAI_API_KEY": "none",
            "VISAVIS_EDGE_URL": edge.url,
            "VISAVIS_EDGE_PARALLEL": "64",
            "VISAVIS_MODEL_PARALLEL": "1000",
            "VISAVIS_SESSIONS": "5000",
            "VISAVIS_RESUME_SECONDS": str(RESUME),
            # Every answer is rendered anew, as if all were different.
            "VISAVIS_CACHE": "false",
            "VISAVIS_DATA": folder,
        }
        if workers > 1:
            environment["VISAVIS_REDIS_URL"] = stack.enter_context(running_redis())
        options = ("--workers", str(workers)) if workers > 1 else ()
        url, child = stack.enter_context(server.process(environment, None, *options))
        yield url, child.pid, [chat.pid, edge.pid]


async def run(people: int, seconds: float, workers: int = 1, seed: int = 1, *, settle: bool = True) -> Run:
    """*people* for *seconds*; with *settle* also what is left when they have gone."""
    async with house(workers) as (url, pid, fakes):
        await asyncio.sleep(3)  # what warms up behind the start
        command = ["-m", "bench.load.people", "--url", url, "--people", str(people)]
        child = await asyncio.create_subprocess_exec(
            sys.executable, *command, "--seconds", str(seconds), "--seed", str(seed),
            stdout=asyncio.subprocess.PIPE, limit=64 * 1024 * 1024,
        )  # fmt: skip
        assert child.stdout is not None
        await child.stdout.readline()  # the one alone is done
        before, theirs, looks = await look(url, pid), sum(map(cpu_seconds, fakes)), []
        watching = asyncio.create_task(watch(url, pid, looks))
        line = await child.stdout.readline()
        watching.cancel()
        await child.wait()
        if not line:
            raise RuntimeError("the people have failed")
        theirs = sum(map(cpu_seconds, fakes)) - theirs
        end = after = await look(url, pid)
        if settle:
            await asyncio.sleep(RESUME + 12)
            after = await look(url, pid)
        return Run(people, seconds, workers, json.loads(line), looks, before, end, after, theirs)


def slope(looks: list[Look]) -> float:
    """Megabytes an hour over the second half: the first is filling pools."""
    half = looks[len(looks) // 2 :]
    if len(half) < 3:
        return float("nan")
    return statistics.linear_regression([one.at for one in half], [one.memory for one in half]).slope * 3_600


def section(one: Run) -> str:
    """The Markdown of one run."""
    seen, errors = one.seen, one.seen["errors"]
    seconds = one.lasted
    rows = [
        ["turns heard to the end", str(len(seen["first"]))],
        ["first sound, p95, against one alone", f"**{one.ratio:.2f}**"],
        [
            "first sound, median, against one alone",
            f"{statistics.median(seen['first']) / statistics.median(seen['alone']):.2f}",
        ],
        ["turns with more than 20 ms of sound missing", str(one.gaps)],
        ["the longest gap", f"{max(seen['starved']) * 1000:.0f} ms"],
        ["interrupted; dropped, and resumed", f"{seen['cut']}; {seen['dropped']}, {seen['resumed']}"],
        ["errors", ", ".join(f"{e} x {errors.count(e)}" for e in sorted(set(errors))) or "none"],
        ["server's CPU seconds per spoken minute", f"{one.cpu / one.minutes:.2f}"],
        ["server's share of one core", f"{one.cpu / seconds:.0%}"],
        ["event loop late by, p99, under", f"{late(one.before, one.end) * 1000:.0f} ms"],
        ["the people's and the fakes' share of one core", f"{seen['cpu'] / seconds:.0%}, {one.fakes / seconds:.0%}"],
        ["the machine idle", f"{one.idle:.0%} of {os.cpu_count()} cores"],
        ["memory, before and at most", f"{one.before.memory:.0f}, {max(o.memory for o in one.looks):.0f} MB"],
        ["memory's slope over the second half", f"{slope(one.looks):+.0f} MB an hour"],
        ["open files before, at most, when all had left", _three(one, "files")],
        ["tasks before, at most, when all had left", _three(one, "tasks")],
        ["conversations when all had left", f"{one.after.conversations:.0f}"],
    ]
    workers = f" --workers {one.workers}" if one.workers > 1 else ""
    return f"""## A full house

`python -m bench load --people {one.people} --minutes {one.seconds / 60:g}{workers}`. {one.people} people who
listen in real time, think {THINKS[0]:.0f} to {THINKS[1]:.0f} s, cut in ({CUTS_IN:.0%}) and lose their connection
({DROPS:.0%}). Nothing is cached. The one alone asked {len(seen["alone"])} times before.

{report.table(["", f"{one.people} people, {one.seconds:.0f} s, {one.workers} worker{'s' * (one.workers > 1)}"], rows)}
"""


def _three(one: Run, what: str) -> str:
    most = max(getattr(each, what) for each in one.looks)
    return f"{getattr(one.before, what):.0f}, {most:.0f}, {getattr(one.after, what):.0f}"


async def find_limit(start: int, seconds: float, workers: int) -> tuple[str, Carried | None]:
    """Ever larger crowds until one is too large; the Markdown of the section, and the largest that was carried."""
    people, runs = start, list[Run]()
    while True:
        runs.append(await run(people, seconds, workers, settle=False))
        print(_row(runs[-1]), flush=True)
        if gives(runs[-1]):
            break
        people = round(people * STEP / 5) * 5
    head = [
        "people",
        "first sound, p95 / alone",
        "turns with a gap",
        "errors",
        "server / core",
        "CPU s per spoken minute",
    ]
    head += ["loop late, p99 under", "MB", "machine idle"]
    text = f"""## The limit

`python -m bench load --find-limit --people {start} --workers {workers}`. Crowds of growing size, {seconds:.0f} s
each, until the first sound's p95 is beyond {RATIO} times that of one alone, or more than one turn in a hundred
has a gap, or anybody sees an error.

{report.table(head, [_row(one) for one in runs])}

What gives first: {gives(runs[-1])}, at {runs[-1].people} people; {runs[-2].people if len(runs) > 1 else 0} were
carried.
"""
    print(text)
    return text, carried(runs[-2]) if len(runs) > 1 else None


def carried(one: Run) -> Carried:
    """What one worker of *one* carried."""
    return Carried(
        one.people // one.workers,
        one.cpu / one.lasted / one.workers,
        one.cpu / one.minutes,
        one.minutes / (one.lasted / 60 * one.people),
        one.before.memory / one.workers,
        (max(each.memory for each in one.looks) - one.before.memory) / one.people,
    )


def gives(one: Run) -> str:
    """What is too much for *one* crowd; empty if nothing is."""
    found = []
    if one.ratio > RATIO:
        found.append("the time of the first sound")
    if one.gaps > 0.01 * len(one.seen["starved"]):
        found.append("the sound itself (gaps)")
    if one.seen["errors"]:
        found.append("errors: " + ", ".join(sorted(set(one.seen["errors"]))))
    return " and ".join(found)


def _row(one: Run) -> list[str]:
    seconds = one.lasted
    return [
        str(one.people),
        f"{one.ratio:.2f}",
        f"{one.gaps} of {len(one.seen['starved'])}",
        str(len(one.seen["errors"])),
        f"{one.cpu / seconds:.0%}",
        f"{one.cpu / one.minutes:.2f}",
        f"{late(one.before, one.end) * 1000:.0f} ms",
        f"{max(each.memory for each in one.looks):.0f}",
        f"{one.idle:.0%}",
    ]


def main() -> None:
    """Run, and write docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="python -m bench load", description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--find-limit", action="store_true", help="ever larger crowds, from --people on")
    parser.add_argument("--only-print", action="store_true", help="leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    if options.find_limit:
        seconds = min(LIMIT_SECONDS, options.minutes * 60)
        text, most = asyncio.run(find_limit(options.people, seconds, options.workers))
        name = "limit" if options.workers == 1 else f"limit-{options.workers}-workers"
        if most is not None and options.workers == 1:
            page = sizing(most, f"python -m bench load --find-limit --people {options.people}")
            print(page)
            if not options.only_print:
                report.write("sizing", page, RELIABILITY)
    else:
        name = "load" if options.workers == 1 else f"load-{options.workers}-workers"
        text = section(asyncio.run(run(options.people, options.minutes * 60, options.workers, options.seed)))
        print(text)
    if not options.only_print and Path("docs").is_dir():
        report.write(name, text)
