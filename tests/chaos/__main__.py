"""Every fault in turn during many conversations: `python -m tests.chaos [PART ...] [--conversations 200] [--write]`.

A part after the other, as many people for each of its faults as make the conversations asked for in all. `--write`
puts the table of faults and outcomes into docs/reliability.md. A short version runs with the tests.
"""

import argparse
import asyncio
import importlib
import tempfile
from collections import Counter
from collections.abc import Iterable
from math import ceil
from pathlib import Path

from bench import report
from tests.chaos.house import Row

PARTS = {
    "voice": 14,
    "model": 14,
    "search": 7,
    "database": 7,
    "redis": 7,
    "disk": 2,
    "clock": 3,
    "listeners": 6,
    "workers": 3,
}
"""The files of this folder, and how many faults each knows."""
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


async def part(name: str, people: int, folder: Path) -> list[Row]:
    """All faults of one part, with *people* in each. Raises where something does not hold."""
    trials = importlib.import_module(f"tests.chaos.{name}").trials
    return [row async for row in trials(folder, people)]


def table(rows: list[Row]) -> str:
    """The outcomes as Markdown."""
    head = ["part", "fault", "questions", "answered as ever", "the others", "as ever again after"]
    lines = []
    for row in rows:
        others = ", ".join(f"{count} x {how}" for how, count in row.otherwise.most_common())
        told = ", ".join(f"`{code}`" for code in sorted(row.told))
        why = f"{others}; told: {told}" if others and told else others or (f"told: {told}" if told else "")
        lines.append([row.part, row.fault, str(row.asked), str(row.as_ever), why, f"{row.back:.1f} s"])
    return report.table(head, lines)


def section(rows: list[Row], conversations: int) -> str:
    """What goes into the page."""
    asked = sum(row.asked for row in rows)
    others: Counter[str] = sum((row.otherwise for row in rows), Counter())
    return f"""`python -m tests.chaos --write`: {len(rows)} faults, {asked} questions of
{conversations} conversations. Nobody was left without an answer or a plain word ({others["told why not"]} were given
the beginning of an answer and an apology, or the apology alone); every question stood in the store once; tasks,
files and conversations went back to what they had been; no server was restarted, except where that is the fault.
'As ever again' counts from the end of the fault until the first answer by the first engines;
an engine that failed was left alone for up to a second here, not five minutes.

{table(rows)}"""


async def everything(names: Iterable[str], people: int, together: int) -> dict[str, list[Row] | BaseException]:
    """What each part came to, *together* of them at once; each has a server and services of its own."""
    places = asyncio.Semaphore(together)

    async def one(name: str) -> list[Row]:
        async with places:
            with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
                return await part(name, people, Path(folder))

    names = list(names)
    outcomes = await asyncio.gather(*map(one, names), return_exceptions=True)
    return dict(zip(names, outcomes, strict=True))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="only these (all)")
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--together", type=int, default=1, help="parts at once")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    names = options.parts or list(PARTS)
    people = max(3, ceil(options.conversations / sum(PARTS[name] for name in names)))
    outcomes = asyncio.run(everything(names, people, options.together))
    failed = [outcome for outcome in outcomes.values() if isinstance(outcome, BaseException)]
    if failed:
        raise BaseExceptionGroup("something does not hold", failed)
    rows = [row for outcome in outcomes.values() if not isinstance(outcome, BaseException) for row in outcome]
    text = section(rows, people * len(rows))
    print(text)
    if options.write:
        report.write("chaos", text, PAGE)


if __name__ == "__main__":
    main()
