"""transformers' text-classification pipeline as a function from texts to emotions. All of it blocks."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from backend.fallback import EngineError
from backend.feeling import LABELS, Emotion, Label
from backend.feeling.features import clip
from backend.feeling.tags import ALIASES

# Ekman's six and neutral, 82 M parameters, trained on six English data sets.
DEFAULT_MODEL = "j-hartmann/emotion-english-distilroberta-base"
MAX_TOKENS = 128

REMEDY = "pip install 'visavis[transformers]'"

Classify = Callable[[list[str]], list[Emotion]]


def load(model: str = DEFAULT_MODEL, *, quantised: bool = True, threads: int = 1) -> Classify:
    """Load *model* (a name on the hub or a folder) onto the CPU, its linear layers in int8 if *quantised*.

    Takes seconds, and a download the first time. Raises `EngineError` where the extra is missing or where none of
    the model's labels is an emotion that the face knows.
    """
    try:
        import torch  # noqa: PLC0415  (seconds to import, and an extra)
        from transformers import pipeline  # noqa: PLC0415
    except ImportError:
        raise EngineError("The emotion model needs packages that are not installed.", REMEDY) from None
    # Two would fight with the voice and the lip sync for the two cores.
    torch.set_num_threads(threads)
    pipe = pipeline("text-classification", model=model, device=-1, top_k=None)
    names = labels([str(name) for name in pipe.model.config.id2label.values()], model)
    if quantised:
        pipe.model = _quantise(torch, pipe.model)

    def classify(texts: list[str]) -> list[Emotion]:
        with torch.inference_mode():
            answers = pipe(
                [clip(text) for text in texts], batch_size=len(texts), truncation=True, max_length=MAX_TOKENS
            )
        return [emotion(((str(one["label"]), float(one["score"])) for one in answer), names) for answer in answers]

    return classify


def _quantise(torch: Any, model: Any) -> Any:
    """*model* with dynamically quantised linear layers; itself where torch can no longer do it.

    Brings a distilled model from 22 to 9 ms a sentence on two cores.
    """
    with warnings.catch_warnings():
        # Announced to move to torchao; until then it is the one way without a further package.
        warnings.simplefilter("ignore")
        try:
            return torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
        except AttributeError:
            return model


def labels(named: Sequence[str], model: str) -> dict[str, Label | None]:
    """What each of the labels of *model* means; None for those that are no emotion. Raises `EngineError` if none is."""
    names = {name: ALIASES.get(name.lower()) for name in named}
    if not any(names.values()):
        raise EngineError(
            f"The model {model} does not name emotions ({', '.join(sorted(names)[:7])}).",
            f"choose one with labels such as {', '.join(LABELS)}",
        )
    return names


def emotion(answer: Iterable[tuple[str, float]], names: Mapping[str, Label | None]) -> Emotion:
    """The emotion of (label, probability) pairs; labels that mean none are left out."""
    scores: dict[Label, float] = dict.fromkeys(LABELS, 0.0)
    for name, score in answer:
        if label := names.get(name):
            scores[label] += float(score)
    total = sum(scores.values()) or 1.0
    scores = {label: round(score / total, 4) for label, score in scores.items()}
    best = max(LABELS, key=scores.__getitem__)
    return Emotion(best, scores[best], scores)
