"""The container's recipe: linted, and its steps run in order without a container engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.deploy import platform
from tests.deploy.platform import ROOT
from tests.server import free_port, wait_for


@dataclass(slots=True)
class Stage:
    """One FROM and what follows; `steps` are (instruction, arguments)."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [arguments for name, arguments in self.steps if name == instruction]


def stages() -> list[Stage]:
    text = (ROOT / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\\\n\s*", " ", text)
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        name, _, arguments = line.strip().partition(" ")
        if name == "FROM":
            base, _, alias = arguments.partition(" AS ")
            found.append(Stage(base, alias))
        else:
            found[-1].steps.append((name, arguments.strip()))
    return found


def test_what_a_linter_would_ask_for() -> None:
    all_of_it = stages()
    for stage in all_of_it:
        assert re.search(r":[\w.-]*\d", stage.base), f"{stage.base}: a version, not 'latest' (DL3006, DL3007)"
        for copied in stage.all("COPY"):
            assert ":latest" not in copied
        assert not stage.all("ADD"), "COPY is enough (DL3020)"
        for run in stage.all("RUN"):
            assert not re.search(r"\b(sudo|curl|wget)\b", run)
            assert "npm install" not in run, "npm ci keeps to the lock"
            assert "pip install" not in run, "uv keeps to the lock"
        for folder in stage.all("WORKDIR"):
            assert folder.startswith("/"), "DL3000"
    last = all_of_it[-1]
    assert last.all("USER") == ["10001:10001"], "by number, so that Kubernetes can see that it is not root"
    (health,) = last.all("HEALTHCHECK")
    assert "/health/ready" in health
    (command,) = last.all("CMD")
    assert json.loads(command) == ["visavis", "serve"], "no shell that swallows SIGTERM (DL3025)"
    assert not {"node", "uv", "gcc"} & {word for run in last.all("RUN") for word in run.split()}


def test_no_secret_is_baked_in() -> None:
    for stage in stages():
        for line in stage.all("ENV") + stage.all("ARG"):
            assert not re.search(r"TOKEN|KEY|SECRET|PASSWORD", line)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*", "only what is named goes in: never .env, never .git"


def test_what_is_copied_is_there() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for stage in stages():
        for line in stage.all("COPY"):
            words = line.split()
            if words[0].startswith("--from="):
                continue
            for source in words[:-1]:
                assert (ROOT / source).exists(), source
                assert source.split("/")[0] in allowed, f".dockerignore keeps {source} out"


@pytest.mark.timeout(300)
def test_its_steps_build_and_run(tmp_path: Path) -> None:
    """Each stage in a folder of its own, with the Dockerfile's own commands; then CMD and HEALTHCHECK."""
    if not (shutil.which("uv") and shutil.which("npm")):
        pytest.skip("needs uv and npm")
    home = tmp_path / "home"
    home.mkdir()
    environment = platform.bare_environment(home) | {"UV_PYTHON": sys.executable}
    roots: dict[str, Path] = {}
    for stage in stages():
        root = roots[stage.name] = tmp_path / stage.name
        root.mkdir()
        _run_stage(stage, root, roots, environment)
    _serve(stages()[-1], roots["run"], environment | {"VISAVIS_DATA": str(tmp_path / "data")})


def _run_stage(stage: Stage, root: Path, roots: dict[str, Path], environment: dict[str, str]) -> None:
    here = root
    for instruction, arguments in stage.steps:
        if instruction == "WORKDIR":
            here = root / arguments.lstrip("/")
            here.mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            _copy(arguments, root, here, roots)
        elif instruction == "RUN" and "useradd" not in arguments:
            done = subprocess.run(
                shlex.split(arguments), check=False, cwd=here, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{arguments}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def _copy(arguments: str, root: Path, here: Path, roots: dict[str, Path]) -> None:
    words = arguments.split()
    origin = ROOT
    if words[0].startswith("--from="):
        name = words.pop(0).removeprefix("--from=")
        if name not in roots:
            return  # an image of somebody else's: uv is here already
        origin = roots[name]
    *sources, target = words
    place = root / target.lstrip("/") if target.startswith("/") else here / target
    ignore = shutil.ignore_patterns("__pycache__", "node_modules", "avatar" if sources == ["docs"] else "")
    for source in sources:
        path = origin / source.lstrip("/")
        if path.is_dir():
            shutil.copytree(path, place, dirs_exist_ok=True, ignore=ignore, symlinks=True)
        else:
            (place if target.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def _serve(stage: Stage, root: Path, environment: dict[str, str]) -> None:
    # The copy has the packages; the path to itself that they hold is the server stage's.
    app, port = root / "app", free_port()
    (command,), (health,) = stage.all("CMD"), stage.all("HEALTHCHECK")
    python = app / ".venv" / "bin" / "python"
    words = [str(python), "-m", "backend.cli", *json.loads(command)[1:]]
    settings = {"VISAVIS_PORT": str(port), "VISAVIS_VOICES": "espeak", "PYTHONPATH": str(app)}
    child = subprocess.Popen(words, cwd=app, env=environment | settings)
    try:
        wait_for(f"http://127.0.0.1:{port}", child, 60)
        probe = json.loads(health.partition(" CMD ")[2])
        probe = [str(python), *[word.replace(":8000", f":{port}") for word in probe[1:]]]
        subprocess.run(probe, check=True, cwd=app)
        import urllib.request

        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert b"<title>Visavis</title>" in page.read(), "the client is where the server looks for it"
    finally:
        child.terminate()
        child.wait(20)


def test_compose_names_what_there_is() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    nginx = (ROOT / "deploy" / "nginx.conf").read_text()
    from backend.settings import Settings

    known = {f"VISAVIS_{name.upper()}" for name in Settings.model_fields} | {
        "OPENAI_BASE_URL",
        "OPENAI_API_KEY",
        "OPENAI_MODEL",
    }
    for name in ("visavis-1", "visavis-2"):
        assert f"server {name}:8000" in nginx
        assert set(services[name]["environment"]) <= known
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
        for other in services[name]["depends_on"]:
            assert "healthcheck" in services[other]
    assert ":?" in services["visavis-1"]["environment"]["VISAVIS_TOKEN"], "nobody starts it open by accident"
    assert "ports" not in services["redis"]
    assert "ports" not in services["postgres"]
    assert os.access(ROOT / "deploy" / "nginx.conf", os.R_OK)
