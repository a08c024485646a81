from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.knowing.command import WORDS_ALONE, make_app
from backend.knowing.embedders import Embedder


@pytest.fixture
def run(tmp_path: Path):  # type: ignore[no-untyped-def]
    async def none() -> Embedder | None:
        return None

    app = make_app(lambda: tmp_path / "s.sqlite", none)
    return lambda *arguments: CliRunner().invoke(app, arguments)


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
