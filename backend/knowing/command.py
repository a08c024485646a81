"""`visavis learn` and `visavis search`: what the knowledge base knows, from the command line."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Protocol

import typer

from backend.fallback import EngineError
from backend.knowing import Knowledge
from backend.knowing.ingest import Learn, Report, Source
from backend.knowing.snippet import snippet
from backend.knowing.vectors import Kept
from backend.knowing.web import is_url

WORDS_ALONE = "No embedding model is set: the search goes by words alone."


class Base(Protocol):
    """A knowledge base, as the settings describe it."""

    knowledge: Knowledge
    embedder: Kept | None
    learn: Learn | None

    @property
    def sources(self) -> Sequence[Source]:
        """What is learned by itself."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...


def make_app(open_base: Callable[[], Base]) -> typer.Typer:
    """The commands; *open_base* is called when a command runs."""
    app = typer.Typer(no_args_is_help=True, help="What the avatar knows.")

    @app.command("learn")
    def learn_command(
        sources: Annotated[list[str], typer.Argument(help="Folders, files, or web addresses.")],
    ) -> None:
        """Read documents (Markdown, text, HTML, PDF, DOCX) into the knowledge base; only what changed is read."""
        report = asyncio.run(_learn(open_base, [s if is_url(s) else Path(s) for s in sources]))
        typer.echo(summary(report))
        if report.refused and not (report.learned or report.unchanged):
            raise typer.Exit(1)

    @app.command("search")
    def search_command(
        question: Annotated[str, typer.Argument(help="What to look for.")],
        count: Annotated[int, typer.Option("--count", "-n", min=1, max=50, help="Passages to show.")] = 4,
    ) -> None:
        """Show the passages that the avatar would find for a question."""
        asyncio.run(_search(open_base, question, count))

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


async def _learn(open_base: Callable[[], Base], sources: Sequence[Source]) -> Report:
    async with _opened(open_base) as base:
        if base.learn is None:
            typer.echo(
                "An AI Search index is set, and learns from its own table. Unset VISAVIS_SEARCH_INDEX.", err=True
            )
            raise typer.Exit(1)
        if base.embedder is None:
            typer.echo(WORDS_ALONE)
        return await base.learn(sources, progress=lambda source: typer.echo(f"reading {source}"))


async def _search(open_base: Callable[[], Base], question: str, count: int) -> None:
    async with _opened(open_base) as base:
        if not await base.knowledge.version() and base.learn is not None:
            if not base.sources:
                typer.echo("Nothing was learned yet. Run: visavis learn FOLDER", err=True)
                raise typer.Exit(1)
            typer.echo(f"Nothing was learned yet, so I read {', '.join(map(str, base.sources))} first.")
            await base.learn(base.sources)
        passages = await base.knowledge.search(question, count)
        for passage in passages:
            place = f"{passage.source} · {passage.heading}" if passage.heading else passage.source
            typer.echo(f"{passage.score:.2f}  {place}\n      {snippet(passage.text, question)}\n")
        if not passages:
            typer.echo("Nothing fits.")


@asynccontextmanager
async def _opened(open_base: Callable[[], Base]) -> AsyncIterator[Base]:
    base = open_base()
    try:
        yield base
    except EngineError as error:
        typer.echo(f"{error.reason} {error.remedy}".strip(), err=True)
        raise typer.Exit(1) from None
    finally:
        await base.aclose()
