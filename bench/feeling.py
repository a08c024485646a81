"""How well and how fast emotion is read, beside what else a turn does with a sentence.

The sentences are GoEmotions' dev set, single label, which no weight was fitted to. The time is given as a ratio to a
plain reference in the same run: the same linear model over words alone, as dictionaries in pure Python.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from backend.feeling import LABELS
from backend.feeling.embedded import WEIGHTS, Embedded
from backend.feeling.measure import accuracy, calibration_error, macro_f1, read_single
from bench.report import table, write

TESTS = Path(__file__).parents[1] / "tests" / "feeling"
SETS = {
    "GoEmotions dev, one label": TESTS / "goemotions-ekman-dev.tsv",
    "own sentences, known while building": TESTS / "talk.tsv",
    "own sentences, written afterwards": TESTS / "unseen.tsv",
}
ROUNDS, TIMED = 7, 500


class Majority:
    """Always the commonest label: the floor of every figure."""

    def __init__(self, truth: np.ndarray) -> None:
        self._scores = np.eye(len(LABELS))[np.bincount(truth).argmax()]

    def scores(self, count: int) -> np.ndarray:
        return np.tile(self._scores, (count, 1))


def dictionary_reader(texts: list[str], truth: np.ndarray) -> Callable[[str], int]:
    """The reference in time: naive Bayes over words, in dictionaries, the least that a classifier can do."""
    word = re.compile(r"\w+")
    counts = [Counter[str]() for _ in LABELS]
    for text, label in zip(texts, truth, strict=True):
        counts[label].update(word.findall(text.lower()))
    totals = [sum(count.values()) + 1 for count in counts]
    weights = {
        w: [float(np.log((c[w] + 1) / t)) for c, t in zip(counts, totals, strict=True)] for w in set().union(*counts)
    }

    def read(text: str) -> int:
        sums = [0.0] * len(LABELS)
        for found in word.findall(text.lower()):
            for label, weight in enumerate(weights.get(found, ())):
                sums[label] += weight
        return max(range(len(LABELS)), key=sums.__getitem__)

    return read


def seconds_per_text(read: Callable[[str], object], texts: list[str]) -> float:
    """The best of several rounds: others share the machine."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for text in texts:
            read(text)
        best = min(best, time.perf_counter() - began)
    return best / len(texts)


def main() -> None:
    embedded = Embedded()
    began = time.perf_counter()
    embedded.load()
    load = time.perf_counter() - began

    rows = []
    for name, path in SETS.items():
        texts, truth = read_single(path)
        scores = np.array([[embedded.read(text).scores[label] for label in LABELS] for text in texts])
        floor = Majority(truth).scores(len(texts))
        rows.append(
            [
                f"{name} ({len(texts)})",
                f"{accuracy(truth, scores):.3f} (floor {accuracy(truth, floor):.3f})",
                f"{macro_f1(truth, scores):.3f} (floor {macro_f1(truth, floor):.3f})",
                f"{calibration_error(truth, scores):.3f}",
            ]
        )
    texts, truth = read_single(SETS["GoEmotions dev, one label"])
    reference = seconds_per_text(dictionary_reader(texts, truth), texts[:TIMED])
    parsing = seconds_per_text(lambda text: json.loads(json.dumps({"type": "line", "text": text})), texts[:TIMED])
    reading = seconds_per_text(embedded.read, texts[:TIMED])
    times = [
        ["the embedded classifier", f"{reading * 1e6:.0f}", f"{reading / reference:.1f}"],
        ["naive Bayes over words, dictionaries", f"{reference * 1e6:.0f}", "1"],
        ["a message of the socket to JSON and back", f"{parsing * 1e6:.0f}", f"{parsing / reference:.1f}"],
    ]
    text = f"""## Feeling

{table(["sentences", "accuracy", "macro-F1", "calibration error"], rows)}

The floor says the commonest label always. On our own sentences the classifier is right more often than it claims.

{table(["one sentence", "µs", "x reference"], times)}

Weights: {WEIGHTS.stat().st_size / 1e6:.2f} MB, loaded in {load * 1e3:.0f} ms. `python -m bench.feeling`; the weights' \
story is in [feeling.md](feeling.md)."""
    write("feeling", text)
    print(text)


if __name__ == "__main__":
    main()
