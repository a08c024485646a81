"""The files that Kokoro consists of: what is fetched, from where, and what lies in a folder of one's own.

A folder is laid out as the model's page is: `tokenizer.json` with the vocabulary, `onnx/model_quantized.onnx` (or
another `.onnx`), `voices/NAME.bin`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from backend import fetching
from backend.fallback import EngineError
from backend.fetching import Progress, Wanted

REVISION = "1939ad2a8e416c0acfeecc08a694d14ef25f2231"
SOURCE = f"https://huggingface.co/onnx-community/Kokoro-82M-v1.0-ONNX/resolve/{REVISION}"
"""Kokoro-82M v1.0 in ONNX, Apache-2.0, at a fixed revision; `VISAVIS_MODELS_URL` names another place."""
FILES = {
    "tokenizer.json": "77a02c8e164413299b4b4c403b14f8e0e1c1b727db4d46a09d6327b861060a34",
    "voices/af_heart.bin": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "voices/am_michael.bin": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "voices/bf_emma.bin": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "voices/bm_george.bin": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "onnx/model_quantized.onnx": "fbae9257e1e05ffc727e951ef9b9c98418e6d79f1c9b6b13bd59f5c9028a1478",
}
"""SHA-256, as several projects that pin this revision have them. The model, 8-bit weights, is 92 MB."""
MEGABYTES = 95
FETCH = "visavis models get kokoro"


async def fetch(folder: Path, source: str = SOURCE, progress: Progress | None = None) -> Path:
    """Download what is missing in *folder*, and return it. Raises `EngineError`."""
    for file, digest in FILES.items():
        await fetching.fetch(
            Wanted(f"{source.rstrip('/')}/{file}", digest, f"Kokoro's {file}"), folder / file, progress
        )
    return folder


def here(folder: Path) -> bool:
    """Whether *folder* has all that it takes to speak."""
    return model(folder) is not None and (folder / "tokenizer.json").is_file() and any(voices(folder))


def model(folder: Path) -> Path | None:
    """The model in *folder*: the one that is fetched, or any other there."""
    known = (folder / "onnx" / "model_quantized.onnx", folder / "onnx" / "model.onnx", folder / "model.onnx")
    return next((path for path in (*known, *sorted(folder.glob("*.onnx"))) if path.is_file()), None)


def voices(folder: Path) -> Iterator[str]:
    """The names of the voices in *folder*."""
    return (path.stem for path in sorted((folder / "voices").glob("*.bin")))


def vocabulary(folder: Path) -> Mapping[str, int]:
    """The model's symbols and their numbers. Raises `EngineError`."""
    try:
        whole = json.loads((folder / "tokenizer.json").read_text("utf-8"))
        found = whole.get("model", whole)["vocab"]
        return {str(symbol): int(number) for symbol, number in found.items() if len(symbol) == 1}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineError("Kokoro's tokenizer.json is missing or damaged.", f"Fetch it anew: {FETCH}") from error
