"""How likely each state of the graph is to sound like each frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rhubarb.ear.model import STREAMS, WEIGHT_UNIT, AcousticModel

Floats = NDArray[np.float32]


class Scorer:
    """Log likelihoods of a fixed set of senones."""

    def __init__(self, model: AcousticModel, senones: NDArray[np.int32], phones: NDArray[np.int32]) -> None:
        """`senones` (node, 3) of nodes with the given `phones`, whose codebooks they share."""
        self._codebooks = np.unique(phones)
        per_book = [np.unique(senones[phones == book]) for book in self._codebooks]
        widest = max(map(len, per_book))
        padded = np.array([np.resize(found, widest) for found in per_book])
        self._slopes = model.slopes[self._codebooks]
        self._offsets = model.offsets[self._codebooks]
        # (book, stream, density, senone)
        self._weights = np.exp(
            -WEIGHT_UNIT * model.weights[:, :, padded].astype(np.float32)
        ).transpose(2, 0, 1, 3).astype(np.float32)  # fmt: skip
        column = {int(senone): index for index, senone in enumerate(padded.ravel())}
        self.columns = np.array([[column[int(s)] for s in row] for row in senones], np.int32)
        """(node, 3): where in a row of scores each state of each node is."""

    def __call__(self, features: Floats) -> Floats:
        """(frame, column) log likelihoods of (frame, 39) features."""
        frames = features.reshape(len(features), STREAMS, -1).transpose(1, 0, 2)
        inputs = np.concatenate((frames, frames**2), axis=2)  # (stream, frame, 26)
        density = inputs[None] @ self._slopes + self._offsets[:, :, None, :]  # (book, stream, frame, density)
        best = density.max(axis=3, keepdims=True)
        mixed = np.exp(density - best) @ self._weights  # (book, stream, frame, senone)
        scores = (np.log(mixed + 1e-30) + best).sum(axis=1)  # (book, frame, senone)
        result: Floats = scores.transpose(1, 0, 2).reshape(len(features), -1)
        return result
