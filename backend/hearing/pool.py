"""whisper.cpp on a few threads: one context each, as a context is not concurrent, and none for long without use."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.fallback import EngineError, UnsuitableError

MAGIC = b"lmgg"
"""The first bytes of a model file."""
INSTALL = "Install it with: pip install 'visavis[whisper]'"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of transcribed sound; `confidence` is the mean probability of its tokens, NaN where unknown."""

    text: str
    confidence: float


class Context(Protocol):
    """A loaded model that transcribes one thing at a time."""

    def __call__(self, sound: NDArray[np.float32], stop: Callable[[], bool], **params: Any) -> list[Part]:
        """The parts of *sound* (16 kHz); ends early when *stop* says so."""
        ...


class WhisperContext:
    """A context of whisper.cpp."""

    def __init__(self, path: Path, threads: int) -> None:
        try:
            from pywhispercpp.model import Model  # noqa: PLC0415  (an extra, and heavy)
        except ImportError:
            raise UnsuitableError("The server's ears are not installed.", INSTALL) from None
        # whisper.cpp does not raise for a file that is no model, and would crash the process at its first use.
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                remedy = "Delete it and fetch it again: visavis models get"
                raise EngineError(f"{path.name} is no model of whisper.cpp.", remedy)
        self._model = Model(str(path), n_threads=threads, print_progress=False, print_timestamps=False)

    def __call__(self, sound: NDArray[np.float32], stop: Callable[[], bool], **params: Any) -> list[Part]:
        """Transcribe *sound*."""
        parts = self._model.transcribe(sound, abort_callback=stop, extract_probability=True, **params)
        return [Part(part.text, part.probability) for part in parts]


@dataclass(slots=True)
class _Kept:
    path: Path
    context: Context
    used_at: float


class Pool:
    """At most *workers* transcriptions at once, and *waiting* that wait for their turn."""

    def __init__(
        self,
        workers: int,
        waiting: int = 8,
        *,
        threads: int = 2,
        load: Callable[[Path, int], Context] = WhisperContext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._most = workers + waiting
        self._threads = threads
        self._load = load
        self._clock = clock
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="whisper")
        self._lock = threading.Lock()
        self._free: list[_Kept] = []
        self._asked = 0

    @property
    def idle(self) -> bool:
        """Whether a worker is free."""
        return self._asked < self._workers

    @property
    def loaded(self) -> int:
        """Contexts in memory that wait for work."""
        return len(self._free)

    async def run(self, path: Path, sound: NDArray[np.float32], **params: Any) -> list[Part]:
        """Transcribe with the model at *path*. Cancelling ends the work too. Raises `EngineError`."""
        if self._asked >= self._most:
            raise EngineError("The server's ears are busy at the moment.", retry_after=2.0)
        self._asked += 1
        stop = threading.Event()

        def work() -> list[Part]:
            kept = self._take(path)
            try:
                return kept.context(sound, stop.is_set, **params) if not stop.is_set() else []
            finally:
                self._give(kept)

        # Counted until the thread is done, not until somebody loses patience.
        future = self._executor.submit(work)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.is_closed() or loop.call_soon_threadsafe(self._done))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            stop.set()
            raise

    def _done(self) -> None:
        self._asked -= 1

    def _take(self, path: Path) -> _Kept:
        with self._lock:
            for n, kept in enumerate(self._free):
                if kept.path == path:
                    return self._free.pop(n)
        return _Kept(path, self._load(path, self._threads), self._clock())

    def _give(self, kept: _Kept) -> None:
        kept.used_at = self._clock()
        with self._lock:
            self._free.append(kept)

    def unload(self, unused_for: float = 0.0) -> int:
        """Forget contexts that nobody used for so many seconds; how many were forgotten."""
        now = self._clock()
        with self._lock:
            before = len(self._free)
            self._free = [kept for kept in self._free if now - kept.used_at < unused_for]
            return before - len(self._free)

    def close(self) -> None:
        """Take no more work; what runs is finished behind our back."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self.unload()
