"""python -m rhubarb: mouth cues for a sound file, with Rhubarb's own options."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rhubarb import MouthCue, Phone, Stream, Word, animate
from rhubarb.audio import AudioError, read
from rhubarb.binary import Binary, BinaryError
from rhubarb.formats import FORMATS
from rhubarb.rules import stand_in

LONG = 20.0
"""Seconds of audio from which progress is shown."""
PIECE = 1.0
BAR = 40
USAGE_ERROR, FAILURE = 2, 1


class Wrong(Exception):
    """Something the person can put right."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 0, 1 for a failure, 2 for wrong use."""
    options = parser().parse_args(arguments)
    try:
        if options.phones:
            cues, sound, duration = from_phones(options)
        elif options.sound:
            cues, sound, duration = from_sound(options)
        else:
            raise Wrong("Give a sound file, or phones with --phones.")
        text = FORMATS[options.exportFormat](cues, sound, duration)
        if options.output:
            options.output.write_text(text, "utf-8")
        else:
            sys.stdout.write(text)
    except (Wrong, AudioError, BinaryError, OSError) as error:
        print(f"rhubarb: {error}", file=sys.stderr)
        return USAGE_ERROR if isinstance(error, Wrong) else FAILURE
    return 0


def parser() -> argparse.ArgumentParser:
    """The options; those of Rhubarb have Rhubarb's names."""
    result = argparse.ArgumentParser(prog="python -m rhubarb", description=__doc__)
    result.add_argument("sound", nargs="?", type=Path, help="wav, ogg (Vorbis), flac or mp3")
    result.add_argument("-f", "--exportFormat", choices=sorted(FORMATS), default="tsv", help="default: tsv")
    result.add_argument("-d", "--dialogFile", type=Path, metavar="FILE", help="what is said, as UTF-8 text")
    result.add_argument("--extendedShapes", default="GHX", metavar="SHAPES", help="those of G, H, X to use")
    result.add_argument(
        "-r", "--recognizer", choices=["align", "words", "rhubarb"], default="align",
        help="align: hear where the text is said (default); words: spread it over the words' times or at a "
        "typical pace; rhubarb: the real Rhubarb, if installed",
    )  # fmt: skip
    result.add_argument("--words", type=Path, metavar="FILE", help="word times, JSON: [{start, end, word}, ...]")
    result.add_argument("--language", default="en-US", metavar="TAG", help="of the text; default: en-US")
    result.add_argument("--phones", type=Path, metavar="FILE", help="only animate: [{start, end, phone}, ...]")
    result.add_argument("--duration", type=float, metavar="SECONDS", help="for --phones; default: the last end")
    result.add_argument("-o", "--output", type=Path, metavar="FILE", help="instead of the standard output")
    result.add_argument("-q", "--quiet", action="store_true", help="no progress")
    return result


def from_phones(options: argparse.Namespace) -> tuple[list[MouthCue], str, float]:
    phones = [
        Phone(_seconds(row, "start"), _seconds(row, "end"), str(row.get("phone", ""))) for row in _rows(options.phones)
    ]
    cues = animate(phones, options.duration, _shapes(options))
    return cues, str(options.phones.resolve()), cues[-1].end if cues else 0.0


def from_sound(options: argparse.Namespace) -> tuple[list[MouthCue], str, float]:
    text = _text(options.dialogFile) if options.dialogFile else ""
    samples, rate = read(options.sound)
    duration = len(samples) / rate
    if options.recognizer == "rhubarb":
        cues = Binary().cues(samples, rate, text, extended_shapes=_shapes(options))
    else:
        show = not options.quiet and duration >= LONG and sys.stderr.isatty()
        stream = Stream(text, rate, options.language, listen=options.recognizer == "align")
        for row in _rows(options.words) if options.words else ():
            word = str(row.get("word", row.get("text", "")))
            stream.word(Word(_seconds(row, "start"), _seconds(row, "end"), word))
        cues = stand_in(_through(stream, samples, rate, show), _shapes(options))
    return cues, str(options.sound.resolve()), duration


def _through(stream: Stream, samples: NDArray[np.int16], rate: int, show: bool) -> list[MouthCue]:
    cues: list[MouthCue] = []
    step = round(rate * PIECE)
    for start in range(0, len(samples), step):
        cues += stream.feed(samples[start : start + step].tobytes())
        if show:
            done = min(1.0, (start + step) / len(samples))
            bar = "#" * round(done * BAR)
            print(f"\r[{bar:<{BAR}}] {done:4.0%}", end="", file=sys.stderr, flush=True)
    if show:
        print(file=sys.stderr)
    return cues + stream.finish()


def _shapes(options: argparse.Namespace) -> str:
    shapes = str(options.extendedShapes).upper()
    if set(shapes) - set("GHX"):
        raise Wrong("--extendedShapes takes any of G, H and X.")
    return shapes


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Wrong(f"{path} is not UTF-8 text.") from error
    except OSError as error:
        raise Wrong(f"Cannot read {path}: {error.strerror or error}. -d takes a file, not the text.") from error


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(_text(path))
    except ValueError as error:
        raise Wrong(f"{path} is not JSON: {error}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Wrong(f"{path} must hold a list of objects.")
    return rows


def _seconds(row: dict[str, Any], key: str) -> float:
    value = row.get(key)
    if not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise Wrong(f"'{key}' must be seconds, found {value!r}.")
    return float(value)


if __name__ == "__main__":
    sys.exit(main())
