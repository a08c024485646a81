"""A full house: many conversations at once over real sockets, beside one alone in the same run.

    python -m bench.load --people 100 --seconds 1800

People listen in real time, think for a while, ask again; some cut in, some lose their connection and come back. The
model and the voice are the fakes at the settings of `bench.conversation`. Server, fakes and people share the machine:
what the people take is measured as well, since on few cores they are part of the load.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import report
from bench.conversation import ANSWER, FIRST_BYTE, FIRST_TOKEN, RATE, SPEED, cpu_seconds, one_turn, resident
from tests import server
from tests.fakes import host
from tests.talker import Talker, talker

THINKS = (2.0, 8.0)
"""Seconds between the end of an answer and the next question: what people take to think and to speak."""
CUTS_IN, DROPS = 0.1, 0.05
"""Shares of turns that are interrupted, and in which the connection is lost."""
LOOK = 5.0
"""Seconds between looks at the server's memory and files."""
ALONE = 4
"""Turns of the one who is alone."""


@dataclass(slots=True)
class Seen:
    """What everybody saw together. Times in seconds."""

    first: list[float] = field(default_factory=list)
    starved: list[float] = field(default_factory=list)
    spoken: float = 0.0
    cut: int = 0
    dropped: int = 0
    resumed: int = 0
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    cpu: float = 0.0
    people_cpu: float = 0.0


def p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else float("nan")


async def person(url: str, seen: Seen, until: float, chance: random.Random) -> None:
    """One person's evening."""
    await asyncio.sleep(chance.uniform(0, THINKS[1]))
    resume, turns = None, None
    while time.monotonic() < until:
        try:
            async with talker(url, resume=resume, turns=turns) as me:
                if me.errors:
                    seen.errors.append(me.errors[0]["code"])
                    await asyncio.sleep(1)
                    continue
                if resume is not None:
                    seen.resumed += me.ready["resumed"]
                resume, turns = None, me.turns
                while time.monotonic() < until and resume is None:
                    resume = await turn(me, seen, chance)
                    await asyncio.sleep(chance.uniform(*THINKS))
                seen.errors += [error["code"] for error in me.errors]
        except* (OSError, TimeoutError, AssertionError) as group:
            seen.errors += [type(error).__name__ for error in group.exceptions]
            await asyncio.sleep(1)


async def turn(me: Talker, seen: Seen, chance: random.Random) -> dict[str, object] | None:
    """One exchange; what to come back with where the connection is lost on purpose."""
    fate = chance.random()
    if fate < CUTS_IN:
        heard = await me.say("How does it work?")
        await me.until(lambda: heard.first_sound or heard.end, 60)
        await asyncio.sleep(chance.uniform(0.2, 2.0))
        await me.send(type="interrupt", turn=heard.turn, line=0, played_ms=200)
        await me.until(lambda: heard.end, 60)
        seen.cut += 1
        return None
    if fate < CUTS_IN + DROPS:
        heard = await me.say("How does it work?")
        await me.until(lambda: heard.first_sound or heard.end, 60)
        seen.dropped += 1
        return {"token": me.ready["resume"], "seq": me.seq}
    first, heard = await one_turn(me)
    seen.first.append(first)
    seen.starved.append(heard.starved)
    seen.spoken += heard.seconds()
    return None


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


async def look(pid: int, seen: Seen, until: float) -> None:
    """Watch the server's memory and open files."""
    began = time.monotonic()
    while time.monotonic() < until:
        seen.memory.append((time.monotonic() - began, resident(pid)))
        seen.files.append(open_files(pid))
        await asyncio.sleep(LOOK)


def slope(memory: list[tuple[float, float]]) -> float:
    """Megabytes an hour over the second half: the first is filling caches and pools."""
    half = memory[len(memory) // 2 :]
    if len(half) < 3:
        return float("nan")
    return statistics.linear_regression(*zip(*half, strict=True)).slope * 3_600


async def crowd(url: str, pid: int, people: int, seconds: float, seed: int = 1) -> Seen:
    """*people* at once for *seconds*."""
    seen, until = Seen(), time.monotonic() + seconds
    before, mine = cpu_seconds(pid), cpu_seconds(os.getpid())
    async with asyncio.TaskGroup() as group:
        group.create_task(look(pid, seen, until))
        for number in range(people):
            group.create_task(person(url, seen, until, random.Random(seed * 10_000 + number)))
    seen.cpu, seen.people_cpu = cpu_seconds(pid) - before, cpu_seconds(os.getpid()) - mine
    return seen


async def measure(people: int, seconds: float) -> str:
    """One alone, then the crowd; the Markdown of the section."""
    voice = ("--first-byte", str(FIRST_BYTE), "--speed", str(SPEED))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            host.process("tests.fakes.chat", "--first-token", str(FIRST_TOKEN), "--rate", str(RATE)) as chat,
            host.process("tests.fakes.edge", *voice) as edge,
        ):
            await chat.set(answer=ANSWER)
            environment = {
                "OPENAI_BASE_URL": chat.url,
                "OPENAI_API_KEY": "none",
                "VISAVIS_EDGE_URL": edge.url,
                "VISAVIS_EDGE_PARALLEL": "64",
                # Every answer is rendered anew, as if all were different.
                "VISAVIS_CACHE_MEMORY_MB": "0",
                "VISAVIS_CACHE_DISK_MB": "0",
                "VISAVIS_DATA": folder,
            }
            with server.process(environment) as (url, child):
                async with talker(url) as me:
                    await one_turn(me)
                    alone = [(await one_turn(me))[0] for _ in range(ALONE)]
                before = resident(child.pid)
                seen = await crowd(url, child.pid, people, seconds)
    text = section(people, seconds, alone, seen, before)
    print(text)
    return text


def section(people: int, seconds: float, alone: list[float], seen: Seen, before: float) -> str:
    one, many = p95(alone), p95(seen.first)
    rows = [
        ["turns heard to the end", str(len(seen.first))],
        ["first sound, p95, against one alone", f"**{many / one:.2f}**"],
        ["first sound, median, against one alone", f"{statistics.median(seen.first) / statistics.median(alone):.2f}"],
        ["turns with more than 20 ms of sound missing", str(sum(gap > 0.02 for gap in seen.starved))],
        ["the longest gap", f"{max(seen.starved) * 1000:.0f} ms"],
        ["interrupted; dropped, and resumed", f"{seen.cut}; {seen.dropped}, {seen.resumed}"],
        ["errors", ", ".join(f"{e} x {seen.errors.count(e)}" for e in sorted(set(seen.errors))) or "none"],
        ["server's CPU seconds per spoken minute", f"{seen.cpu / (seen.spoken / 60):.2f}"],
        ["server's share of one core", f"{seen.cpu / seconds:.0%}"],
        ["the people's share of one core", f"{seen.people_cpu / seconds:.0%}"],
        ["memory, from one to all", f"{before:.0f} to {max(m for _, m in seen.memory):.0f} MB"],
        ["memory's slope over the second half", f"{slope(seen.memory):+.0f} MB an hour"],
        ["open files, at most and at the end", f"{max(seen.files)}, {seen.files[-1]}"],
        ["the machine's load then", f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"],
    ]
    return f"""## A full house

`python -m bench.load --people {people} --seconds {seconds:.0f}`. {people} people who listen in real time,
think {THINKS[0]:.0f} to {THINKS[1]:.0f} s, cut in ({CUTS_IN:.0%}) and lose their connection ({DROPS:.0%}).

{report.table(["", f"{people} people, {seconds:.0f} s"], rows)}
"""


def main() -> None:
    """Run, and write docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--only-print", action="store_true", help="leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    text = asyncio.run(measure(options.people, options.seconds))
    if not options.only_print and Path("docs").is_dir():
        report.write("load", text)


if __name__ == "__main__":
    main()
