"""Writes figures into docs/benchmarks.md, each benchmark between its own markers."""

import os
import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Figures of the latest runs, each made by one command in one run beside its own reference: what counts are the ratios.
`make bench` writes this page.
"""


def write(section: str, text: str, path: Path = PAGE) -> None:
    """Put *text* (Markdown) into the page at *path* as *section*, in place of what stood there."""
    begin, end = f"<!-- {section}:begin -->", f"<!-- {section}:end -->"
    page = path.read_text() if path.exists() else HEAD
    block = f"{begin}\n{text.strip()}\n{end}"
    old = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    page = old.sub(lambda _: block, page) if old.search(page) else f"{page.rstrip()}\n\n{block}\n"
    path.write_text(page)


def load() -> str:
    """How busy the machine is, for figures that suffer from it."""
    return f"Load average of the machine when it ended: {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores."


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
