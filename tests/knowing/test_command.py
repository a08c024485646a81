from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.bases import Base
from backend.knowing.command import WORDS_ALONE, make_app
from backend.settings import Settings


@pytest.fixture
def run(tmp_path: Path):  # type: ignore[no-untyped-def]
    app = make_app(lambda: Base(Settings(data=tmp_path)))
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_before_anything_was_learned_the_built_in_documents_are_searched(run) -> None:  # type: ignore[no-untyped-def]
    result = run("search", "which voice speaks when Edge is away")
    assert result.exit_code == 0
    assert "Nothing was learned yet" in result.output and "README.md" in result.output
    assert "espeak" in result.output and "Nothing fits" not in result.output
    again = run("search", "which voice speaks when Edge is away")
    assert "Nothing was learned yet" not in again.output and "espeak" in again.output


def test_an_index_of_its_own_is_said(tmp_path: Path) -> None:
    app = make_app(lambda: Base(Settings(data=tmp_path, search_index="a.b.c")))
    result = CliRunner().invoke(app, ["learn", str(tmp_path)])
    assert result.exit_code == 1 and "learns from its own table" in result.output


def test_learn_and_search(run, folder: Path) -> None:  # type: ignore[no-untyped-def]
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 no")
    result = run("learn", str(folder))
    assert result.exit_code == 0
    assert WORDS_ALONE in result.output
    assert "2 learned" in result.output
    assert "broken.pdf: it is damaged" in result.output
    assert "2 unchanged" in run("learn", str(folder)).output
    found = run("search", "what is error E42?")
    assert "notes/guide.md · House guide > Heating > Errors" in found.output
    assert "Nothing fits" in run("search", "quantum chromodynamics").output


def test_nothing_there_is_an_error(run) -> None:  # type: ignore[no-untyped-def]
    result = run("learn", "/no/such/folder")
    assert result.exit_code == 1
    assert "there is no such file or folder" in result.output
