"""The real pipeline, with a tiny random model and tokenizer made here: no download, the code that runs in earnest."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from backend.fallback import EngineError
from backend.feeling import LABELS, onnx
from backend.feeling.export import export
from backend.feeling.feelings import Feelings
from backend.feeling.pipeline import load
from backend.feeling.transformers import Transformers

WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
    *("i", "am", "so", "very", "happy", "sad", "angry", "afraid", "not", "today", "!", ".", "?"),
]
TEXTS = ["I am so happy!", "I am not sad.", "Very very angry", "afraid ?", "unknown words here", "I " * 500]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def make(folder: Path, labels: list[str]) -> str:
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=160,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: n for n, label in enumerate(labels)},
        initializer_range=0.3,  # wide enough that the answers differ
    )
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make(tmp_path_factory.mktemp("tiny"), list(LABELS))


def table(emotions) -> np.ndarray:
    return np.array([[emotion.scores[label] for label in LABELS] for emotion in emotions])


def test_quantised_answers_like_full(model: str) -> None:
    full = table(load(model, quantised=False)(TEXTS))
    quantised = table(load(model, quantised=True)(TEXTS))
    assert np.allclose(full.sum(1), 1, atol=1e-3)
    assert full.std(0).max() > 0.02  # the texts are told apart
    assert not np.array_equal(full, quantised)  # it really is another arithmetic
    # Random weights this wide magnify every rounding; a trained model's answers lie closer.
    assert np.abs(full - quantised).mean() < 0.02
    assert np.abs(full - quantised).max() < 0.1
    assert (full.argmax(1) == quantised.argmax(1)).mean() >= 5 / 6


def test_a_batch_answers_like_one_by_one(model: str) -> None:
    classify = load(model, quantised=False)
    together = table(classify(TEXTS))
    alone = table([classify([text])[0] for text in TEXTS])
    assert np.allclose(together, alone, atol=2e-3)


def test_the_linear_layers_are_int8(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import backend.feeling.pipeline as pipeline

    seen = []
    quantise = pipeline._quantise
    monkeypatch.setattr(pipeline, "_quantise", lambda torch, model: seen.append(quantise(torch, model)) or seen[0])
    load(model)
    names = {type(layer).__module__.rsplit(".", 1)[0] for layer in seen[0].modules()}
    assert any("quantized.dynamic" in name for name in names)
    assert not any(type(layer) is torch.nn.Linear for layer in seen[0].modules())


def test_other_names_for_labels_are_understood(tmp_path: Path) -> None:
    classify = load(make(tmp_path, ["Happiness", "love", "angry", "calm"]))
    read = classify(["I am so happy"])[0]
    assert read.scores["sadness"] == 0
    assert sum(read.scores.values()) == pytest.approx(1, abs=1e-3)


def test_a_model_without_emotions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not name emotions") as error:
        load(make(tmp_path, ["spam", "ham"]))
    assert "joy" in error.value.remedy


async def test_a_turn_is_served_before_and_after_the_model_is_there(model: str) -> None:
    engine = Transformers(model)
    feelings = Feelings(engine, patience=10)
    assert (await feelings.refine("I am so happy!")) == feelings.read("I am so happy!")
    await engine.warm()
    refined = await feelings.refine("I am so happy!")
    assert refined == load(model)(["I am so happy!"])[0]
    await engine.aclose()


async def test_a_missing_model_leaves_the_embedded_one(tmp_path: Path) -> None:
    engine = Transformers(str(tmp_path / "none"))
    with pytest.raises(EngineError, match="could not be loaded"):
        await engine.warm()
    assert (await Feelings(engine).refine("Great!")).label == "joy"
    await engine.aclose()


def test_exported_and_quantised_it_answers_alike_without_torch(model: str, tmp_path: Path) -> None:
    full = table(load(model, quantised=False)(TEXTS))
    smaller = export(model, tmp_path / "onnx")
    assert smaller.stat().st_size < (tmp_path / "onnx" / "model.onnx").stat().st_size
    exported = table(onnx.load(tmp_path / "onnx", quantised=False)(TEXTS))
    assert np.allclose(full, exported, atol=2e-3)
    quantised = table(onnx.load(tmp_path / "onnx")(TEXTS))
    assert not np.array_equal(exported, quantised)
    assert np.abs(full - quantised).mean() < 0.03
    code = (
        "import sys; from pathlib import Path; from backend.feeling.onnx import load;"
        f"load(Path({str(tmp_path / 'onnx')!r}))(['I am so happy!']);"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_importing_the_engine_imports_no_torch() -> None:
    code = "import sys, backend.feeling.transformers; assert not {'torch', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
