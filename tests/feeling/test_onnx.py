"""The ONNX engine with a tiny model made here: the code that runs in earnest, no download, no torch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backend.fallback import EngineError
from backend.feeling import LABELS, Emotion
from backend.feeling.feelings import Feelings
from backend.feeling.onnx import find, load, quantise
from backend.feeling.transformers import Transformers
from tests.feeling.tiny import make

TEXTS = ["i am so happy !", "i am sad", "very very angry", "afraid ?", "unknown words here", "i " * 500]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tiny"))


def table(emotions: list[Emotion]) -> np.ndarray:
    return np.array([[emotion.scores[label] for label in LABELS] for emotion in emotions])


def test_quantised_answers_like_full(folder: Path, tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    full = table(load(tmp_path)(TEXTS))
    smaller = quantise(tmp_path)
    assert find(tmp_path) == smaller
    assert find(tmp_path, quantised=False) == tmp_path / "model.onnx"
    quantised = table(load(tmp_path)(TEXTS))
    assert not np.array_equal(full, quantised), "it really is another arithmetic"
    assert np.abs(full - quantised).max() < 0.1
    assert (full.argmax(1) == quantised.argmax(1))[:4].all()
    assert np.allclose(full.sum(1), 1, atol=1e-3)
    assert [LABELS[n] for n in full.argmax(1)[:4]] == ["joy", "sadness", "anger", "fear"]


def test_a_batch_answers_like_one_by_one(folder: Path) -> None:
    classify = load(folder)
    assert np.allclose(table(classify(TEXTS)), table([classify([text])[0] for text in TEXTS]), atol=1e-3)


def test_a_folder_as_on_the_hub(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    for name, to in (("model.onnx", "onnx/model.onnx"), ("tokenizer.json",) * 2, ("config.json",) * 2):
        (tmp_path / to).write_bytes((folder / name).read_bytes())
    assert load(tmp_path)(["i am so happy !"])[0].label == "joy"


def test_what_is_missing_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes((folder / "model.onnx").read_bytes())
    with pytest.raises(EngineError, match="not complete"):
        load(tmp_path)
    with pytest.raises(EngineError, match="does not name emotions"):
        load(make(tmp_path / "spam", ("spam", "ham")))


async def test_the_setting_s_engine_takes_it_for_what_it_is(folder: Path) -> None:
    feelings = Feelings(Transformers(str(folder)), patience=10)
    text = "I am not today so very angry !"
    assert feelings.name == "embedded"
    await feelings.warm()
    assert feelings.name == "transformers"
    assert await feelings.refine(text) == load(folder)([text])[0]
    await feelings.aclose()


def test_nothing_heavy_is_imported_for_it() -> None:
    code = (
        "import sys, backend.feeling.transformers;"
        "assert not {'torch', 'transformers', 'onnxruntime', 'tokenizers', 'onnx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
