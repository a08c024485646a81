"""What the commands say to a person: at a start that cannot be, about settings, about names that nothing reads."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.cli import app
from backend.settings import SettingsError, load
from backend.starting import StartError, address, see_that_free
from tests.server import free_port, process

cli = CliRunner()


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_version_is_told() -> None:
    assert cli.invoke(app, ["--version"]).output.startswith("visavis 0.")


def test_a_port_that_is_taken_is_told_with_one_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartError) as error:
            see_that_free("127.0.0.1", port)
    assert f"Port {port}" in str(error.value)
    assert "Errno" not in str(error.value)
    proposed = int(str(error.value).rpartition("--port ")[2])
    see_that_free("127.0.0.1", proposed)
    see_that_free("127.0.0.1", port)
    with pytest.raises(StartError, match="no address of this machine"):
        see_that_free("192.0.2.1", port)


def test_the_address_to_open() -> None:
    assert address("0.0.0.0", 8000) == "http://localhost:8000"
    assert address("::1", 8000) == "http://localhost:8000"
    assert address("192.168.1.5", 80) == "http://192.168.1.5:80"
    assert address("2001:db8::1", 80) == "http://[2001:db8::1]:80"


def test_a_start_ends_with_the_address_to_open(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    environment = {"VISAVIS_DATA": str(tmp_path / "data"), "VISAVIS_VOICES": "espeak", "VISAVIS_VOICE": "x"}
    port = free_port()
    with process(environment, port):
        lines = [line for line in capfd.readouterr().err.splitlines() if "uvicorn" in line or "VISAVIS" in line]
    assert "Did you mean VISAVIS_VOICES?" in lines[0]
    assert f"Open http://localhost:{port} " in lines[-1]


def test_settings_are_printed_as_they_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "VISAVIS_VOICES": "espeak, edge", "VISAVIS_TOOLS": "no", "VISAVIS_TOKEN": "sesame",
        "OPENAI_API_KEY": "sk-very-secret", "DATABRICKS_TOKEN": "dapi-secret", "DATABRICKS_HOST": "https://w.example",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text("VISAVIS_RESUME_SECONDS=30\n")
    shown = cli.invoke(app, ["settings"]).output
    assert "VISAVIS_VOICES=espeak,edge    (from the environment)" in shown
    assert "VISAVIS_TOOLS=false" in shown
    assert "VISAVIS_RESUME_SECONDS=30    (from .env)" in shown
    assert "VISAVIS_PERSONA=\n" in shown
    assert "DATABRICKS_HOST=https://w.example" in shown
    for hidden in ("VISAVIS_TOKEN", "OPENAI_API_KEY", "DATABRICKS_TOKEN"):
        assert f"{hidden}=(hidden)" in shown
    for secret in ("sesame", "very-secret", "dapi-secret"):
        assert secret not in shown


def test_what_is_printed_can_be_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = load()
    shown = cli.invoke(app, ["settings"]).output
    lines = [line for line in shown.splitlines() if line.startswith(("VISAVIS_", "OPENAI_", "REDIS_"))]
    (tmp_path / ".env").write_text("\n".join(line.partition("    (from")[0] for line in lines))
    monkeypatch.delenv("VISAVIS_DATA")
    assert load() == before


def test_a_name_that_nothing_reads_is_told_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_LANGAUGE", "de-DE")
    Path(".env").write_text("VISAVIS_QUARK=1\nVISAVIS_PORT=8001\nVISAVIS_REDIS_URL=\n")
    told = cli.invoke(app, ["settings"]).stderr.splitlines()
    assert told[0] == "VISAVIS_LANGAUGE is no setting and changes nothing. Did you mean VISAVIS_LANGUAGE?"
    assert told[1].startswith("VISAVIS_QUARK is no setting")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OPENAI_BASE_URL", "localhost:11434/v1", "begin with http:// or https://"),
        ("OPENAI_BASE_URL", "http://", "no address"),
        ("VISAVIS_OPENAI_BASE_URL", "http://a b/", "no address"),
        ("VISAVIS_EMBEDDING_URL", "http://host:port/", "no address"),
        ("VISAVIS_EDGE_URL", "https://relay.example", "wss://"),
        ("VISAVIS_MODELS_URL", "models.example", "https://"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("VISAVIS_DATABASE", "postgres://me:hunter2@db/x", "postgresql+asyncpg://"),
        ("DATABRICKS_HOST", "ftp://workspace.example", "https://"),
        ("DATABRICKS_HOST", "my workspace", "no address"),
    ],
)
def test_an_address_that_cannot_be_is_told_at_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load()
    assert str(error.value).startswith(f"{name}: ")
    assert says in str(error.value)
    assert "Value error" not in str(error.value)
    if "hunter2" in value:
        assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_BASE_URL", " http://[::1]:11434/v1 "),
        ("VISAVIS_EDGE_URL", "ws://127.0.0.1:9/edge"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("REDIS_URL", "rediss://user:secret@redis.example:6380/1"),
        # The platform gives its apps the host alone.
        ("DATABRICKS_HOST", "adb-1.2.azuredatabricks.net"),
    ],
)
def test_an_address_that_can_be_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert load()


def test_every_command_and_option_says_what_it_is_for() -> None:
    from typer.main import get_command

    def look(command: object, path: str) -> None:
        assert getattr(command, "help", ""), path
        for parameter in getattr(command, "params", []):
            if parameter.name not in {"help", "install_completion", "show_completion"}:
                assert getattr(parameter, "help", ""), f"{path} {parameter.name}"
        for name, inner in getattr(command, "commands", {}).items():
            look(inner, f"{path} {name}")

    look(get_command(app), "visavis")
