"""A Databricks App's build and start on this machine, from the files that a deployment would upload.

The order is the platform's: `npm install` where a package.json stands in the root, `uv sync` where there is no
requirements.txt, `npm run build` where that script is there, then the command of app.yaml, without a shell.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of one file that the platform takes."""
PORT = "DATABRICKS_APP_PORT"
"""The one variable that it replaces in the command."""


def clone(folder: Path) -> None:
    """What is committed, and nothing else."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)


def bare_environment(home: Path) -> dict[str, str]:
    """An environment with nothing of this machine in it but the tools and the caches of what they downloaded."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "NODE_ENV": "production"}
    for program, ask, name in (
        ("uv", ["cache", "dir"], "UV_CACHE_DIR"),
        ("npm", ["config", "get", "cache"], "npm_config_cache"),
    ):
        path = subprocess.run([program, *ask], check=True, capture_output=True, text=True, cwd="/").stdout.strip()
        environment[name] = path
    # Certificates and mirrors that a closed network needs.
    keep = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "npm_config_registry")
    environment |= {name: os.environ[name] for name in keep if name in os.environ}
    for name in (".npmrc", ".config/uv/uv.toml", ".config/pip/pip.conf"):
        if (own := Path.home() / name).exists():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(own, home / name)
    return environment | {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}


def build(folder: Path, environment: dict[str, str]) -> None:
    """What the platform does before the command."""
    package = json.loads((folder / "package.json").read_text()) if (folder / "package.json").exists() else None

    def run(*command: str) -> None:
        done = subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"

    if package is not None:
        run("npm", "install", "--no-fund", "--no-audit")
    assert not (folder / "requirements.txt").exists(), "it would win over uv.lock"
    run("uv", "sync", "--frozen")
    if package is not None and "build" in package.get("scripts", {}):
        run("npm", "run", "build")


def start(folder: Path, environment: dict[str, str], port: int, resources: dict[str, str]) -> subprocess.Popen[bytes]:
    """The app's process, with the platform's variables and what app.yaml's `valueFrom`s stand for.

    What *environment* says of `VISAVIS_DATA` wins: the platform's disk is empty at a start, this machine's may not be.
    """
    app: dict[str, Any] = yaml.safe_load((folder / "app.yaml").read_text())
    variables = {
        entry["name"]: entry["value"] if "value" in entry else resources[entry["valueFrom"]] for entry in app["env"]
    }
    platform = {
        "DATABRICKS_APP_NAME": "visavis-dev",
        "DATABRICKS_WORKSPACE_ID": "1",
        PORT: str(port),
        "PORT": str(port),
        "UVICORN_PORT": str(port),
        "UVICORN_HOST": "0.0.0.0",
    }
    if "VISAVIS_DATA" in environment:
        variables["VISAVIS_DATA"] = environment["VISAVIS_DATA"]
    command = [word.replace(f"${PORT}", str(port)).replace(f"${{{PORT}}}", str(port)) for word in app["command"]]
    return subprocess.Popen(command, cwd=folder, env=environment | platform | variables)
