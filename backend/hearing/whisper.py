"""The server's own ears: whisper.cpp, for browsers that cannot turn speech into words, or must not.

Short sound goes to the small model, longer sound to the larger one where it was fetched; sound of any length is cut
in quiet places into pieces that fit whisper's window. Silence never reaches the model.
"""

import asyncio
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.fallback import EngineError
from backend.hearing import RATE, Transcript, models
from backend.hearing.invented import believed
from backend.hearing.pool import Pool
from backend.hearing.silence import quietest, samples, trimmed

LEAST = 1.2
"""Seconds that whisper.cpp is given at least: it fails below one, and 1.1 is safe by little."""
WINDOW = 30.0
"""Seconds of whisper's window; ..."""
CONTEXT = 1500
"""... its encoder takes that many steps for it, and time in proportion, so short sound is given fewer: """
SPARE = 64
"""the steps of the sound and so many more (1.3 s), without which the end of the words suffers."""
PIECE, SEARCH = 25.0, 6.0
"""Longer sound is cut after at most 25 s, at the quietest place of the last 6."""
SHORT = 12.0
"""Seconds up to which the small model is used even where there is a larger one, where nobody measured (`visavis
profile`); also those up to which whisper is told that it hears one sentence."""
LONGEST = 300.0
"""Seconds of one piece of speech that are transcribed; the rest is not heard."""


@dataclass(frozen=True, slots=True)
class _Piece:
    sound: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        return len(self.sound) / RATE

    @property
    def context(self) -> int:
        """Steps of the encoder that the sound needs."""
        return min(CONTEXT, math.ceil(max(LEAST, self.seconds) / WINDOW * CONTEXT) + SPARE)

    def padded(self) -> NDArray[np.float32]:
        """The sound, with silence behind it up to the least length."""
        return np.pad(self.sound, (0, max(0, int(LEAST * RATE) - len(self.sound))))


class WhisperEars:
    """`backend.hearing.Ears` over the models in *folder*; *files* are names of `models.TABLE` or paths, small first."""

    name = "whisper"

    def __init__(
        self,
        folder: Path,
        pool: Pool,
        *,
        idle_seconds: float = 300.0,
        own: Path | None = None,
        source: str = "",
        short: float = SHORT,
    ) -> None:
        self._folder = folder
        self._pool = pool
        self._idle_seconds = idle_seconds
        self._own = own
        self._short = short
        self._source = source or models.SOURCE
        self._fetching: dict[str, asyncio.Task[Path]] = {}

    @property
    def idle(self) -> bool:
        """Whether a worker is free."""
        return self._pool.idle

    def ready(self, language: str) -> bool:
        """Whether a model for *language* was fetched."""
        return bool(self._paths(language))

    def _paths(self, language: str) -> list[Path]:
        """The models for *language* that lie here, the smaller first."""
        if self._own is not None:
            return [self._own] if self._own.exists() else []
        return models.here(self._folder, language)

    def _path(self, language: str, seconds: float) -> Path:
        paths = self._paths(language)
        if not paths:
            name = models.wanted(language)
            raise EngineError(
                "The server has no model to hear with in this language.", f"Fetch one: visavis models get {name}"
            )
        return paths[0] if seconds <= self._short else paths[-1]

    async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
        """Transcribe; empty when nobody spoke. Raises `EngineError` when there is no model, or all are busy."""
        sound = trimmed(samples(pcm16k[: int(LONGEST * RATE) * 2]))
        if not len(sound):
            return Transcript("")
        path = await asyncio.to_thread(self._path, language, len(sound) / RATE)
        texts: list[str] = []
        sure: list[float] = []
        for piece in map(_Piece, _cut(sound)):
            # Greedy and without second attempts at higher temperatures: one pass takes a known time.
            parts = await self._pool.run(
                path,
                piece.padded(),
                audio_ctx=piece.context,
                language=language.split("-", 1)[0].lower(),
                single_segment=piece.seconds < SHORT,
                no_timestamps=True,
                no_context=True,
                temperature_inc=0.0,
                suppress_nst=True,
                initial_prompt=texts[-1][-200:] if texts else "",
            )
            known = [part.confidence for part in parts if not math.isnan(part.confidence)]
            confidence = sum(known) / len(known) if known else 1.0
            text = believed("".join(part.text for part in parts), confidence, piece.seconds)
            if text:
                texts.append(text)
                sure.append(confidence)
        return Transcript(" ".join(texts), min(sure, default=0.0))

    async def fetch(self, language: str) -> None:
        """Bring the smallest model for *language*, once for all who ask. Raises `EngineError`."""
        name = models.wanted(language)
        if name not in self._fetching:
            job = models.fetch(models.find(name), self._folder, self._source)
            task = self._fetching[name] = asyncio.create_task(job, name=f"fetch {name}")
            task.add_done_callback(lambda _: self._fetching.pop(name, None))
        await asyncio.shield(self._fetching[name])

    async def warm(self, language: str) -> None:
        """Load the model for *language*: half a second of silence, transcribed. Raises `EngineError`."""
        path = await asyncio.to_thread(self._path, language, 0.0)
        await self._pool.run(path, np.zeros(int(LEAST * RATE), np.float32), audio_ctx=SPARE * 2, temperature_inc=0.0)

    async def keep(self) -> None:
        """Forget models that were not used for a while, until cancelled."""
        while True:
            await asyncio.sleep(self._idle_seconds / 4)
            self._pool.unload(self._idle_seconds)

    async def aclose(self) -> None:
        """Let go of everything."""
        for task in list(self._fetching.values()):
            task.cancel()
        self._pool.close()


def _cut(sound: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    pieces, most, search = [], int(PIECE * RATE), int(SEARCH * RATE)
    while len(sound) > most:
        at = quietest(sound, most - search, most)
        pieces.append(sound[:at])
        sound = sound[at:]
    return [*pieces, sound]
