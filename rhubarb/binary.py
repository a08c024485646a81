"""The real Rhubarb Lip Sync as an engine, where a person wants it: slower, and a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rhubarb.install import default_folder, executable_in
from rhubarb.model import MouthCue

PATIENCE = 30.0
"""Seconds allowed for its start ..."""
PER_SECOND = 4.0
"""... and per second of audio; it needs 0.8 to 1.6 on one core."""


class BinaryError(RuntimeError):
    """The Rhubarb binary is missing or failed; the message says what to do."""


class Binary:
    """Runs one Rhubarb executable.

    `path` is the executable; without it the installed one is taken, else what the shell finds. Raises
    BinaryError if there is none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or _find()
        if not (self.path.is_file() and os.access(self.path, os.X_OK)):
            raise BinaryError(f"{self.path} is not an executable file.")

    def version(self) -> str:
        """Its version, such as '1.13.0'. Raises BinaryError."""
        found = self._run(["--version"], PATIENCE).strip().split()
        return found[-1] if found else "unknown"

    def cues(
        self,
        pcm: bytes | NDArray[np.int16],
        rate: int,
        text: str = "",
        *,
        recognizer: str = "pocketSphinx",
        extended_shapes: str = "GHX",
        time_limit: float | None = None,
    ) -> list[MouthCue]:
        """Mouth cues for int16 mono samples at `rate` Hz; `text` helps the recognizer.

        `recognizer` is pocketSphinx (English) or phonetic (any language). Blocks; call it in a thread. Raises
        BinaryError, also when it takes longer than `time_limit` seconds.
        """
        data = pcm if isinstance(pcm, bytes) else np.ascontiguousarray(pcm, np.int16).tobytes()
        data = data[: len(data) & ~1]
        if not data:
            return []
        duration = len(data) / 2 / rate
        with tempfile.TemporaryDirectory(prefix="rhubarb-") as folder:
            sound, dialog = Path(folder) / "sound.wav", Path(folder) / "dialog.txt"
            with wave.open(str(sound), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(rate)
                file.writeframes(data)
            arguments = ["-q", "-f", "json", "-r", recognizer, "--extendedShapes", extended_shapes]
            if text.strip():
                # -d takes a file: given the text itself, Rhubarb fails.
                dialog.write_text(text.encode("utf-8", "ignore").decode(), "utf-8")
                arguments += ["-d", str(dialog)]
            output = self._run([*arguments, str(sound)], time_limit or PATIENCE + PER_SECOND * duration)
        try:
            found = json.loads(output)["mouthCues"]
            return [MouthCue(float(cue["start"]), float(cue["end"]), str(cue["value"])) for cue in found]
        except (ValueError, KeyError, TypeError) as error:
            raise BinaryError(f"{self.path} answered with something that is not its JSON.") from error

    def _run(self, arguments: list[str], time_limit: float) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - our own list of arguments, no shell
                [str(self.path), *arguments],
                capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=time_limit,
                check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise BinaryError(f"{self.path} took longer than {time_limit:.0f} s and was stopped.") from error
        except OSError as error:
            raise BinaryError(f"{self.path} does not start: {error}.") from error
        if done.returncode:
            reason = done.stderr.strip()[-500:] or f"exit status {done.returncode}"
            raise BinaryError(f"{self.path} failed: {reason}")
        return done.stdout


def _find() -> Path:
    installed = executable_in(default_folder())
    if installed:
        return installed
    found = shutil.which("rhubarb")
    if found:
        return Path(found)
    raise BinaryError("Rhubarb is not installed; run: visavis rhubarb install")
