"""espeak-ng's synthesizer, blocking: text in, blocks of sound with timed events out.

The numbers are those of espeak-ng's `speak_lib.h` (1.52). The library lives once per process; see
`rhubarb.espeak`, which stays locked for the whole of a call here.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rhubarb import espeak

RATE = 22_050
"""Samples per second of every block."""

_CHARS_UTF8 = 1
_END_PAUSE = 0x1000
_RATE_PARAMETER, _PITCH_PARAMETER, _RANGE_PARAMETER = 1, 3, 4
_WORD, _PHONEME = 1, 7


@dataclass(frozen=True, slots=True)
class Event:
    """A word or a phoneme begins: `at` in samples from the beginning of the sound.

    `position` counts characters of the text from 0. `phone` is IPA; empty means a pause. It is only given
    for phonemes.
    """

    kind: Literal["word", "phone"]
    at: int
    position: int
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak: an espeak-ng voice ("en-us+f3"), words a minute, pitch and its range from 0 to 99."""

    voice: str = "en-us"
    words_per_minute: int = 175
    pitch: int = 50
    pitch_range: int = 50


Sink = Callable[[npt.NDArray[np.int16], list[Event]], bool]
"""Takes a block of sound and the events that begin in or near it; says whether to go on."""


class _Identifier(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _RawEvent(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identifier),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_RawEvent))


def synthesize(text: str, manner: Manner, sink: Sink) -> None:
    """Speak *text* into *sink*, about a hundred times faster than real time, until done or *sink* says stop.

    Blocks, also while another thread speaks. Raises `rhubarb.espeak.EspeakError` when the library
    or its data is missing, `LookupError` when it has no such voice, and whatever *sink* raises.
    """
    trouble: list[BaseException] = []

    def receive(samples: Any, count: int, events: Any) -> int:
        try:
            block = np.ctypeslib.as_array(samples, (count,)).copy() if samples and count else _NOTHING
            return 0 if sink(block, _read(events)) else 1
        except BaseException as error:  # an exception can't cross C: carry it around it
            trouble.append(error)
            return 1

    callback = _Callback(receive)
    # A NUL would end the text early; half a surrogate pair is no text.
    spoken = text.replace("\0", " ").encode(errors="replace")
    with espeak.library() as library:
        if library.espeak_SetVoiceByName(manner.voice.encode()) != 0:
            raise LookupError(f"espeak-ng has no voice {manner.voice!r}")
        library.espeak_SetParameter(_RATE_PARAMETER, manner.words_per_minute, 0)
        library.espeak_SetParameter(_PITCH_PARAMETER, manner.pitch, 0)
        library.espeak_SetParameter(_RANGE_PARAMETER, manner.pitch_range, 0)
        # Many words looked up by their phonemes alone leave its list of events full, and the first events of the
        # next sound would be lost. A blank spoken to nobody empties it.
        library.espeak_SetSynthCallback(_IGNORED)
        library.espeak_Synth(b" ", ctypes.c_size_t(2), 0, 0, 0, _CHARS_UTF8, None, None)
        library.espeak_SetSynthCallback(callback)
        flags = _CHARS_UTF8 | _END_PAUSE
        library.espeak_Synth(spoken, ctypes.c_size_t(len(spoken) + 1), 0, 0, 0, flags, None, None)
        # The callback must not outlive this call.
        library.espeak_SetSynthCallback(_Callback(0))
    if trouble:
        raise trouble[0]


_IGNORED = _Callback(lambda samples, count, events: 0)
_NOTHING: npt.NDArray[np.int16] = np.empty(0, np.int16)


def _read(events: Any) -> list[Event]:
    found: list[Event] = []
    index = 0
    while (event := events[index]).type != 0:
        index += 1
        if event.type == _WORD:
            found.append(Event("word", event.sample, event.text_position - 1))
        elif event.type == _PHONEME:
            # Eight bytes may cut a character in two.
            phone = bytes(event.id.string).decode("utf-8", "ignore")
            found.append(Event("phone", event.sample, event.text_position - 1, phone))
    return found
