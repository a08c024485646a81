"""What the router saves, and whether the answer cache may be trusted: `python -m bench.minds [--model FOLDER]`.

The reference in the same run: every question asked of the strong model, and vectors alone for sameness.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path

from backend.knowing.onnx import OnnxEmbedder
from backend.thinking.router import Router, calibrate, evaluate, read_labelled
from backend.thinking.sameness import NEAR, same
from bench.report import table, write

LABELLED = Path(__file__).parent / "data" / "router.tsv"
PAIRS = Path(__file__).parents[1] / "tests" / "thinking" / "sameness.tsv"
PARTS = 5


def router() -> str:
    examples = read_labelled(LABELLED.read_text("utf-8"))
    reports = []
    for part in range(PARTS):
        rest = [one for index, one in enumerate(examples) if index % PARTS != part]
        own = [one for index, one in enumerate(examples) if index % PARTS == part]
        reports.append(evaluate(Router(calibrate(rest)), own))
    chooser = Router()
    before = time.perf_counter()
    for one in examples:
        chooser.choose(one.question, one.confidence)
    micros = (time.perf_counter() - before) / len(examples) * 1e6
    right = sum(report.right for report in reports)
    rows = [
        ["right rung", f"{right} of {len(examples)} ({right / len(examples):.0%})"],
        ["too weak a model", str(sum(report.too_weak for report in reports))],
        ["too strong a one", str(sum(report.too_strong for report in reports))],
        ["model questions that the small one gets", f"{statistics.mean(r.small_share for r in reports):.0%}"],
        ["cost beside the strong model for everything", f"{statistics.mean(r.cost for r in reports):.2f} x"],
        ["time to choose", f"{micros:.0f} µs"],
    ]
    return (
        "## Router\n\nLabelled questions, each judged by weights fitted to the other four fifths of them. "
        "The small model costs 0.3 of the strong one.\n\n" + table(["", ""], rows)
    )


async def sameness(model: Path | None) -> str:
    lines = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines() if line and line[0] != "#"]
    cosines = [1.0] * len(lines)
    if model:
        embedder = OnnxEmbedder(model)
        vectors = await embedder.embed([text for line in lines for text in line[1:]])
        cosines = [float(vectors[2 * n] @ vectors[2 * n + 1]) for n in range(len(lines))]
        await embedder.aclose()

    def count(kind: str, *, near: float, words: bool) -> str:
        pairs = [(line, cosine) for line, cosine in zip(lines, cosines, strict=True) if line[0] == kind]
        hits = sum(cosine >= near and (not words or same(line[1], line[2], 1.0)) for line, cosine in pairs)
        return f"{hits} of {len(pairs)}"

    rows = []
    if model:
        ways = (
            (f"vectors alone, cosine >= {NEAR} (reference)", NEAR, False),
            (f"cosine >= {NEAR} and signature", NEAR, True),
        )
        rows += [[name, count("different", near=n, words=w), count("same", near=n, words=w)] for name, n, w in ways]
    rows.append(["signature alone", count("different", near=-1, words=True), count("same", near=-1, words=True)])
    head = ["taken for the same", "adversarial pairs (must be 0)", "honest paraphrases"]
    return "## Answer cache\n\n" + table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="a folder with model.onnx and tokenizer.json")
    options, _ = parser.parse_known_args()
    text = f"{router()}\n\n{asyncio.run(sameness(options.model))}"
    print(text)
    write("minds", text)


if __name__ == "__main__":
    main()
