"""A model with Kokoro's inputs and outputs that hums: how long and how high follows from what it is given."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE = 24_000
STEP = 600
SYMBOLS = "$;:,.!?—… ˈˌːəɐɑɒæʌɔɛɜɪʊiuaeoɹɾTθðʃʒʤʧʦʣŋɡpbtdkfvszhmnlwjrxIWAYOQᵊɚɨβ"
VOCABULARY = {symbol: number for number, symbol in enumerate(SYMBOLS)}
VOICES = {"af_heart": 0.0, "af_bella": 1.0, "bf_emma": 2.0}
"""By the first number of their rows: each hums 100 Hz higher than the one before."""


def duration(number: int, speed: float = 1.0) -> int:
    """Steps that the model gives the symbol with that number."""
    return max(1, round((number % 5 + 2) / speed))


def build(folder: Path, *, tokens: str = "input_ids", durations: bool = True, whole_speed: bool = False) -> Path:
    """Write model, vocabulary and voices into *folder*."""
    (folder / "onnx").mkdir(parents=True)
    (folder / "voices").mkdir()
    (folder / "tokenizer.json").write_text(json.dumps({"version": "1.0", "model": {"vocab": VOCABULARY}}), "utf-8")
    for name, height in VOICES.items():
        rows = np.zeros((MOST_ROWS, 256), np.float32)
        rows[:, 0] = height
        rows.tofile(folder / "voices" / f"{name}.bin")
    onnx.save(_model(tokens, durations, whole_speed), str(folder / "onnx" / "model_quantized.onnx"))
    return folder


MOST_ROWS = 510


def _model(tokens: str, durations: bool, whole_speed: bool) -> onnx.ModelProto:
    def constant(name: str, value: float | int, kind: type = np.float32) -> onnx.TensorProto:
        return numpy_helper.from_array(np.array(value, kind), name)

    node = helper.make_node
    nodes = [
        node("Mod", [tokens, "five"], ["rest"]),
        node("Add", ["rest", "two"], ["steps"]),
        node("Cast", ["steps"], ["steps_f"], to=TensorProto.FLOAT),
        node("Cast", ["speed"], ["speed_f"], to=TensorProto.FLOAT),
        node("Div", ["steps_f", "speed_f"], ["quick"]),
        node("Round", ["quick"], ["even"]),
        node("Max", ["even", "one_f"], ["lengths_f"]),
        node("Cast", ["lengths_f"], ["durations"], to=TensorProto.INT64),
        node("ReduceSum", ["durations"], ["all"], keepdims=0),
        node("Mul", ["all", "step"], ["samples"]),
        node("Range", ["none", "samples", "one"], ["at"]),
        node("Cast", ["at"], ["at_f"], to=TensorProto.FLOAT),
        node("ReduceMax", ["style"], ["height"], keepdims=0),
        node("Mul", ["height", "hundred"], ["above"]),
        node("Add", ["above", "base"], ["hertz"]),
        node("Mul", ["hertz", "turn"], ["radians"]),
        node("Mul", ["at_f", "radians"], ["angle"]),
        node("Sin", ["angle"], ["wave"]),
        node("Mul", ["wave", "loudness"], ["flat"]),
        node("Unsqueeze", ["flat", "axis"], ["waveform"]),
    ]
    constants = [
        constant("five", 5, np.int64), constant("two", 2, np.int64), constant("one", 1, np.int64),
        constant("none", 0, np.int64), constant("step", STEP, np.int64), constant("one_f", 1.0),
        constant("hundred", 100.0), constant("base", 200.0), constant("turn", 2 * np.pi / RATE),
        constant("loudness", 0.3), numpy_helper.from_array(np.array([0], np.int64), "axis"),
    ]  # fmt: skip
    kind = TensorProto.INT32 if whole_speed else TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info(tokens, TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", kind, [1]),
    ]
    outputs = [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, [1, "samples"])]
    if durations:
        outputs.append(helper.make_tensor_value_info("durations", TensorProto.INT64, [1, "n"]))
    graph = helper.make_graph(nodes, "hum", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
