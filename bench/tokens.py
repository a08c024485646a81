"""How well tokens are estimated: `python -m bench.tokens`; with `rs-bpe` there, `--count` counts the references anew
(`uv run --with rs-bpe python -m bench.tokens --count`) and tells how the estimate does on the project's own sources,
to which it was not fitted.
"""

import argparse
import statistics
from collections.abc import Iterable
from pathlib import Path

from backend.thinking.tokens import estimate
from bench.report import table, write

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "tests" / "thinking" / "tokens.tsv"
SOURCES = ("docs/*.md", "backend/**/*.py", "backend/**/*.toml", "frontend/src/**/*.ts", "frontend/src/**/*.css")
LENGTH = 800
"""Letters of a piece of our own sources: about a passage."""

Counted = tuple[int, int, str]
"""Tokens of o200k_base, of cl100k_base, and the text."""


def texts() -> dict[str, Counted]:
    """The reference texts by their kind."""
    lines = [line.split("\t") for line in TEXTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {kind: (int(new), int(old), text.replace("\\n", "\n")) for kind, new, old, text in lines}


def count() -> list[Counted]:
    """Count the references anew; our own sources in pieces, counted as well."""
    from rs_bpe import openai  # type: ignore[import-not-found]

    new, old = openai.o200k_base(), openai.cl100k_base()
    rows = [(kind, len(new.encode(text)), len(old.encode(text)), text) for kind, (_, _, text) in texts().items()]
    head = TEXTS.read_text("utf-8").splitlines()[0]
    lines = [f"{kind}\t{a}\t{b}\t{text}".replace("\n", "\\n") for kind, a, b, text in rows]
    TEXTS.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    files = [file.read_text("utf-8")[: 10 * LENGTH] for pattern in SOURCES for file in sorted(ROOT.glob(pattern))]
    pieces = [text[at : at + LENGTH] for text in files for at in range(0, len(text), LENGTH)]
    return [(len(new.encode(p)), len(old.encode(p)), p) for p in pieces if len(p) > LENGTH // 2]


def row(name: str, counted: Iterable[Counted]) -> list[str]:
    """How the estimate stands to both, at its lowest, in the middle, at its highest."""
    known = list(counted)
    new = sorted(estimate(text) / count for count, _, text in known)
    old = sorted(estimate(text) / count for _, count, text in known)
    figures = (new[0], statistics.median(new), new[-1], old[0], statistics.median(old), old[-1])
    return [f"{name} ({len(known)})", *(f"{figure:.2f}" for figure in figures)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", action="store_true", help="count the references anew, by rs-bpe")
    options, _ = parser.parse_known_args()
    rows = [row("our own sources, in pieces", count())] if options.count else []
    rows.insert(0, row("kinds of text and code", texts().values()))
    head = [
        "the estimate, as a share of",
        "o200k_base: least",
        "median",
        "most",
        "cl100k_base: least",
        "median",
        "most",
    ]
    text = "## Estimated tokens\n\n" + table(head, rows)
    print(text)
    write("tokens", text)


if __name__ == "__main__":
    main()
