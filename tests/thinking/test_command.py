from pathlib import Path

from typer.testing import CliRunner

from backend.thinking.command import load, make_app
from backend.thinking.doctor import examine
from backend.thinking.offline import OfflineMind
from backend.thinking.openai import OpenAIMind
from tests.fakes.chat import ChatFake, Failure

SET = Path(__file__).parents[2] / "bench" / "data" / "router.tsv"


def test_calibrate_and_why(tmp_path: Path) -> None:
    app = make_app(lambda: tmp_path / "router.json")
    runner = CliRunner()
    before = runner.invoke(app, ["why", "Which port is it?", "--confidence", "0.9"])
    assert before.output.startswith("small")
    result = runner.invoke(app, ["calibrate", str(SET)])
    assert result.exit_code == 0
    assert "right: " in result.output
    assert (tmp_path / "router.json").is_file()
    assert load(tmp_path / "router.json").choose("Explain in detail why and how it works").rung == "strong"


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "set.tsv").write_text("small\t0\tWhat?\nhuge\t0\tWhat?\n")
    result = CliRunner().invoke(make_app(lambda: tmp_path / "w"), ["calibrate", str(tmp_path / "set.tsv")])
    assert result.exit_code == 1
    assert "set.tsv: line 2" in result.output
    assert not (tmp_path / "w").exists()


async def test_doctor() -> None:
    async with ChatFake() as chat:
        chat.failures.append(Failure("401"))
        minds = [
            OfflineMind(),
            OpenAIMind(chat.url, model="m", name="small"),
            OpenAIMind("http://127.0.0.1:9/v1", model="m", name="gone"),
        ]
        chat.models = []
        found = {finding.name: finding for finding in await examine(minds)}
        assert found["offline"].well
        assert "OPENAI_API_KEY" in str(found["small"])
        assert "OPENAI_BASE_URL" in str(found["gone"])
        again = await examine(minds[1:2])
        assert again[0].well
        assert "first word after" in str(again[0])
        for mind in minds[1:]:
            await mind.aclose()  # type: ignore[attr-defined]
