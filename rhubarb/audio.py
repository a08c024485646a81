"""Reading sound files: wav, ogg (Vorbis), flac and mp3, told apart by their content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 1 << 30
LOWEST_RATE, HIGHEST_RATE = 16_000, 48_000
"""Sample rates outside are resampled: below, the ear would lack its highest filters."""
USUAL_RATE = 24_000


class AudioError(ValueError):
    """A sound file cannot be read; the message says why and what to do."""


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    """The mono int16 samples of a sound file, and their rate in Hz. Raises AudioError."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise AudioError(f"Cannot read {path}: {error.strerror or error}.") from error
    if size > MAX_BYTES:
        raise AudioError(f"{path} is larger than a gigabyte; cut it into parts.")
    return decode(data, str(path))


def decode(data: bytes, name: str = "The audio") -> tuple[NDArray[np.int16], int]:
    """The same for a file's content. Raises AudioError.

    An mp3 without a LAME header comes 46 ms late (1105 samples at 24 kHz), as with every decoder: keep the
    decoded samples together with the cues made from them.
    """
    import miniaudio  # noqa: PLC0415 - only files need a decoder

    try:
        rate = _info(data).sample_rate
        rate = rate if LOWEST_RATE <= rate <= HIGHEST_RATE else USUAL_RATE
        sound = miniaudio.decode(data, output_format=miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=rate)
    except miniaudio.MiniaudioError as error:
        raise AudioError(f"{name} is not a wav, ogg (Vorbis), flac or mp3 file ({error}).") from error
    return np.array(sound.samples, np.int16), rate


def _info(data: bytes):  # type: ignore[no-untyped-def]  # miniaudio has no types
    import miniaudio  # noqa: PLC0415

    if data[:4] == b"RIFF":
        return miniaudio.wav_get_info(data)
    if data[:4] == b"OggS":
        return miniaudio.vorbis_get_info(data)
    if data[:4] == b"fLaC":
        return miniaudio.flac_get_info(data)
    return miniaudio.mp3_get_info(data)
