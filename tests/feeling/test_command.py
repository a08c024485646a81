import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from backend.feeling import LABELS
from backend.feeling.command import feel

app = typer.Typer()
app.command()(feel)


def test_a_text() -> None:
    result = CliRunner().invoke(app, ["Well done, congratulations!"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["emotion"] == "joy"
    assert found["confidence"] == found["scores"]["joy"]
    assert list(found["scores"]) == list(LABELS)


def test_a_files_lines(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes("I'm so sad.\n\nThat's disgusting! 🤢\n\xff\n".encode("latin-1", "ignore"))
    result = CliRunner().invoke(app, ["--file", str(file)])
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["emotion"] for each in found[:2]] == ["sadness", "disgust"]
    assert len(found) == 3


def test_standard_input() -> None:
    result = CliRunner().invoke(app, ["--file", "-"], input="I'm terrified.\n")
    assert json.loads(result.stdout)["emotion"] == "fear"


def test_neither_or_both_or_a_missing_file_say_what_to_do(tmp_path: Path) -> None:
    for arguments in ([], ["Hello", "--file", "x"], ["--file", str(tmp_path / "none.txt")]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 2
        assert "Traceback" not in result.output
