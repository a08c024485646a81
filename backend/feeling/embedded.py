"""The default classifier: a linear model over hashed n-grams, in numpy.

It needs no download and reads a sentence in a fraction of a millisecond. `train.py` makes its weights; the data
sheet in docs/feeling.md says from what, and how good they are.
"""

from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.feeling import LABELS, NEUTRAL, Emotion, Label
from backend.feeling.asking import surprise_shift
from backend.feeling.features import char_fingerprints, clip, word_fingerprints
from backend.feeling.intensity import neutral_shift

Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("embedded.npz")


class Weights:
    """What `train.py` wrote: two sorted vocabularies of fingerprints and their quantised rows.

    A row holds the signed square roots of a feature's 7 weights, as int8 with one scale a label.
    """

    def __init__(self, path: Path = WEIGHTS) -> None:
        with np.load(path, allow_pickle=False) as saved:
            self.words: NDArray[np.uint32] = saved["words"]
            self.chars: NDArray[np.uint32] = saved["chars"]
            self.idf: NDArray[np.uint8] = saved["idf"]
            self.rows: NDArray[np.int8] = saved["rows"]
            self.idf_scale: Floats = saved["idf_scale"]
            self.row_scale: Floats = saved["row_scale"]
            self.bias: Floats = saved["bias"]
            self.sharpness = float(saved["sharpness"])

    def scores(self, text: str) -> Floats:
        """Calibrated probabilities, in the order of `LABELS`."""
        word_rows, word_values = self._block(self.words, 0, word_fingerprints(text))
        char_rows, char_values = self._block(self.chars, len(self.words), char_fingerprints(text))
        rows = self.rows[np.concatenate((word_rows, char_rows))].astype(np.float32)
        rows *= np.abs(rows)
        logits = (np.concatenate((word_values, char_values)) @ rows) * self.row_scale
        logits = (logits + self.bias) * self.sharpness
        logits[LABELS.index("neutral")] += neutral_shift(text)
        logits[LABELS.index("surprise")] += surprise_shift(text)
        powers = np.exp(logits - logits.max())
        return np.asarray(powers / powers.sum(), np.float32)

    def _block(
        self, vocabulary: NDArray[np.uint32], first: int, found: NDArray[np.uint32]
    ) -> tuple[NDArray[np.intp], Floats]:
        """Rows and tf-idf values, of length one together, of those of *found* that are in *vocabulary*."""
        unique, counts = np.unique(found, return_counts=True)
        at = np.minimum(np.searchsorted(vocabulary, unique), len(vocabulary) - 1)
        known = vocabulary[at] == unique
        rows = at[known] + first
        values = (1 + np.log(counts[known])) * (self.idf[rows] * self.idf_scale)
        norm = float(np.sqrt((values**2).sum()))
        return rows, (values / norm if norm else values).astype(np.float32)


class Embedded:
    """The `Feeling` that is always there."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        self._path = path

    @cached_property
    def _weights(self) -> Weights:
        return Weights(self._path)

    def load(self) -> None:
        """Read the weights now (a few ms) rather than with the first sentence."""
        _ = self._weights

    def read(self, text: str) -> Emotion:
        """The emotion of *text*; `NEUTRAL` with no confidence where it holds no letters, marks or emoji."""
        if not text.strip():
            return NEUTRAL
        scores = self._weights.scores(clip(text))
        best: Label = LABELS[int(scores.argmax())]
        named = {label: round(float(score), 4) for label, score in zip(LABELS, scores, strict=True)}
        return Emotion(best, named[best], named)
