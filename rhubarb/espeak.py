"""The one owner of the espeak-ng library in this process: its handle, its lock, its initialisation.

espeak-ng keeps its voice, its text position and its callback in global variables, so every call, also a
synthesis elsewhere in the process, has to run inside `library()`:

    with espeak.library() as lib:
        lib.espeak_SetVoiceByName(b"en-us")
        lib.espeak_SetSynthCallback(callback)
        lib.espeak_Synth(...)

Whoever holds the lock must select its voice first: the one before may have chosen another.
"""

from __future__ import annotations

import ctypes
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

# espeak_AUDIO_OUTPUT: samples go to the callback, and espeak_Synth returns when all are made.
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_PHONEME_EVENTS = 0x0001
INITIALIZE_PHONEME_IPA = 0x0002
INITIALIZE_DONT_EXIT = 0x8000
CHARS_UTF8 = 1
PHONEMES_IPA = 0x02
SEPARATOR = "\u241f"
"""Put between phonemes; espeak-ng itself never writes it."""

MAX_CLAUSES = 200
"""No text for phonemes has more; guards against a library that does not advance."""

# What espeak-ng calls a language where it is not simply the tag or its first part.
_NAMES = {
    "en": "en-us",
    "fr-fr": "fr",
    "zh": "cmn",
    "zh-cn": "cmn",
    "nb-no": "nb",
    "no": "nb",
    "es-mx": "es-419",
}


class EspeakError(RuntimeError):
    """espeak-ng could not be loaded or initialised; the message says why."""


_lock = threading.RLock()
_handle: ctypes.CDLL | None = None
_sample_rate = 0
_voices: dict[str, bytes] = {}


@contextmanager
def library() -> Iterator[Any]:
    """The initialised library (a ctypes.CDLL), locked for the caller. Raises EspeakError."""
    with _lock:
        yield _initialised()


def sample_rate() -> int:
    """Samples per second that this espeak-ng synthesizes at. Raises EspeakError."""
    with library():
        return _sample_rate


def select_voice(language: str) -> bool:
    """Select the voice for a BCP 47 tag or its nearest relative; False if there is none. Call inside library()."""
    lib = _initialised()
    tag = language.lower().replace("_", "-")
    if tag not in _voices:
        for name in (_NAMES.get(tag, tag), _NAMES.get(tag.split("-")[0], tag.split("-")[0])):
            if lib.espeak_SetVoiceByName(name.encode("ascii", "ignore")) == 0:
                _voices[tag] = name.encode("ascii", "ignore")
                return True
        return False
    return bool(lib.espeak_SetVoiceByName(_voices[tag]) == 0)


@lru_cache(maxsize=8192)
def phonemes(text: str, language: str = "en-US") -> tuple[tuple[str, ...], ...]:
    """IPA phonemes of `text`, one tuple per word as espeak-ng cuts words. Empty for an unknown language.

    Stress marks are kept on the phonemes. Raises EspeakError.
    """
    cleaned = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)
    if not cleaned.strip():
        return ()
    with library() as lib:
        if not select_voice(language):
            return ()
        return _translate(lib, cleaned)


def _translate(lib: Any, text: str) -> tuple[tuple[str, ...], ...]:
    buffer = ctypes.c_char_p(text.encode("utf-8"))
    position = ctypes.pointer(buffer)
    mode = PHONEMES_IPA | ord(SEPARATOR) << 8
    words: list[tuple[str, ...]] = []
    for _ in range(MAX_CLAUSES):
        if buffer.value is None:
            break
        clause = lib.espeak_TextToPhonemes(position, CHARS_UTF8, mode)
        if not clause:
            continue
        for word in clause.decode("utf-8", "replace").split():
            found = tuple(phone for phone in word.split(SEPARATOR) if phone)
            if found:
                words.append(found)
    return tuple(words)


def _initialised() -> ctypes.CDLL:
    global _handle, _sample_rate
    if _handle is not None:
        return _handle
    try:
        import espeakng_loader  # noqa: PLC0415 - only those who need espeak-ng pay for it

        lib = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        data = str(espeakng_loader.get_data_path()).encode()
    except (ImportError, OSError) as error:
        raise EspeakError(f"espeak-ng is not available ({error}); pip install espeakng-loader") from error
    lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
    lib.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    lib.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    rate = lib.espeak_Initialize(
        AUDIO_OUTPUT_SYNCHRONOUS,
        0,
        data,
        INITIALIZE_PHONEME_EVENTS | INITIALIZE_PHONEME_IPA | INITIALIZE_DONT_EXIT,
    )
    if rate <= 0:
        raise EspeakError("espeak-ng does not find its voice data; reinstall espeakng-loader")
    _handle, _sample_rate = lib, rate
    return lib
