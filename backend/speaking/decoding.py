"""MP3 decoded as it arrives: bytes in, samples out, on the caller's own thread."""

from collections.abc import Generator
from typing import Any

import miniaudio
import numpy as np
import numpy.typing as npt

from backend.speaking import SAMPLE_RATE

DELAY = 1105
"""Samples by which sound comes late out of an MP3 without a LAME header: 576 of the encoder's overlap, 529 of
the decoder's. Every decoder at hand (miniaudio, soundfile, FFmpeg) shows it."""

_FRAME = 576
"""Samples in a frame of MPEG-2 layer III, the only kind there is at 24 kHz."""
_AT_ONCE = 16
"""Frames decoded in one call; the library's buffer takes 28."""
_KILOBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_GARBAGE = 4096
"""Bytes without a frame after which the stream is given up."""


class DecodingError(ValueError):
    """The bytes are not MP3 of 24 kHz."""


class Mp3Decoder:
    """Decodes 24 kHz MP3 piece by piece into mono int16.

    The library pulls its bytes and takes their absence for the end. So frames are counted as they come in,
    and it is only asked for those that it can decode without wanting more: a frame needs the header of the
    next. The codec's delay is cut off the beginning, so sound at t seconds comes out at t.
    """

    def __init__(self) -> None:
        self._source = _source()
        self._frames = _Frames()
        self._samples: Generator[Any, int, None] | None = None
        self._decoded = 0
        self._to_skip = DELAY

    def feed(self, data: bytes) -> npt.NDArray[np.int16]:
        """The samples of every frame that *data* makes certain. Raises `DecodingError`."""
        self._source.data += data
        self._frames.feed(data)
        return self._decode(self._frames.complete - 1)

    def finish(self) -> npt.NDArray[np.int16]:
        """The last frame."""
        return self._decode(self._frames.complete)

    def close(self) -> None:
        """Free the decoder; nothing may be fed any more."""
        if self._samples is not None:
            self._samples.close()

    def _decode(self, until: int) -> npt.NDArray[np.int16]:
        parts: list[npt.NDArray[np.int16]] = []
        try:
            while self._decoded < until:
                if self._samples is None:
                    self._samples = miniaudio.stream_any(
                        self._source,
                        miniaudio.FileFormat.MP3,
                        nchannels=1,
                        sample_rate=SAMPLE_RATE,
                        frames_to_read=_FRAME,
                    )
                    part = next(self._samples)
                else:
                    part = self._samples.send(_FRAME * min(_AT_ONCE, until - self._decoded))
                self._source.forget()
                self._decoded += max(1, len(part) // _FRAME)
                parts.append(np.frombuffer(part, np.int16))
        except (miniaudio.MiniaudioError, StopIteration) as error:
            raise DecodingError("a broken MP3 stream") from error
        samples = np.concatenate(parts) if parts else np.empty(0, np.int16)
        skipped = min(self._to_skip, len(samples))
        self._to_skip -= skipped
        return samples[skipped:]


def _source() -> Any:
    """The library's view of the bytes so far (its base class is untyped, hence made in here)."""

    class Source(miniaudio.StreamableSource):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            self.data = bytearray()
            self._at = 0

        def read(self, count: int) -> bytes:
            piece = bytes(self.data[self._at : self._at + count])
            self._at += len(piece)
            return piece

        def seek(self, offset: int, origin: miniaudio.SeekOrigin) -> bool:
            # Only wanted while the format is recognised, when nothing is forgotten yet.
            if origin is not miniaudio.SeekOrigin.START:
                return False
            self._at = offset
            return True

        def forget(self) -> None:
            del self.data[: self._at]
            self._at = 0

    return Source()


class _Frames:
    """Counts the complete frames of a stream by their headers."""

    def __init__(self) -> None:
        self.complete = 0
        self._tail = bytearray()
        self._garbage = 0

    def feed(self, data: bytes) -> None:
        tail = self._tail
        tail += data
        at = 0
        while len(tail) - at >= 4:
            length = _frame_length(tail[at : at + 4])
            if length == 0:
                at += 1
                self._garbage += 1
                if self._garbage > _GARBAGE:
                    raise DecodingError("no MP3 in the stream")
            elif at + length <= len(tail):
                at += length
                self.complete += 1
                self._garbage = 0
            else:
                break
        del tail[:at]


def _frame_length(header: bytes | bytearray) -> int:
    """The bytes of the frame that begins so; 0 if none of 24 kHz does (ISO/IEC 13818-3, layer III)."""
    if header[0] != 0xFF or header[1] & 0xFE != 0xF2:
        return 0
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if bitrate in {0, 15} or rate != 1:
        return 0
    return 72_000 * _KILOBITS[bitrate] // SAMPLE_RATE + padding
