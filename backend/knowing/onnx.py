"""Vectors by a local model: a sentence-transformers model in ONNX, run by ONNX Runtime on the CPU.

The folder holds `tokenizer.json` and `model.onnx` (or `onnx/model.onnx`), as the model's page on the hub does.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np

from backend.fallback import EngineError
from backend.knowing.embedders import Vectors, clean, unit

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

HUB = "https://huggingface.co"
FILES = ("tokenizer.json", "onnx/model.onnx")
BATCH = 16
LENGTH = 256
"""Tokens that MiniLM's makers let it read; more costs time and finds no better."""
MODEL_MOST = 2_000_000_000


class OnnxEmbedder:
    """`Embedder` by the model in *folder*; *threads* CPU threads, one batch of *batch* texts at a time."""

    def __init__(self, folder: Path, *, least: float = 0.25, threads: int = 1, batch: int = BATCH) -> None:
        self.name = f"onnx:{folder.name}"
        self.least = least
        self._folder, self._threads, self._batch = folder, threads, batch
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        self._loaded: tuple[onnxruntime.InferenceSession, tokenizers.Tokenizer] | None = None

    async def prepare(self) -> None:
        """Load the model. Raises `EngineError`."""
        await self.embed(["warm"])

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each of *texts*."""
        loop = asyncio.get_running_loop()
        size = self._batch
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        rows = [await loop.run_in_executor(self._pool, self._embed, batch) for batch in batches]
        return np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)

    async def aclose(self) -> None:
        """Let the thread go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        session, tokenizer = self._load()
        encoded = tokenizer.encode_batch([clean(text) for text in texts])
        ids = np.asarray([one.ids for one in encoded], np.int64)
        mask = np.asarray([one.attention_mask for one in encoded], np.int64)
        fed: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {node.name for node in session.get_inputs()}
        states = np.asarray(session.run(None, {name: value for name, value in fed.items() if name in wanted})[0])
        if states.ndim == 2:  # pooled already
            return unit(states.astype(np.float32))
        weight = mask[:, :, None].astype(np.float32)
        return unit((states * weight).sum(1) / weight.sum(1))

    def _load(self) -> "tuple[onnxruntime.InferenceSession, tokenizers.Tokenizer]":
        if self._loaded is None:
            try:
                import onnxruntime  # noqa: PLC0415
                import tokenizers  # noqa: PLC0415
            except ModuleNotFoundError:
                remedy = "Run: uv sync --extra vectors"
                raise EngineError("Search by meaning needs ONNX Runtime, which is not installed.", remedy) from None
            model = next((p for name in ("model.onnx", FILES[1]) if (p := self._folder / name).is_file()), None)
            words = self._folder / FILES[0]
            if model is None or not words.is_file():
                raise EngineError(
                    "The embedding model's folder is not complete.", f"It needs {FILES[0]} and model.onnx."
                )
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self._threads
            options.inter_op_num_threads = 1
            session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            tokenizer = tokenizers.Tokenizer.from_file(str(words))
            tokenizer.enable_truncation(LENGTH)
            tokenizer.enable_padding()
            self._loaded = session, tokenizer
        return self._loaded


async def fetch(model: str, folder: Path, hub: str = HUB) -> Path:
    """Download the *model* ("sentence-transformers/all-MiniLM-L6-v2") into *folder*, once. Raises `EngineError`."""
    name = model if "/" in model else f"sentence-transformers/{model}"
    target = folder / name.replace("/", "--")
    client = await asyncio.to_thread(lambda: httpx.AsyncClient(follow_redirects=True, timeout=30.0))
    async with client:
        for file in FILES:
            path = target / file
            if not path.is_file():
                await _download(client, f"{hub}/{name}/resolve/main/{file}", path)
    return target


async def _download(client: httpx.AsyncClient, url: str, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    size = 0
    try:
        async with client.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise EngineError(f"The hub has no such model ({answer.status_code}).", "Check the model's name.")
            with part.open("wb") as file:
                async for piece in answer.aiter_bytes(1 << 20):
                    size += len(piece)
                    if size > MODEL_MOST:
                        raise EngineError("The model is larger than 2 GB.", "Choose a smaller one.")
                    await asyncio.to_thread(file.write, piece)
    except httpx.HTTPError:
        raise EngineError("The model hub cannot be reached.", "Put the model's files into a folder yourself.") from None
    await asyncio.to_thread(part.replace, path)
