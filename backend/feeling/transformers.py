"""A better reader of emotion (extra `transformers`, or `vectors` for an ONNX model), behind the scenes: loaded in the
background, batched, let go when idle.

Everything of the model happens on one worker thread, so the event loop never waits for it and two batches never
compete for the two cores.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backend.fallback import EngineError
from backend.feeling import Emotion, onnx, pipeline
from backend.feeling.pipeline import DEFAULT_MODEL, Classify

# At the 9 ms a sentence measured for an int8 distilled model on two cores, a full batch takes 0.15 s.
MAX_BATCH = 16
# More than this waiting means that answers would come too late to matter: say no at once.
MAX_WAITING = 128
RETRY_SECONDS = 300.0

Loader = Callable[[], Classify]
Sleep = Callable[[float], Awaitable[None]]


def load(model: str, *, quantised: bool = True, threads: int = 1) -> Classify:
    """*model* by ONNX Runtime where it is a folder that holds one, by torch otherwise. Blocking; `EngineError`."""
    folder = Path(model)
    if onnx.find(folder) is not None:
        return onnx.load(folder, quantised=quantised, threads=threads)
    return pipeline.load(model, quantised=quantised, threads=threads)


class Transformers:
    """Reads emotion with a model of the Hugging Face hub, or of a folder.

    *idle* is the time in seconds after which an unused model leaves memory; the next `read` brings it back. *loader*,
    *clock* and *sleep* are there to be replaced in tests.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        quantised: bool = True,
        threads: int = 1,
        idle: float = 900.0,
        loader: Loader | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._loader = loader or (lambda: load(model, quantised=quantised, threads=threads))
        self._idle = idle
        self._clock = clock
        self._sleep = sleep
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="feeling")
        self._classify: Classify | None = None
        self._problem: EngineError | None = None
        self._retry_at = float("-inf")
        self._last_used = 0.0
        self._waiting: deque[tuple[str, asyncio.Future[Emotion]]] = deque()
        self._loading: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def problem(self) -> EngineError | None:
        """Why the model could not be loaded last time."""
        return self._problem

    @property
    def ready(self) -> bool:
        """Whether the model is in memory."""
        return self._classify is not None

    async def warm(self) -> None:
        """Load the model; raises `EngineError` with the reason and the remedy."""
        if self.ready:
            return
        await asyncio.shield(self._load_in_background())
        if not self.ready:
            raise self._problem or EngineError("The emotion model was closed.")

    async def read(self, text: str) -> Emotion:
        """The emotion of *text*; texts asked for while a batch runs make the next batch.

        Raises `EngineError` at once while the model loads, is missing, or has too much to do.
        """
        if not self.ready:
            self._load_in_background()
            raise self._problem or EngineError("The emotion model is still loading.", retry_after=1.0)
        if len(self._waiting) >= MAX_WAITING:
            raise EngineError("The emotion model has too much to do.", retry_after=1.0)
        answer: asyncio.Future[Emotion] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, answer))
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve(), name="feeling: batches")
        return await answer

    async def aclose(self) -> None:
        """Drop the model and what waits for it; a load under way ends by itself on its thread."""
        tasks = [task for task in (self._loading, self._serving, self._watching) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._refuse(EngineError("The emotion model was closed."))
        self._classify = None
        self._thread.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------------ loading

    def _load_in_background(self) -> asyncio.Task[None]:
        if self._loading is None or (self._loading.done() and self._clock() >= self._retry_at):
            self._loading = asyncio.create_task(self._load(), name="feeling: load")
        return self._loading

    async def _load(self) -> None:
        try:
            classify = await asyncio.get_running_loop().run_in_executor(self._thread, self._loader)
        except Exception as error:
            # Whatever a third party's model folder or a download can throw, the embedded classifier goes on serving.
            self._problem = (
                error
                if isinstance(error, EngineError)
                else EngineError(
                    "The emotion model could not be loaded.", f"see the log, or choose another: {type(error).__name__}"
                )
            )
            self._retry_at = self._clock() + RETRY_SECONDS
            return
        self._problem = None
        self._classify = classify
        self._last_used = self._clock()
        self._watching = asyncio.create_task(self._unload_when_idle(), name="feeling: idle")

    async def _unload_when_idle(self) -> None:
        while (left := self._last_used + self._idle - self._clock()) > 0 or self._waiting or self._busy():
            await self._sleep(max(left, 1.0))
        self._classify = None

    def _busy(self) -> bool:
        return self._serving is not None and not self._serving.done()

    # ------------------------------------------------------------------ batches

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and (classify := self._classify) is not None:
            batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            # Who gave up waiting is left out.
            batch = [(text, answer) for text, answer in batch if not answer.done()]
            if not batch:
                continue
            try:
                emotions = await loop.run_in_executor(self._thread, classify, [text for text, _ in batch])
            except Exception as error:
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(EngineError(f"The emotion model failed ({type(error).__name__})."))
                continue
            except asyncio.CancelledError:
                self._waiting.extendleft(reversed(batch))
                raise
            finally:
                self._last_used = self._clock()
            for (_, answer), emotion in zip(batch, emotions, strict=True):
                if not answer.done():
                    answer.set_result(emotion)

    def _refuse(self, error: EngineError) -> None:
        while self._waiting:
            _, answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(error)
