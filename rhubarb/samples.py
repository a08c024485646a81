"""Audio in whatever form it comes, as int16 bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pcm = bytes | bytearray | memoryview | NDArray[Any]
"""int16 mono samples as bytes or array; arrays may also hold floats from -1 to 1, or channels in columns."""


def as_bytes(pcm: Pcm) -> bytes:
    """int16 samples in native byte order. What is no number is silence, what is too loud is clipped."""
    if not isinstance(pcm, np.ndarray):
        return bytes(pcm)
    samples = pcm
    if samples.ndim > 1:
        samples = samples.reshape(len(samples), -1).mean(axis=1).astype(pcm.dtype)
    if samples.dtype == np.int16:
        return samples.tobytes()
    if np.issubdtype(samples.dtype, np.floating):
        samples = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0) * 32767.0
    return np.clip(samples, -32768, 32767).astype(np.int16).tobytes()
