"""`visavis deploy check`, as a person runs it, against a local workspace."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.deploy.platform import ROOT
from tests.fakes.databricks import DatabricksFake

FILES = ("app.yaml", "databricks.yml", "package.json", "pyproject.toml", "uv.lock")


class Workspace(DatabricksFake):
    """The fake workspace, with the places that a deployment asks."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Any] = {
            "preview/scim/v2/Me": {"userName": "ada@example.com"},
            "serving-endpoints/databricks-small": {"state": {"ready": "READY"}},
            "vector-search/indexes/main.visavis.documents": {"status": {"ready": True, "indexed_row_count": 42}},
            "database/instances/visavis": {"state": "AVAILABLE"},
            "secrets/list": {"secrets": [{"key": "redis-url"}]},
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/serving-endpoints/{name}/invocations", self._invoke),
            *super().routes(),
            web.get("/api/2.0/{path:.+}", self._look),
        ]

    async def _look(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        answer = self.answers.get(request.match_info["path"])
        if answer is None:
            missing = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"}
            return web.json_response(missing, status=404)
        return web.json_response(answer)

    async def _invoke(self, request: web.Request) -> web.Response:
        if request.match_info["name"] in self.denied:
            refused = {"error_code": "PERMISSION_DENIED", "message": "rate limit of 0"}
            return web.json_response(refused, status=403)
        return web.json_response({"choices": []})


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as workspace:
        yield workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "README.md").write_text("")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


async def check(folder: Path, workspace: Workspace | None, *options: str, token: str = "dapi-good") -> tuple[int, str]:
    environment = os.environ | {"DATABRICKS_CONFIG_FILE": str(folder / "none")}
    if workspace is not None:
        environment |= {"DATABRICKS_HOST": workspace.url, "DATABRICKS_TOKEN": token}
    command = [sys.executable, "-m", "backend.cli", "deploy", "check", "--folder", str(folder), *options]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)

    done = await asyncio.to_thread(run)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


SMALL = ("--var", "model=databricks-small")


async def test_all_is_well(folder: Path, workspace: Workspace) -> None:
    status, said = await check(folder, workspace, "-t", "prod", *SMALL)
    assert status == 0, said
    for part in ("ada@example.com", "databricks-small answers", "42 passages", "Lakebase visavis", "visavis/redis-url"):
        assert part in said
    assert "bundle run visavis -t prod" in said


async def test_what_is_missing_is_named_with_what_brings_it(folder: Path, workspace: Workspace) -> None:
    for gone in ("database/instances/visavis", "vector-search/indexes/main.visavis.documents"):
        del workspace.answers[gone]
    workspace.answers["secrets/list"] = {}
    workspace.denied.add("databricks-small")
    status, said = await check(folder, workspace, "-t", "prod", *SMALL)
    assert status == 1
    assert "ready and yet refuses (403" in said
    assert "create-database-instance" in said
    assert "main.visavis.documents" in said
    assert "put-secret" in said
    assert "4 to mend" in said


async def test_dev_needs_the_model_alone(folder: Path, workspace: Workspace) -> None:
    workspace.answers = {name: workspace.answers[name] for name in list(workspace.answers)[:2]}
    assert (await check(folder, workspace, *SMALL))[0] == 0


async def test_a_wrong_sign_in_says_how_to_sign_in(folder: Path, workspace: Workspace) -> None:
    status, said = await check(folder, workspace, token="dapi-bad")
    assert status == 1
    assert "databricks auth login" in said


async def test_without_any_sign_in(folder: Path) -> None:
    status, said = await check(folder, None)
    assert status == 1
    assert "databricks auth login" in said


async def test_files_that_the_platform_would_trip_over(folder: Path) -> None:
    (folder / "requirements.txt").write_text("fastapi\n")
    (folder / "model.bin").write_bytes(bytes(11 * 1024 * 1024))
    bundle = (folder / "app.yaml").read_text()
    (folder / "app.yaml").write_text(bundle.replace("valueFrom: model", "valueFrom: modell"))
    status, said = await check(folder, None, "--offline")
    assert status == 1
    assert "wins over uv.lock" in said
    assert "model.bin" in said
    assert "'modell'" in said


async def test_an_unknown_target_is_named(folder: Path) -> None:
    status, said = await check(folder, None, "--offline", "-t", "moon")
    assert status == 1
    assert "'moon'" in said
