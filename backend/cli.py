"""`visavis`: the commands."""

import asyncio
import logging
import os
from contextlib import nullcontext
from importlib.metadata import version
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from backend import money_commands
from backend.deploying.command import deploy
from backend.feeling.command import feel
from backend.knowing.command import make_app as knowing
from backend.logs import set_up
from backend.model_commands import models
from backend.serving.workers import FOLDER
from backend.settings import ROUTER, Settings, SettingsError, load
from backend.starting import SayWhatToOpen, StartError, address, see_that_free, send_at_once
from backend.thinking.command import make_app as router_commands
from backend.variables import listing, strays

if TYPE_CHECKING:
    from backend.bases import Base

app = typer.Typer(
    name="visavis",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"visavis {version('visavis')}")
        raise typer.Exit


@app.callback()
def visavis(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and that is all.")
    ] = False,
) -> None:
    """A conversational avatar for the browser. `visavis serve` starts it.

    Run `visavis COMMAND --help` for the options of a command, `visavis settings` for what can be set.
    """


PORTS = ["VISAVIS_PORT", "DATABRICKS_APP_PORT", "UVICORN_PORT", "PORT"]


def _host() -> str:
    """A platform's proxy comes from outside; on one's own machine nobody else should."""
    return "0.0.0.0" if "DATABRICKS_APP_PORT" in os.environ else "127.0.0.1"  # noqa: S104


@app.command()
def serve(
    host: Annotated[
        str,
        typer.Option(
            envvar=["VISAVIS_HOST", "UVICORN_HOST"],
            default_factory=_host,
            show_default=False,
            help="Address to listen at: 127.0.0.1 for this machine alone (as it is), 0.0.0.0 for every network.",
        ),
    ],
    port: Annotated[int, typer.Option(envvar=PORTS, min=1, max=65_535, help="Port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; they share conversations through Redis.")] = 1,
    reload: Annotated[bool, typer.Option(help="Restart when a source file changes.")] = False,
) -> None:
    """Serve the page and its conversations."""
    now = checked()
    set_up(now.log_format)
    if workers > 1 and not now.redis_url.get_secret_value():
        raise SystemExit(
            "Several workers need VISAVIS_REDIS_URL (redis://...): a browser that comes back may reach another one, "
            "and budgets have to be counted together."
        )
    try:
        see_that_free(host, port)
    except StartError as error:
        raise SystemExit(f"visavis cannot start. {error}") from None
    log = logging.getLogger("backend")
    for stray in strays():
        log.warning("%s", stray)
    logging.getLogger("uvicorn.error").addFilter(SayWhatToOpen(address(host, port)))
    # Where the workers find each other.
    with TemporaryDirectory(prefix="visavis-") if workers > 1 else nullcontext() as folder:
        if folder:
            os.environ[FOLDER] = folder
        _run(now, host, port, workers, reload)


def _run(now: Settings, host: str, port: int, workers: int, reload: bool) -> None:
    import uvicorn  # noqa: PLC0415  (the other commands don't need it)

    send_at_once()
    uvicorn.run(
        "backend.main:app",
        host=host,
        port=port,
        reload=reload,
        workers=workers,
        # Who is asking is found out by backend.serving.identity, which knows the trusted proxies.
        proxy_headers=False,
        log_config=None,
        # A frame over the protocol's limit is answered with an error; only absurd ones close the connection.
        ws_max_size=1024 * 1024,
        ws_max_queue=16,
        # Speech does not compress, and trying takes a tenth of a turn's work.
        ws_per_message_deflate=False,
        ws_ping_interval=now.ping_seconds,
        ws_ping_timeout=now.ping_seconds,
        # Conversations have been drained by then (backend.serving.draining).
        timeout_graceful_shutdown=3,
    )


@app.command()
def settings() -> None:
    """Print every setting as it would stand in .env, and what it means. Secrets stay hidden."""
    for line in listing(checked()):
        typer.echo(line)
    for stray in strays():
        typer.echo(stray, err=True)


rhubarb = typer.Typer(no_args_is_help=True, help="The original Rhubarb Lip Sync, as another lip-sync engine.")
app.add_typer(rhubarb, name="rhubarb")


@rhubarb.command("install")
def install_rhubarb() -> None:
    """Bring Rhubarb 1.13 (72 MB, Linux) for side-by-side comparisons and background refinement."""
    from rhubarb.install import InstallError, install  # noqa: PLC0415

    try:
        typer.echo(f"Installed: {install(progress=typer.echo)}")
    except InstallError as error:
        raise SystemExit(str(error)) from None


app.command()(feel)
app.add_typer(models, name="models")
app.add_typer(deploy, name="deploy")
money_commands.add(app)


def _base() -> "Base":
    from backend.bases import Base  # noqa: PLC0415

    now = checked()
    now.data.mkdir(parents=True, exist_ok=True)
    return Base(now)


app.registered_commands += knowing(_base).registered_commands


app.add_typer(router_commands(lambda: checked().data / ROUTER), name="router")


@app.command()
def doctor() -> None:
    """See which minds and voices answer, how fast, and what to do about the rest."""
    from backend.checkup import checkup  # noqa: PLC0415

    for stray in strays():
        typer.echo(stray, err=True)
    raise typer.Exit(0 if asyncio.run(checkup(checked(), typer.echo)) else 1)


def checked() -> Settings:
    """The settings, or the end of the program with a plain message about the one that is wrong."""
    try:
        return load()
    except SettingsError as error:
        raise SystemExit(f"visavis cannot start, a setting is wrong:\n{error}") from None


def main() -> None:
    """Entry point of the `visavis` command."""
    app()


if __name__ == "__main__":
    main()
