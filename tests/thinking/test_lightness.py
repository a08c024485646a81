import subprocess
import sys

import pytest

HEAVY = (
    "openai",
    "httpx2",
    "databricks",
    "onnxruntime",
    "tokenizers",
    "bs4",
    "pypdf",
    "docx",
    "snowballstemmer",
    "onnx",
)
ROOMS = [
    "backend.thinking.ladder",
    "backend.thinking.databricks",
    "backend.thinking.offline",
    "backend.thinking.sameness",
    "backend.knowing.embedded",
    "backend.knowing.aisearch",
    "backend.knowing.ingest",
    "backend.knowing.onnx",
]


@pytest.mark.parametrize("rooms", [ROOMS])
def test_heavy_libraries_are_not_loaded_before_they_are_needed(rooms: list[str]) -> None:
    code = f"import sys, {', '.join(rooms)}\nprint([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
