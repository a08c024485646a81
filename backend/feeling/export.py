"""A model of the Hugging Face hub as a folder for ONNX Runtime, quantised; afterwards no torch is needed. Blocking."""

import warnings
from pathlib import Path

from backend.fallback import EngineError
from backend.feeling import onnx
from backend.feeling.pipeline import REMEDY

OPSET = 17


def export(model: str, folder: Path) -> Path:
    """Write *model* (a name on the hub or a folder) into *folder*; the path of the quantised model.

    Raises `EngineError` where a package is missing or the model cannot be had.
    """
    try:
        import onnx as _  # noqa: F401, PLC0415  (what torch writes with)
        import torch  # noqa: PLC0415
        from transformers import AutoModelForSequenceClassification, AutoTokenizer  # noqa: PLC0415
    except ImportError:
        raise EngineError("Exporting needs packages that are not installed.", f"{REMEDY} onnx onnxruntime") from None
    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
        network = AutoModelForSequenceClassification.from_pretrained(model, attn_implementation="eager").eval()
    except (OSError, ValueError) as error:
        raise EngineError(f"The model {model} cannot be had.", "Check its name.") from error
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    network.config.save_pretrained(folder)
    ids = torch.ones(2, 5, dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        # The older exporter, which needs no further package, announces its successor and warns about constant shapes.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (ids, torch.ones_like(ids)),
            str(folder / onnx.FULL[0]),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.quantise(folder)
