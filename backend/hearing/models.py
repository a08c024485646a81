"""Models of whisper.cpp: which there are, which are here, and how they get here."""

from dataclasses import dataclass
from pathlib import Path

from backend import fetching
from backend.fallback import EngineError
from backend.fetching import Progress, Wanted

SOURCE = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main"
"""Where whisper.cpp's authors keep their models; `VISAVIS_MODELS_URL` names another place with the same files."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model file; `sha1` as whisper.cpp's list of models gives it. `english` knows only that."""

    name: str
    file: str
    megabytes: int
    sha1: str
    english: bool


TABLE = (
    Model("whisper-tiny.en", "ggml-tiny.en.bin", 75, "c78c86eb1a8faa21b369bcd33207cc90d64ae9df", True),
    Model("whisper-tiny", "ggml-tiny.bin", 75, "bd577a113a864445d4c299885e0cb97d4ba92b5f", False),
    Model("whisper-base.en", "ggml-base.en.bin", 142, "137c40403d78fd54d454da0f9bd998f78703390c", True),
    Model("whisper-base", "ggml-base.bin", 142, "465707469ff3a37a2b9b8d8f89f2f99de7299dac", False),
)
"""Smaller ones first."""


def find(name: str) -> Model:
    """The model called *name*. Raises `EngineError` that names those there are."""
    for model in TABLE:
        if name in (model.name, model.name.removeprefix("whisper-")):
            return model
    raise EngineError(f"There is no model {name}.", f"These can be fetched: {', '.join(one.name for one in TABLE)}.")


def wanted(language: str) -> str:
    """The name of the smallest model for *language*."""
    return "whisper-tiny.en" if _english(language) else "whisper-tiny"


def here(folder: Path, language: str) -> list[Path]:
    """The files in *folder* that understand *language*, smaller ones first; English ones where that is enough."""
    fit = [model for model in TABLE if _english(language) or not model.english]
    found = [model for model in fit if (folder / model.file).exists()]
    # Of two models of one size the one for English alone understands it better.
    sizes = {model.megabytes: model for model in reversed(found)}
    return [folder / sizes[size].file for size in sorted(sizes)]


def _english(language: str) -> bool:
    return language.split("-", 1)[0].lower() == "en"


async def fetch(model: Model, folder: Path, source: str = SOURCE, progress: Progress | None = None) -> Path:
    """Download *model* into *folder* and return its path. Raises `EngineError` with what to do."""
    url = f"{source.rstrip('/')}/{model.file}"
    return await fetching.fetch(Wanted(url, model.sha1, model.name, "sha1"), folder / model.file, progress)
