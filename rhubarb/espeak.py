"""The one espeak-ng of this process.

espeak-ng keeps its voice, callback and buffers in global variables, so a process can hold only one, and every
sequence of calls that belongs together must hold `LOCK`.
"""

import ctypes
import functools
import threading

LOCK = threading.Lock()
"""Held for every sequence of calls into the library (set the voice, then speak)."""

SAMPLE_RATE = 22_050
"""The rate at which every formant voice of espeak-ng speaks, in Hz."""

# speak_lib.h: the numbers behind the names.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_PHONEME_EVENTS = 0x0001
_PHONEME_IPA = 0x0002
_DONT_EXIT = 0x8000
_BUFFER_MS = 60


@functools.cache
def library() -> ctypes.CDLL:
    """The shared library of the `espeakng-loader` wheel, not yet initialised. Raises `OSError` without it."""
    import espeakng_loader  # noqa: PLC0415 - heavy only where it is used

    return ctypes.CDLL(espeakng_loader.get_library_path())


@functools.cache
def _initialize_once() -> None:
    import espeakng_loader  # noqa: PLC0415

    flags = _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
    path = str(espeakng_loader.get_data_path()).encode()
    if library().espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, _BUFFER_MS, path, flags) != SAMPLE_RATE:
        raise OSError("espeak-ng could not load its data")


def initialize() -> None:
    """Make the library ready (some 10 ms the first time, nothing after). The caller holds `LOCK`.

    Sound is retrieved through a callback, with events for words and for phonemes in IPA.
    """
    _initialize_once()
