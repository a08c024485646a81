"""`visavis prices` and `simulate` as a person runs them, against a local workspace."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.cli import app
from tests.fakes.databricks import DatabricksFake

cli = CliRunner()


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_prices_are_shown_with_their_sources() -> None:
    shown = cli.invoke(app, ["prices"])
    assert shown.exit_code == 0
    assert "databricks-meta-llama-3-3-70b-instruct" in shown.output and "$0.5 per 1M prompt token" in shown.output
    assert "read 2026-11-01" in shown.output
    whole = json.loads(cli.invoke(app, ["prices", "--json"]).output)
    assert {"id", "rates", "source", "date", "old"} <= whole[0].keys()


def test_a_workspace_tells_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with DatabricksFake().in_thread() as workspace:
        monkeypatch.setenv("DATABRICKS_HOST", f"http://127.0.0.1:{workspace.port}")
        monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-good")
        told = cli.invoke(app, ["prices", "--refresh"])
        assert told.exit_code == 0, told.output
        assert "Changed:" in told.output and "dapi-good" not in told.output
        again = cli.invoke(app, ["prices", "--refresh"])
        assert "are those of the book" in again.output
    kept = json.loads(cli.invoke(app, ["prices", "--json"]).output)
    own = [price for price in kept if price["source"] == "The workspace's own price list"]
    today = datetime.now(UTC).date()
    assert own and all(abs((date.fromisoformat(price["date"]) - today).days) <= 1 for price in own)
    assert any(price["exact"].get("prompt token") == "50001/100000000000" for price in own), "7.143 DBU at $0.07"


def test_a_workspace_that_is_away_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "http://127.0.0.1:1")
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-good")
    told = cli.invoke(app, ["prices", "--refresh"])
    assert told.exit_code != 0 and "Traceback" not in told.output and "dapi-good" not in told.output


def test_a_wrong_price_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[price.x]\nkind = "model"\n"prompt token" = "much"\n')
    monkeypatch.setenv("VISAVIS_PRICES", str(tmp_path / "mine.toml"))
    told = cli.invoke(app, ["prices"])
    assert told.exit_code != 0 and "mine.toml, price 'x'" in str(told.exception or told.output)


def test_a_month_is_simulated_from_the_command_line(tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    done = cli.invoke(app, ["simulate", "--days", "1", "--profile", "internal", "--chart", str(chart)])
    assert done.exit_code == 0, done.output
    assert "| Naive |" in done.output and chart.read_text().startswith("<svg")
    unknown = cli.invoke(app, ["simulate", "--strong", "gpt-9"])
    assert unknown.exit_code != 0 and "no gpt-9" in str(unknown.exception or unknown.output)
