"""The files' side of a deployment: what the platform would refuse or trip over."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from backend.deploying import Finding

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of one file that an app's sources may have (Databricks Apps, 2026-11)."""


class BundleError(Exception):
    """A file that the deployment stands on is missing or no YAML; the message names it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one target of databricks.yml gives the app, its variables filled in."""

    app: str
    target: str
    resources: tuple[Mapping[str, Any], ...]
    environment: Mapping[str, str]
    """Names of variables, and the resource that each takes its value from."""
    host: str = ""


def read(folder: Path, target: str = "", given: Mapping[str, str] | None = None) -> Bundle:
    """The bundle of *folder* as *target* (empty: the default one); *given* are variables. Raises `BundleError`."""
    whole = _yaml(folder / "databricks.yml")
    targets: dict[str, Any] = whole.get("targets") or {}
    target = target or next((name for name, one in targets.items() if (one or {}).get("default")), "")
    if target not in targets:
        raise BundleError(f"databricks.yml has no target {target!r}, only {', '.join(targets)}.")
    chosen = targets[target] or {}
    values = {name: str(one.get("default", "")) for name, one in (whole.get("variables") or {}).items()}
    values |= {name: str(value) for name, value in (chosen.get("variables") or {}).items()}
    values |= dict(given or {})

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            for name, one in values.items():
                value = value.replace(f"${{var.{name}}}", one)
            return value.replace("${bundle.target}", target)
        if isinstance(value, dict):
            return {key: filled(one) for key, one in value.items()}
        return [filled(one) for one in value] if isinstance(value, list) else value

    app = dict(_app(whole)) | dict(_app(chosen))
    # Of a list that both have, the CLI joins the entries; the target's come last and win.
    resources = {one["name"]: one for one in [*_app(whole).get("resources", []), *_app(chosen).get("resources", [])]}
    config = app.get("config") or _yaml(folder / "app.yaml")
    environment = {
        entry["name"]: entry.get("value_from") or entry["valueFrom"]
        for entry in config.get("env", [])
        if "value" not in entry
    }
    host = filled((chosen.get("workspace") or {}).get("host", ""))
    return Bundle(filled(app["name"]), target, tuple(filled(list(resources.values()))), environment, host)


def look(folder: Path, bundle: Bundle) -> Iterator[Finding]:
    """What can be seen without the workspace."""
    named = {one["name"] for one in bundle.resources}
    for variable, resource in bundle.environment.items():
        if resource not in named:
            yield Finding(variable, "wrong", f"no resource is named {resource!r}", "Add it to databricks.yml.")
    if (folder / "requirements.txt").exists():
        remedy = "Remove it: it wins over uv.lock and mixes with the platform's own packages."
        yield Finding("requirements.txt", "wrong", "is there", remedy)
    yield _locked(folder)
    package = json.loads((folder / "package.json").read_text()) if (folder / "package.json").exists() else {}
    if "build" not in package.get("scripts", {}):
        yield Finding("package.json", "wrong", "has no build", "The client would not be built.")
    large = [name for name in _uploaded(folder) if (folder / name).stat().st_size > FILE_LIMIT]
    if large:
        remedy = "Exclude them under `sync` in databricks.yml."
        yield Finding("files", "wrong", f"over 10 MB: {', '.join(large)}", remedy)
    else:
        yield Finding("files", "good", "none is over 10 MB")
    if (folder / "frontend" / "dist" / ".vite" / "manifest.json").exists():
        yield Finding("client", "good", "is built and goes along, in case the platform cannot reach npm")
    else:
        remedy = "Where the platform cannot reach npm, run `make client` first."
        yield Finding("client", "warning", "is not built here; the platform will build it", remedy)


def _locked(folder: Path) -> Finding:
    try:
        done = subprocess.run(["uv", "lock", "--check", "--offline"], cwd=folder, check=False, capture_output=True)  # noqa: S607
    except FileNotFoundError:
        return Finding("uv.lock", "warning", "not compared with pyproject.toml: there is no uv here")
    if done.returncode == 0:
        return Finding("uv.lock", "good", "fits pyproject.toml")
    return Finding("uv.lock", "wrong", "does not fit pyproject.toml", "Run: uv lock")


def _uploaded(folder: Path) -> list[str]:
    """Names of the files that would go up: what git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603
    except (FileNotFoundError, subprocess.CalledProcessError):
        return []
    return [name for name in done.stdout.decode().split("\0") if name and (folder / name).is_file()]


def _app(part: Mapping[str, Any]) -> Mapping[str, Any]:
    apps = (part.get("resources") or {}).get("apps") or {}
    return next(iter(apps.values()), {}) or {}


def _yaml(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise BundleError(f"There is no {path.name} here. Run this in the project's folder.") from None
    except yaml.YAMLError as error:
        raise BundleError(f"{path.name} is no YAML: {error}") from None
    return found if isinstance(found, dict) else {}
