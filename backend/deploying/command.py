"""`visavis deploy`: what has to do with deploying."""

from pathlib import Path
from typing import Annotated

import typer

from backend.deploying import Finding
from backend.deploying import files as files_side
from backend.deploying import workspace as workspace_side

deploy = typer.Typer(no_args_is_help=True, help="Looks before a deployment to Databricks.")
_MARKS = {"good": "ok     ", "warning": "warning", "wrong": "WRONG  "}


@deploy.callback()
def main() -> None:
    """See docs/deploy.md for the whole walk."""


@deploy.command()
def check(
    target: Annotated[str, typer.Option("--target", "-t", help="The bundle's target; empty: the default one.")] = "",
    var: Annotated[list[str] | None, typer.Option(help="A variable of the bundle, as name=value.")] = None,
    offline: Annotated[bool, typer.Option(help="Look at the files only, not at the workspace.")] = False,
    folder: Annotated[Path, typer.Option(help="Where app.yaml and databricks.yml lie.")] = Path(),
) -> None:
    """See whether the files and the workspace are ready. Changes nothing; asks the model for one token."""
    given = dict(one.partition("=")[::2] for one in var or [])
    try:
        bundle = files_side.read(folder, target, given)
    except files_side.BundleError as error:
        raise SystemExit(str(error)) from None
    typer.echo(f"{bundle.app} (target {bundle.target})")
    wrong = sum([_say(finding) for finding in files_side.look(folder, bundle)])
    if not offline:
        try:
            ask = workspace_side.sign_in(bundle.host)
        except workspace_side.WorkspaceError as error:
            wrong += _say(Finding("sign-in", "wrong", str(error), workspace_side.SIGN_IN))
        else:
            wrong += sum([_say(finding) for finding in workspace_side.look(bundle, ask)])
    if wrong:
        typer.echo(f"\n{wrong} to mend before: databricks bundle deploy -t {bundle.target}")
        raise typer.Exit(1)
    typer.echo(
        f"\nReady:\n  databricks bundle deploy -t {bundle.target}\n"
        f"  databricks bundle run visavis -t {bundle.target}    # a deployed app is stopped until it is run"
    )


def _say(finding: Finding) -> bool:
    typer.echo(f"  {_MARKS[finding.result]}  {finding.what}: {finding.says}")
    if finding.remedy and finding.result != "good":
        typer.echo(f"           {finding.remedy}")
    return finding.result == "wrong"
