"""`visavis prices`, `warm`, `simulate`, `profile`: what a person does about money, from the command line."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.settings import Settings, SettingsError, load
from backend.spending.calculator import PLAN_MODEL, SMALL_MODEL

if TYPE_CHECKING:
    from backend.spending.prices import Book


class Profile(StrEnum):
    """The kinds of use of `backend.simulating.traffic`."""

    support = "support"
    kiosk = "kiosk"
    internal = "internal"


def add(app: typer.Typer) -> None:
    """Put these commands into *app*."""
    app.command()(prices)
    app.command()(warm)
    app.command()(simulate)
    app.command()(profile)


def prices(
    refresh: Annotated[bool, typer.Option(help="Read the connected workspace's own prices, and keep them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Print what everything costs, where that is written, and what is older than 90 days."""
    from backend.spending import listing  # noqa: PLC0415  (other commands don't need it)

    settings = _settings()
    today = datetime.now(UTC).date()
    book = _book(settings)
    if refresh:
        _refresh(settings, book)
        book = _book(settings)
    typer.echo(listing.as_json(book, today) if as_json else listing.table(book, today))


def warm(
    questions: Annotated[Path | None, typer.Argument(help="A file of frequent questions, one a line.")] = None,
) -> None:
    """Render the greeting, apologies and small talk ahead, and answer frequent questions once, so that they speak
    at once when they are asked."""
    from backend.warming import warm_up  # noqa: PLC0415  (brings the whole server in)

    asked = [line.strip() for line in questions.read_text("utf-8").splitlines()] if questions else []
    count, seconds = asyncio.run(warm_up(_settings(), [line for line in asked if line]))
    typer.echo(f"{count} lines are ready, {seconds:.0f} s of speech.")


def simulate(  # noqa: PLR0917  (typer's options)
    days: Annotated[int, typer.Option(min=1, max=366, help="Days of the month.")] = 30,
    profile: Annotated[Profile, typer.Option(help="The kind of use.")] = Profile.support,
    seed: Annotated[int, typer.Option(help="Another seed, another month.")] = 1,
    small: Annotated[str, typer.Option(help="A model of the price book.")] = SMALL_MODEL,
    strong: Annotated[str, typer.Option(help="A model of the price book.")] = PLAN_MODEL,
    chart: Annotated[Path | None, typer.Option(help="Write a chart there, as SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Replay a made-up month through the real router, caches and ledger, and tell what each lever is worth."""
    from dataclasses import asdict  # noqa: PLC0415
    from json import dumps  # noqa: PLC0415

    from backend.simulating import table  # noqa: PLC0415

    book = _book(_settings())
    for name in (small, strong):
        if not book.knows(name):
            raise SystemExit(f"The price book has no {name}: see `visavis prices`.")

    def told(run: str) -> None:
        typer.echo(f"{run} ...", err=True)

    result = table.simulate(profile.value, days, seed, book, (small, strong), told=told)
    if chart is not None:
        chart.write_text(table.chart(result), "utf-8")
    typer.echo(dumps(asdict(result), indent=1) if as_json else table.text(result))


def profile(
    keep: Annotated[bool, typer.Option(help="Write the thresholds where the server finds them.")] = True,
) -> None:
    """Measure each stage on this machine, and set the thresholds that the server goes by."""
    from backend import profiling  # noqa: PLC0415

    settings = _settings()
    book = _book(settings)
    result = asyncio.run(profiling.profile(settings, book, lambda stage: typer.echo(f"{stage} ...", err=True)))
    typer.echo(profiling.text(result))
    if keep:
        typer.echo(f"Written to {profiling.save(result, settings.data)}.")


def _refresh(settings: Settings, book: "Book") -> None:
    from backend.accounts import WORKSPACE_PRICES  # noqa: PLC0415
    from backend.spending import listing, workspace  # noqa: PLC0415
    from backend.spending.prices import write  # noqa: PLC0415

    host, listed = asyncio.run(_endpoints())
    fresh = workspace.read_endpoints(listed, datetime.now(UTC).date(), host)
    if not fresh:
        raise SystemExit(f"{host} tells no prices: none of its serving endpoints is paid by the token.")
    typer.echo(listing.told(workspace.changes(book, fresh)) + "\n")
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / WORKSPACE_PRICES).write_text(write(fresh), "utf-8")


async def _endpoints() -> tuple[str, dict[str, object]]:
    """(host, the raw list of serving endpoints) of the workspace that the SDK is configured for."""
    import httpx  # noqa: PLC0415

    from backend.fallback import EngineError  # noqa: PLC0415
    from backend.spending.workspace import PATH  # noqa: PLC0415
    from backend.thinking.workspace import Workspace  # noqa: PLC0415

    workspace = Workspace()
    try:
        host = await workspace.host()
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(host + PATH, headers=await workspace.headers())
            answer.raise_for_status()
            listed: dict[str, object] = answer.json()
    except EngineError as error:
        raise SystemExit(f"{error.reason} {error.remedy}") from None
    except (httpx.HTTPError, ValueError) as error:
        raise SystemExit(f"The workspace did not tell its prices ({type(error).__name__}).") from None
    finally:
        workspace.close()
    return host.removeprefix("https://"), listed


def _settings() -> Settings:
    try:
        return load()
    except SettingsError as error:
        raise SystemExit(f"A setting is wrong:\n{error}") from None


def _book(settings: Settings) -> "Book":
    from backend.accounts import WORKSPACE_PRICES  # noqa: PLC0415
    from backend.spending.prices import PriceError, open_book  # noqa: PLC0415

    try:
        return open_book(settings.data / WORKSPACE_PRICES, *([settings.prices] if settings.prices else []))
    except PriceError as error:
        raise SystemExit(f"The price book is wrong: {error}") from None
