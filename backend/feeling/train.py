"""Train the embedded classifier: `python -m backend.feeling.train TRAIN.tsv DEV.tsv`.

TRAIN and DEV are GoEmotions in Ekman's grouping (`text TAB labels TAB id`). DEV only judges; nothing is fitted to
it. Wants the dependency group `train` (scikit-learn). Half a minute on one core.

The recipe: tf-idf of hashed word and character n-grams; every feature scaled by its naive-Bayes log-count ratio
(Wang & Manning 2012), then multinomial logistic regression, sharpened by one temperature that is fitted on a tenth of
TRAIN held back for it. A small hidden layer beside it, averaged in, gained less than the dev set can tell (0.003).
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from backend.feeling import LABELS
from backend.feeling.embedded import WEIGHTS, Weights
from backend.feeling.features import char_fingerprints, word_fingerprints
from backend.feeling.frames import frames
from backend.feeling.intensity import neutral_shift
from backend.feeling.measure import accuracy, calibration_error, macro_f1, read_labelled, read_single

TALK = Path(__file__).with_name("talk.tsv")

MIN_WORD_COUNT, MIN_CHAR_COUNT = 4, 5
INVERSE_REGULARISATION = 0.4
# Between 0 (labels weigh by how common they are: best accuracy) and 1 (all alike: best macro-F1).
BALANCE = 0.4
TALK_WEIGHT, FRAME_WEIGHT = 5.0, 0.2


@dataclass(frozen=True, slots=True)
class Examples:
    """Bags of fingerprints with one label and one weight each; a text of two labels stands twice, half as heavy."""

    words: list[NDArray[np.uint32]]
    chars: list[NDArray[np.uint32]]
    shift: NDArray[np.float64]
    label: NDArray[np.int64]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, texts: list[str], labels: list[tuple[int, ...]], weight: float = 1.0) -> "Examples":
        words, chars, shift, label, weights = [], [], [], [], []
        for text, several in zip(texts, labels, strict=True):
            w, c, s = word_fingerprints(text), char_fingerprints(text), neutral_shift(text)
            for one in several:
                words.append(w)
                chars.append(c)
                shift.append(s)
                label.append(one)
                weights.append(weight / len(several))
        return cls(words, chars, np.array(shift), np.array(label), np.array(weights))

    def __add__(self, other: "Examples") -> "Examples":
        return Examples(
            self.words + other.words,
            self.chars + other.chars,
            np.concatenate((self.shift, other.shift)),
            np.concatenate((self.label, other.label)),
            np.concatenate((self.weight, other.weight)),
        )

    def take(self, which: NDArray[np.int64]) -> "Examples":
        return Examples(
            [self.words[i] for i in which],
            [self.chars[i] for i in which],
            self.shift[which],
            self.label[which],
            self.weight[which],
        )


class Vocabulary:
    """The fingerprints worth keeping, sorted, with their inverse document frequency."""

    def __init__(self, bags: list[NDArray[np.uint32]], min_count: int) -> None:
        distinct = np.concatenate([np.unique(bag) for bag in bags])
        fingerprints, counts = np.unique(distinct, return_counts=True)
        kept = counts >= min_count
        self.fingerprints = fingerprints[kept]
        self.idf = np.log((1 + len(bags)) / (1 + counts[kept])) + 1

    def tfidf(self, bags: list[NDArray[np.uint32]]) -> sp.csr_matrix:
        """Rows of length one, as `Weights` makes them when it reads."""
        rows, columns, values = [], [], []
        for row, bag in enumerate(bags):
            unique, counts = np.unique(bag, return_counts=True)
            at = np.minimum(np.searchsorted(self.fingerprints, unique), len(self.fingerprints) - 1)
            known = self.fingerprints[at] == unique
            value = (1 + np.log(counts[known])) * self.idf[at[known]]
            norm = np.sqrt((value**2).sum())
            rows.append(np.full(len(value), row))
            columns.append(at[known])
            values.append(value / norm if norm else value)
        place = (np.concatenate(rows), np.concatenate(columns))
        return sp.csr_matrix((np.concatenate(values), place), (len(bags), len(self.fingerprints)))


class Model:
    """The classifier, fitted to *examples*."""

    def __init__(self, examples: Examples) -> None:
        self.words = Vocabulary(examples.words, MIN_WORD_COUNT)
        self.chars = Vocabulary(examples.chars, MIN_CHAR_COUNT)
        x = self.features(examples)
        count = np.bincount(examples.label, weights=examples.weight)
        weight = examples.weight * (count.mean() / count[examples.label]) ** BALANCE
        ratio = sp.diags(np.abs(_log_count_ratios(x, examples)).max(0))
        linear = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=80, tol=1e-3)
        linear.fit(x @ ratio, examples.label, sample_weight=weight)
        self.linear = ratio @ linear.coef_.T
        self.bias = linear.intercept_
        self.sharpness = 1.0

    def features(self, examples: Examples) -> sp.csr_matrix:
        return sp.hstack([self.words.tfidf(examples.words), self.chars.tfidf(examples.chars)]).tocsr()

    def logits(self, examples: Examples) -> NDArray[np.float64]:
        return np.asarray(self.features(examples) @ self.linear + self.bias)

    def save(self, path: Path) -> None:
        idf = np.concatenate((self.words.idf, self.chars.idf))
        idf_scale = idf.max() / 255
        rows = self.linear
        # Most weights are tiny and the few large ones matter most: the square root is what gets the even steps.
        row_scale = np.abs(rows).max(0) / 127**2
        np.savez(
            path,
            words=self.words.fingerprints,
            chars=self.chars.fingerprints,
            idf=np.round(idf / idf_scale).astype(np.uint8),
            idf_scale=np.float32(idf_scale),
            rows=np.round(np.sign(rows) * np.sqrt(np.abs(rows) / row_scale)).astype(np.int8),
            row_scale=row_scale.astype(np.float32),
            bias=self.bias.astype(np.float32),
            sharpness=np.float32(self.sharpness),
        )


def _log_count_ratios(x: sp.csr_matrix, examples: Examples) -> NDArray[np.float64]:
    present = sp.diags(examples.weight) @ (x > 0)
    ratios = []
    for one in range(len(LABELS)):
        inside = np.asarray(present[examples.label == one].sum(0)).ravel() + 1
        outside = np.asarray(present[examples.label != one].sum(0)).ravel() + 1
        ratios.append(np.log(inside / inside.sum()) - np.log(outside / outside.sum()))
    return np.array(ratios)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def fit_sharpness(logits: NDArray[np.float64], held_back: Examples) -> float:
    """One over the temperature that makes the held-back labels likeliest (Guo et al. 2017)."""
    shift = np.zeros_like(logits)
    shift[:, LABELS.index("neutral")] = held_back.shift

    def unlikeliness(sharpness: float) -> float:
        scores = _softmax(logits * sharpness + shift)
        likelihood = np.log(scores[np.arange(len(scores)), held_back.label])
        return -float((likelihood * held_back.weight).sum())

    return float(minimize_scalar(unlikeliness, bounds=(0.2, 5), method="bounded").x)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("dev", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()

    reddit = Examples.of(*read_labelled(arguments.train))
    talk = Examples.of(*read_labelled(TALK), TALK_WEIGHT) + Examples.of(*frames(), FRAME_WEIGHT)
    shuffled = np.random.default_rng(7).permutation(len(reddit.words))
    tenth = len(shuffled) // 10
    held_back = reddit.take(shuffled[:tenth])
    rehearsal = Model(reddit.take(shuffled[tenth:]) + talk)
    sharpness = fit_sharpness(rehearsal.logits(held_back), held_back)

    model = Model(reddit + talk)
    model.sharpness = sharpness
    model.save(arguments.out)
    print(f"{len(model.words.idf)} word and {len(model.chars.idf)} character n-grams, sharpness {sharpness:.3f}")
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.2f} MB")

    texts, truth = read_single(arguments.dev)
    weights = Weights(arguments.out)
    scores = np.array([weights.scores(text) for text in texts])
    print(f"dev, {len(texts)} single-label sentences: accuracy {accuracy(truth, scores):.4f}, ", end="")
    print(f"macro-F1 {macro_f1(truth, scores):.4f}, calibration error {calibration_error(truth, scores):.4f}")


if __name__ == "__main__":
    main()
