"""How likely each state of the graph is to sound like each frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rhubarb.ear.model import STREAMS, WEIGHT_UNIT, AcousticModel

Floats = NDArray[np.float32]


UNLIKELY = np.float32(-1e30)


class Scorer:
    """Log likelihoods of the states of a graph's nodes."""

    def __init__(self, model: AcousticModel, senones: NDArray[np.int32], phones: NDArray[np.int32]) -> None:
        """`senones` (node, 3) of nodes with the given `phones`, whose codebooks they share."""
        self._model = model
        self._books, self._book_of = np.unique(phones, return_inverse=True)
        per_book = [np.unique(senones[phones == book]) for book in self._books]
        self._widest = max(map(len, per_book))
        padded = np.array([np.resize(found, self._widest) for found in per_book])
        # (book, stream, density, senone)
        weights = np.exp(-WEIGHT_UNIT * model.weights[:, :, padded].astype(np.float32))
        self._weights = np.ascontiguousarray(weights.transpose(2, 0, 1, 3), np.float32)
        column = {int(senone): index for index, senone in enumerate(padded.ravel())}
        self.columns = np.array([[column[int(senone)] for senone in row] for row in senones], np.int32)
        """(node, 3): where in a row of scores each state of each node is."""

    def __call__(self, features: Floats, low: int, high: int) -> Floats:
        """(frame, column) log likelihoods of (frame, 39) features for nodes `low` to `high`."""
        active = np.unique(self._book_of[low:high])
        books = self._books[active]
        frames = features.reshape(len(features), STREAMS, -1).transpose(1, 0, 2)
        inputs = np.concatenate((frames, frames**2), axis=2)  # (stream, frame, 26)
        # (book, stream, frame, density)
        density = inputs @ self._model.slopes[books] + self._model.offsets[books][:, :, None, :]
        best = density.max(axis=3, keepdims=True)
        density -= best
        mixed = np.exp(density, out=density) @ self._weights[active]  # (book, stream, frame, senone)
        scores = (np.log(mixed + 1e-30) + best).sum(axis=1)  # (book, frame, senone)
        result = np.full((len(features), len(self._books), self._widest), UNLIKELY, np.float32)
        result[:, active] = scores.transpose(1, 0, 2)
        return result.reshape(len(features), -1)
