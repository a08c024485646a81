"""How good a classifier of feelings is: accuracy, macro-F1, calibration."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.feeling import LABELS

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


def accuracy(truth: Ints, scores: Floats) -> float:
    """The share of rows of *scores* [n, 7] whose greatest is the one in *truth* [n]."""
    return float((scores.argmax(1) == truth).mean())


def macro_f1(truth: Ints, scores: Floats) -> float:
    """The plain mean of the F1 of the seven labels, so that rare ones count as much as common ones."""
    guess = scores.argmax(1)
    f1 = []
    for label in range(len(LABELS)):
        hits = ((guess == label) & (truth == label)).sum()
        total = (guess == label).sum() + (truth == label).sum()
        f1.append(2 * hits / total if total else 0.0)
    return float(np.mean(f1))


def calibration_error(truth: Ints, scores: Floats, bins: int = 15) -> float:
    """Expected calibration error of the winning label, equal-width bins (Guo et al. 2017)."""
    confidence = scores.max(1)
    right = scores.argmax(1) == truth
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = bin_of == b
        if inside.any():
            error += float(abs(right[inside].mean() - confidence[inside].mean()) * inside.mean())
    return error


def read_labelled(path: Path) -> tuple[list[str], list[tuple[int, ...]]]:
    """Sentences with their labels.

    Two layouts: GoEmotions' `text TAB 3,4 TAB id` and this project's `joy TAB text`; lines without a tab are comments.
    """
    texts: list[str] = []
    labels: list[tuple[int, ...]] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) < 2:
                continue
            if len(row) == 2 and row[0] in LABELS:
                texts.append(row[1])
                labels.append((LABELS.index(row[0]),))
            else:
                texts.append(row[0])
                labels.append(tuple(int(label) for label in row[1].split(",")))
    return texts, labels


def read_single(path: Path) -> tuple[list[str], Ints]:
    """The sentences of *path* that carry exactly one label."""
    texts, labels = read_labelled(path)
    kept = [(text, label[0]) for text, label in zip(texts, labels, strict=True) if len(label) == 1]
    return [text for text, _ in kept], np.array([label for _, label in kept])
