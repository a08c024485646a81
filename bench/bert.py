"""Makes `model.onnx` of a BERT encoder's safetensors, without torch: `python -m bench.bert FOLDER [OUT]`.

FOLDER is a sentence-transformers model (config.json, tokenizer.json, model.safetensors), for example all-MiniLM-L6-v2.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Weights = dict[str, np.ndarray]


def read_safetensors(path: Path) -> Weights:
    """The tensors of a safetensors file (float32 only)."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    weights = {}
    for name, about in header.items():
        if name == "__metadata__" or about["dtype"] != "F32":
            continue
        start, end = about["data_offsets"]
        flat = np.frombuffer(data, np.float32, (end - start) // 4, 8 + size + start)
        weights[name] = flat.reshape(about["shape"])
    return weights


class Graph:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name


def export(weights: Weights, config: dict[str, Any]) -> Any:
    """The ONNX model of a BERT encoder: token ids and mask in, the last hidden states out."""
    graph, heads, epsilon = Graph(), config["num_attention_heads"], config["layer_norm_eps"]
    hidden = config["hidden_size"]
    size = hidden // heads

    def dense(x: str, name: str) -> str:
        weight = graph.constant(f"{name}.weight", weights[f"{name}.weight"].T)
        product = graph.add("MatMul", x, weight)
        return graph.add("Add", product, graph.constant(f"{name}.bias", weights[f"{name}.bias"]))

    def norm(x: str, name: str) -> str:
        scale = graph.constant(f"{name}.weight", weights[f"{name}.weight"])
        bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
        return graph.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def split(x: str) -> str:
        shape = graph.constant("split_shape", np.array([0, 0, heads, size], np.int64))
        return graph.add("Transpose", graph.add("Reshape", x, shape), perm=[0, 2, 1, 3])

    tables = "embeddings.{}_embeddings.weight"
    words = graph.add("Gather", graph.constant("words", weights[tables.format("word")]), "input_ids")
    kinds = graph.add("Gather", graph.constant("kinds", weights[tables.format("token_type")]), "token_type_ids")
    length = graph.add("Gather", graph.add("Shape", "input_ids"), graph.constant("one", np.array(1, np.int64)))
    zero, step = graph.constant("zero", np.array(0, np.int64)), graph.constant("step", np.array(1, np.int64))
    places = graph.add("Range", zero, length, step)
    places = graph.add("Gather", graph.constant("places", weights[tables.format("position")]), places)
    x = norm(graph.add("Add", graph.add("Add", words, kinds), places), "embeddings.LayerNorm")

    axes = graph.constant("axes", np.array([1, 2], np.int64))
    mask = graph.add("Unsqueeze", graph.add("Cast", "attention_mask", to=TensorProto.FLOAT), axes)
    away = graph.add("Mul", graph.add("Sub", graph.constant("ones", np.float32([1.0])), mask),
                     graph.constant("far", np.float32([-1e9])))  # fmt: skip
    root, half = graph.constant("root", np.float32([np.sqrt(2)])), graph.constant("half", np.float32([0.5]))
    for layer in range(config["num_hidden_layers"]):
        base = f"encoder.layer.{layer}"
        q, k, v = (split(dense(x, f"{base}.attention.self.{part}")) for part in ("query", "key", "value"))
        scores = graph.add("MatMul", q, graph.add("Transpose", k, perm=[0, 1, 3, 2]))
        scores = graph.add("Div", scores, graph.constant("scale", np.float32([np.sqrt(size)])))
        seen = graph.add("MatMul", graph.add("Softmax", graph.add("Add", scores, away), axis=-1), v)
        seen = graph.add("Transpose", seen, perm=[0, 2, 1, 3])
        seen = graph.add("Reshape", seen, graph.constant("joined", np.array([0, 0, hidden], np.int64)))
        attended = dense(seen, f"{base}.attention.output.dense")
        x = norm(graph.add("Add", attended, x), f"{base}.attention.output.LayerNorm")
        wide = dense(x, f"{base}.intermediate.dense")
        ones = graph.constant("ones", np.float32([1.0]))
        curve = graph.add("Add", graph.add("Erf", graph.add("Div", wide, root)), ones)
        wide = graph.add("Mul", graph.add("Mul", wide, curve), half)  # GELU
        x = norm(graph.add("Add", dense(wide, f"{base}.output.dense"), x), f"{base}.output.LayerNorm")
    graph.nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"]))
    given = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    out = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", hidden])
    whole = helper.make_graph(graph.nodes, "bert", given, [out], list(graph.constants.values()))
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    folder = Path(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else folder
    out.mkdir(parents=True, exist_ok=True)
    config = json.loads((folder / "config.json").read_text())
    onnx.save(export(read_safetensors(folder / "model.safetensors"), config), str(out / "model.onnx"))
    if out != folder:
        shutil.copy(folder / "tokenizer.json", out)
    print(out / "model.onnx")


if __name__ == "__main__":
    main()
