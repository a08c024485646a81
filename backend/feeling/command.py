"""`visavis feel`: read the emotion of a text or of a file's lines, one JSON object a line."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from backend.fallback import EngineError
from backend.feeling import Feeling
from backend.feeling.embedded import Embedded


def _lines(text: str | None, file: Path | None) -> Iterator[str]:
    if (text is None) == (file is None):
        raise typer.BadParameter('give either a text, as in `visavis feel "Well done!"`, or --file FILE (- for stdin)')
    if text is not None:
        yield text
    elif file == Path("-"):
        yield from sys.stdin
    elif file is not None:
        try:
            with file.open(encoding="utf-8", errors="replace") as lines:
                yield from lines
        except OSError as error:
            raise typer.BadParameter(f"cannot read {file}: {error.strerror}") from None


def _export(model: str, to: Path) -> None:
    from backend.feeling.export import export  # noqa: PLC0415  (brings torch in)

    try:
        path = export(model, to)
    except EngineError as error:
        raise SystemExit(f"{error.reason} {error.remedy}") from None
    typer.echo(f"{path} is here. Set VISAVIS_EMOTION_MODEL={to}")


def report(text: str, feeling: Feeling) -> str:
    """The emotion of *text* as a line of JSON."""
    read = feeling.read(text)
    found = {"text": text, "emotion": read.label, "confidence": read.confidence, "scores": read.scores}
    return json.dumps(found, ensure_ascii=False)


def feel(
    text: Annotated[str | None, typer.Argument(help="A sentence to read.")] = None,
    file: Annotated[Path | None, typer.Option(help="A UTF-8 file with a text on each line; - for stdin.")] = None,
    export: Annotated[str, typer.Option(help="Write this model of the Hugging Face hub for ONNX Runtime ...")] = "",
    to: Annotated[Path, typer.Option(help="... into this folder, for VISAVIS_EMOTION_MODEL.")] = Path("emotion"),
) -> None:
    """Read the emotion of a text: emotion, confidence and all scores, one JSON object a line."""
    if export:
        _export(export, to)
        return
    embedded = Embedded()
    for line in _lines(text, file):
        if line := line.strip():
            typer.echo(report(line, embedded))
