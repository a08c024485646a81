"""`visavis learn` and `visavis search`: what the knowledge base knows, from the command line."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from backend.fallback import EngineError
from backend.knowing.embedded import Embedded
from backend.knowing.ingest import Report, Source, learn_and_embed
from backend.knowing.snippet import snippet
from backend.knowing.vectors import Kept
from backend.knowing.web import is_url

WORDS_ALONE = "No embedding model is set: the search goes by words alone."


def make_app(store: Callable[[], Path], embedder: Callable[[], Awaitable[Kept | None]]) -> typer.Typer:
    """The commands; *store* and *embedder* come from the settings when a command runs."""
    app = typer.Typer(no_args_is_help=True, help="What the avatar knows.")

    @app.command("learn")
    def learn_command(
        sources: Annotated[list[str], typer.Argument(help="Folders, files, or web addresses.")],
    ) -> None:
        """Read documents (Markdown, text, HTML, PDF, DOCX) into the knowledge base; only what changed is read."""
        report = asyncio.run(_learn(store(), [s if is_url(s) else Path(s) for s in sources], embedder))
        typer.echo(summary(report))
        if report.refused and not (report.learned or report.unchanged):
            raise typer.Exit(1)

    @app.command("search")
    def search_command(
        question: Annotated[str, typer.Argument(help="What to look for.")],
        count: Annotated[int, typer.Option("--count", "-n", min=1, max=50)] = 4,
    ) -> None:
        """Show the passages that the avatar would find for a question."""
        asyncio.run(_search(store(), question, count, embedder))

    return app


def summary(report: Report) -> str:
    """What happened, in a few lines."""
    lines = [f"could not read {name}: {why}." for name, why in report.refused]
    counts = [
        (len(report.learned), "learned"),
        (len(report.unchanged), "unchanged"),
        (len(report.forgotten), "forgotten"),
        (report.embedded, "passages given a vector"),
    ]
    lines.append(
        ", ".join(f"{count} {what}" for count, what in counts if count) + "." if any(c for c, _ in counts) else ""
    )
    return "\n".join(filter(None, lines)) or "Nothing to learn there."


async def _learn(store: Path, sources: Sequence[Source], make_embedder: Callable[[], Awaitable[Kept | None]]) -> Report:
    embedder = await make_embedder()
    if embedder is None:
        typer.echo(WORDS_ALONE)
    try:
        return await learn_and_embed(store, sources, embedder, lambda source: typer.echo(f"reading {source}"))
    except EngineError as error:
        typer.echo(f"{error.reason} {error.remedy}".strip(), err=True)
        raise typer.Exit(1) from None
    finally:
        if embedder is not None:
            await embedder.aclose()


async def _search(store: Path, question: str, count: int, make_embedder: Callable[[], Awaitable[Kept | None]]) -> None:
    embedder = await make_embedder()
    knowledge = Embedded(store, embedder)
    try:
        passages = await knowledge.search(question, count)
        for passage in passages:
            place = f"{passage.source} · {passage.heading}" if passage.heading else passage.source
            typer.echo(f"{passage.score:.2f}  {place}\n      {snippet(passage.text, question)}\n")
        if not passages:
            typer.echo("Nothing fits.")
    finally:
        await knowledge.aclose()
        if embedder is not None:
            await embedder.aclose()
