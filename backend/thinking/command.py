"""`visavis router calibrate` and `visavis router why`: the router, from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from backend.thinking.router import MISS_COST, Labelled, Report, Router, Weights, calibrate, evaluate, read_labelled

PARTS = 5


def make_app(weights: Callable[[], Path]) -> typer.Typer:
    """The commands; *weights* is where calibrated weights are kept."""
    app = typer.Typer(no_args_is_help=True, help="Which questions go to the small model, and which to the strong one.")

    @app.command("calibrate")
    def calibrate_command(
        file: Annotated[
            Path, typer.Argument(help="Lines of: small, strong or canned; a confidence; a question. Tabs.")
        ],
        miss_cost: Annotated[
            float, typer.Option(min=0.1, max=100, help="How much worse a hard question is on the small model.")
        ] = MISS_COST,
    ) -> None:
        """Fit the router to labelled questions, and say how well it does on questions it has not seen."""
        try:
            examples = read_labelled(file.read_text("utf-8"))
            fitted = calibrate(examples, miss_cost)
            reports = list(_unseen(examples, miss_cost))
        except (OSError, UnicodeDecodeError, ValueError) as error:
            typer.echo(f"{file.name}: {error}", err=True)
            raise typer.Exit(1) from None
        fitted.save(weights())
        typer.echo(f"{len(examples)} questions. On those it was not fitted to:\n{describe(reports)}")
        typer.echo(f"Weights kept in {weights().name}; the server reads them when it starts.")

    @app.command("why")
    def why_command(
        question: Annotated[str, typer.Argument(help="What a person might ask.")],
        confidence: Annotated[float, typer.Option(min=0, max=1, help="That of the best passage found.")] = 0.0,
    ) -> None:
        """Show where the router would send a question, and why."""
        choice = load(weights()).choose(question, confidence)
        typer.echo(f"{choice.rung} ({choice.score:.2f}): {choice.why}")

    return app


def load(path: Path) -> Router:
    """The router with the weights at *path*, or the built-in ones where there are none that can be read."""
    try:
        return Router(Weights.of_file(path))
    except (OSError, ValueError):
        return Router()


def describe(reports: list[Report]) -> str:
    """The reports together, in a few lines."""
    count = sum(report.count for report in reports)
    right = sum(report.right for report in reports)
    weak = sum(report.too_weak for report in reports)
    strong = sum(report.too_strong for report in reports)
    share = sum(report.small_share * report.count for report in reports) / count
    cost = sum(report.cost * report.count for report in reports) / count
    return (
        f"  right: {right} ({right / count:.0%}); too weak a model: {weak}; too strong a one: {strong}\n"
        f"  to the small model: {share:.0%}; cost beside asking the strong one everything: {cost:.0%}"
    )


def _unseen(examples: list[Labelled], miss_cost: float) -> list[Report]:
    """In five parts: fitted to four, judged on the fifth."""
    reports = []
    for part in range(PARTS):
        rest = [one for index, one in enumerate(examples) if index % PARTS != part]
        own = [one for index, one in enumerate(examples) if index % PARTS == part]
        reports.append(evaluate(Router(calibrate(rest, miss_cost)), own))
    return reports
