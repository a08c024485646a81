"""`visavis models`: the models that the server hears and speaks with."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from backend.fallback import EngineError
from backend.hearing import models as ears
from backend.settings import KOKORO, MODELS
from backend.speaking import kokoro_files

models = typer.Typer(no_args_is_help=True, help="Models that the server hears and speaks with.")
_Folder = Annotated[Path, typer.Option(envvar="VISAVIS_DATA", help="The folder of VISAVIS_DATA.")]


@models.command("list")
def listing(data: _Folder = Path(".visavis")) -> None:
    """The models there are, and which of them are here."""
    for model in ears.TABLE:
        state = "here" if (data / MODELS / model.file).exists() else f"{model.megabytes} MB"
        typer.echo(f"{model.name:16} hears  {'English' if model.english else '99 languages':13} {state}")
    state = "here" if kokoro_files.here(data / MODELS / KOKORO) else f"{kokoro_files.MEGABYTES} MB"
    typer.echo(f"{KOKORO:16} speaks {'English':13} {state}")


@models.command()
def get(
    name: Annotated[str, typer.Argument(help="whisper-tiny.en or kokoro, for example.")],
    data: _Folder = Path(".visavis"),
    source: Annotated[str, typer.Option(envvar="VISAVIS_MODELS_URL", help="Where the files lie.")] = "",
) -> None:
    """Download a model. What broke off goes on where it stopped."""
    shown = -1

    def progress(done: int, total: int) -> None:
        nonlocal shown
        share = done * 100 // total if total else 0
        if share != shown and sys.stderr.isatty():
            typer.echo(f"\r{share:3d} % of {total / 1e6:.0f} MB", nl=False, err=True)
        shown = share

    try:
        if name == KOKORO:
            job = kokoro_files.fetch(data / MODELS / KOKORO, source or kokoro_files.SOURCE, progress)
        else:
            job = ears.fetch(ears.find(name), data / MODELS, source or ears.SOURCE, progress)
        path = asyncio.run(job)
    except EngineError as error:
        raise SystemExit(f"{error.reason} {error.remedy}") from None
    if shown >= 0:
        typer.echo("", err=True)
    typer.echo(f"{path} is here.")
