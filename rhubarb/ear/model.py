"""PocketSphinx's US English acoustic model, read from its files.

A phonetically tied mixture: every phone has a codebook of 128 Gaussians per feature stream (cepstra, first
and second differences), and every state of every triphone its own weights over them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STREAMS = 3
VARIANCE_FLOOR = 1e-4
WEIGHT_UNIT = 1024 * np.log(1.0001)
"""Weights are stored as whole multiples of this, negative natural logarithms."""

INTERNAL, BEGIN, END, SINGLE = range(4)
"""Where in its word a triphone stands."""


@dataclass(frozen=True, slots=True)
class AcousticModel:
    """Everything the aligner needs; shared by all streams and never changed."""

    names: tuple[str, ...]
    slopes: Floats
    """(codebook, stream, 26, density): what a vector and its squares are multiplied with, ..."""
    offsets: Floats
    """(codebook, stream, density): ... and what is added, for the log density."""
    weights: NDArray[np.uint8]
    """(stream, density, senone), in WEIGHT_UNIT."""
    stay: Floats
    """(phone, 3): log probability to stay in a state; leaving is one minus it."""
    leave: Floats
    states: NDArray[np.uint16]
    """(sequence, 3): the senones of a triphone's three states."""
    keys: NDArray[np.int64]
    """Sorted codes of the known triphones ..."""
    sequences: NDArray[np.int32]
    """... and the sequence of states each has."""
    base: NDArray[np.int32]
    """(phone,): the sequence of states of a phone without context."""

    def senones(self, phone: int, left: int, right: int, position: int) -> NDArray[np.uint16]:
        """The three senones of `phone` between `left` and `right`, or of the nearest triphone known."""
        for place in (position, *(other for other in (INTERNAL, BEGIN, END, SINGLE) if other != position)):
            key = triphone(phone, left, right, place)
            at = int(np.searchsorted(self.keys, key))
            if at < len(self.keys) and self.keys[at] == key:
                return self.of(self.sequences[at])
        return self.of(self.base[phone])

    def of(self, sequence: int) -> NDArray[np.uint16]:
        """The three senones of a sequence of states."""
        found: NDArray[np.uint16] = self.states[sequence]
        return found


def triphone(phone: int, left: int, right: int, position: int) -> int:
    """One number for a triphone."""
    return ((phone * 64 + left) * 64 + right) * 4 + position


@cache
def load() -> AcousticModel:
    """The model that comes with the pocketsphinx package. Raises ImportError, OSError or ValueError."""
    import pocketsphinx  # noqa: PLC0415 - the import takes 20 ms

    folder = Path(pocketsphinx.get_model_path("en-us/en-us"))
    names, phones, states = _definition((folder / "mdef").read_bytes())
    slopes, offsets = _gaussians(_parameters(folder / "means"), _parameters(folder / "variances"))
    base = np.array([row["sequence"] for row in phones[: len(names)]], np.int32)
    triphones = phones[len(names) :]
    context = triphones["context"].astype(np.int64)
    keys = ((context[:, 1] * 64 + context[:, 2]) * 64 + context[:, 3]) * 4 + context[:, 0]
    order = np.argsort(keys)
    stay, leave = _transitions(folder / "transition_matrices")
    return AcousticModel(
        names, slopes, offsets, _weights(folder / "sendump", int(states.max()) + 1), stay, leave, states,
        keys[order], triphones["sequence"][order].astype(np.int32), base,
    )  # fmt: skip


_PHONE = np.dtype([("sequence", "<i4"), ("matrix", "<i4"), ("context", "u1", 4)])


def _definition(data: bytes) -> tuple[tuple[str, ...], NDArray[np.void], NDArray[np.uint16]]:
    """The phones, the triphones and their states, out of the binary `mdef`."""
    magic, _version, skip = struct.unpack_from("<4sii", data)
    if magic != b"BMDF":
        raise ValueError("the acoustic model is not in the format of PocketSphinx 5")
    at = 12 + skip
    base, count, emitting, _ci, _senones, _matrices, sequences, _context, tree, _silence = struct.unpack_from(
        "<10i", data, at
    )
    at += 40
    start = at
    names = []
    for _ in range(base):
        end = data.index(b"\0", at)
        names.append(data[at:end].decode())
        at = end + 1
    at += -(at - start) % 4 + tree * 8
    phones = np.frombuffer(data, _PHONE, count, at)
    at += count * _PHONE.itemsize + 4
    states = np.frombuffer(data, "<u2", sequences * emitting, at).reshape(sequences, emitting)
    return tuple(names), phones, states.astype(np.uint16)


def _body(path: Path) -> bytes:
    """What follows the text header and the byte-order mark."""
    data = path.read_bytes()
    at = data.index(b"endhdr\n") + 7
    if data[at : at + 4] != b"\x44\x33\x22\x11":
        raise ValueError(f"{path.name} is not in the byte order expected")
    return data[at + 4 :]


def _parameters(path: Path) -> Floats:
    """Means or variances: (codebook, stream, density, 13)."""
    body = _body(path)
    codebooks, streams, densities = struct.unpack_from("<3i", body)
    lengths = struct.unpack_from(f"<{streams}i", body, 12)
    if len(set(lengths)) != 1:
        raise ValueError("the streams of the acoustic model differ in length")
    values = np.frombuffer(body, "<f4", codebooks * streams * densities * lengths[0], 12 + 4 * streams + 4)
    return values.reshape(codebooks, streams, densities, lengths[0])


def _gaussians(means: Floats, variances: Floats) -> tuple[Floats, Floats]:
    variances = np.maximum(variances.astype(np.float64), VARIANCE_FLOOR)
    slopes = np.concatenate((means / variances, -0.5 / variances), axis=3).swapaxes(2, 3)
    offsets = -0.5 * (means**2 / variances + np.log(2 * np.pi * variances)).sum(axis=3)
    return np.ascontiguousarray(slopes, np.float32), offsets.astype(np.float32)


def _transitions(path: Path) -> tuple[Floats, Floats]:
    body = _body(path)
    matrices, states, targets, _count = struct.unpack_from("<4i", body)
    values = np.frombuffer(body, "<f4", matrices * states * targets, 16).reshape(matrices, states, targets)
    values = values / values.sum(axis=2, keepdims=True)
    index = np.arange(states)
    return np.log(values[:, index, index]), np.log(np.maximum(values[:, index, index + 1], 1e-10))


def _weights(path: Path, senones: int) -> NDArray[np.uint8]:
    size = STREAMS * 128 * senones
    data = np.fromfile(path, np.uint8)
    return data[-size:].reshape(STREAMS, 128, senones)
