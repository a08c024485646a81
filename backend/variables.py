"""The environment as a person sees it: settings as they would be written, and names that nothing reads."""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import AliasChoices, SecretStr

from backend.settings import Settings

PREFIX = "VISAVIS_"
OF_THE_COMMAND = {"VISAVIS_HOST", "VISAVIS_PORT"}
"""Options of `visavis serve`."""
HIDDEN = "(hidden)"

OTHERS = {
    "DATABRICKS_HOST": "The workspace, where no profile of the Databricks CLI says it.",
    "DATABRICKS_TOKEN": "A personal token for it.",
    "DATABRICKS_CLIENT_ID": "A service principal instead of a token.",
    "DATABRICKS_CLIENT_SECRET": "Its secret.",
    "DATABRICKS_CONFIG_PROFILE": "Which profile of the Databricks CLI to sign in with.",
    "PGHOST": "Lakebase or PostgreSQL for what is kept, where VISAVIS_DATABASE is empty.",
    "PGUSER": "Who signs in there.",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "Where traces of turns go (docs/deploy.md).",
    "MLFLOW_TRACKING_URI": "An MLflow server that keeps them, too.",
    "MLFLOW_EXPERIMENT_NAME": "The experiment there, made when it is missing.",
    "MLFLOW_TRACKING_TOKEN": "What it is signed in to with.",
}
"""Variables of other tools that count here."""
SECRETS = {"MLFLOW_TRACKING_TOKEN", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET"}


def names(field: str) -> tuple[str, ...]:
    """The variables that set *field* of `Settings`, the one to be shown first."""
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(sorted(map(str, alias.choices), key=lambda name: name.startswith(PREFIX)))
    return (f"{PREFIX}{field.upper()}",)


def written(value: object) -> str:
    """*value* as it would stand in `.env`; a secret is not shown."""
    match value:
        case SecretStr():
            return HIDDEN if value.get_secret_value() else ""
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return ",".join(map(written, value))
    return str(value)


def listing(settings: Settings, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Every setting: its variable, its value, where that comes from, and what it means."""
    environment = os.environ if environment is None else environment
    file = dotenv()
    for field, about in Settings.model_fields.items():
        first, *more = names(field)
        here = next((where for where, known in (("the environment", environment), (".env", file))
                     if any(name in known for name in (first, *more))), "")  # fmt: skip
        also = f"    Also read as {more[0]}.\n" if more else ""
        origin = f"    (from {here})" if here else ""
        yield f"{first}={written(getattr(settings, field))}{origin}\n    {about.description}\n{also}"
    for name, meaning in OTHERS.items():
        value = environment.get(name, "")
        yield f"{name}={HIDDEN if value and name in SECRETS else value}\n    {meaning}\n"


def strays(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for every VISAVIS_ variable that nothing reads, with the name that was probably meant."""
    environment = os.environ if environment is None else environment
    known = OF_THE_COMMAND | {name for field in Settings.model_fields for name in names(field)}
    given = {name.upper() for name in [*environment, *dotenv()] if name.upper().startswith(PREFIX)}
    found = []
    for name in sorted(given - known):
        near = get_close_matches(name, known, n=1, cutoff=0.8)
        meant = f"Did you mean {near[0]}?" if near else "`visavis settings` lists those that there are."
        found.append(f"{name} is no setting and changes nothing. {meant}")
    return found


def dotenv() -> dict[str, str]:
    """What stands in `.env`."""
    file = Path(".env")
    return {name: value or "" for name, value in dotenv_values(file).items()} if file.is_file() else {}
