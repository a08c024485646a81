"""A model of emotion too small to be right, made here: ONNX with a real tokenizer, and no torch."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from backend.feeling import LABELS

WORDS = [*("[PAD]", "[UNK]"), *("i", "am", "so", "very", "happy", "sad", "angry", "afraid", "not", "today", "!", "?")]
KNOWN = {"happy": "joy", "sad": "sadness", "angry": "anger", "afraid": "fear"}
WIDTH = 64


def make(folder: Path, labels: tuple[str, ...] = LABELS) -> Path:
    """Write model.onnx, tokenizer.json and config.json: the mean of word vectors, a hidden layer, logits."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    vectors = random.normal(0, 1, (len(WORDS), WIDTH)).astype(np.float32)
    hidden = random.normal(0, WIDTH**-0.5, (WIDTH, WIDTH)).astype(np.float32)
    out = random.normal(0, 0.02, (WIDTH, len(labels))).astype(np.float32)
    for word, label in KNOWN.items():
        if label in labels:
            # What the hidden layer makes of the word points to its label.
            seen = np.maximum(vectors[WORDS.index(word)] @ hidden, 0)
            out[:, labels.index(label)] += 12 * seen / (seen @ seen)
    weights = {"vectors": vectors, "hidden": hidden, "out": out, "axis": np.array([1], np.int64)}
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["mask3"]),
        helper.make_node("Mul", ["each", "mask3"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "axis"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "axis"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
        helper.make_node("MatMul", ["mean", "hidden"], ["before"]),
        helper.make_node("Relu", ["before"], ["after"]),
        helper.make_node("MatMul", ["after", "out"], ["logits"]),
    ]
    weights["last"] = np.array([2], np.int64)
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "t"]) for n in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", len(labels)])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {str(n): label for n, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps({"id2label": named, "pad_token_id": 0}))
    return folder
