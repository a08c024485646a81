"""The minds as the settings make them: a router over two models, vectors beside words, and `visavis doctor`."""

from pathlib import Path
from typing import Any

from backend.checkup import checkup
from backend.knowing.ingest import learn
from backend.settings import Settings
from tests.fakes.chat import ChatFake
from tests.fakes.edge import EdgeFake
from tests.server import serving
from tests.talker import talker


async def test_easy_questions_go_to_the_small_model_and_hard_ones_to_the_strong() -> None:
    async with ChatFake() as chat, EdgeFake() as edge:
        chat.answer = "Here you are."
        settings = {
            "openai_base_url": chat.url,
            "openai_api_key": "none",
            "openai_model": "fake-large",
            "openai_small_model": "fake-small",
            "edge_url": edge.url,
        }
        async with serving(**settings) as url, talker(url, speed=50) as person:
            easy = await person.ask("What is the capital of France?")
            hard = await person.ask(
                "Compare both designs step by step, explain the trade-offs, and derive why the second scales better."
            )
            for heard, model in ((easy, "fake-small"), (hard, "fake-large")):
                assert heard.end is not None
                assert heard.end["cost"]["choice"], "the page can say why"
                assert heard.text == "Here you are."
                assert model in {request.body["model"] for request in chat.requests}
            asked = [r.body["model"] for r in chat.requests if "capital" in r.body["messages"][-1]["content"]]
            assert set(asked) == {"fake-small"}


async def test_a_strong_model_that_is_away_is_stood_in_for_and_the_person_is_told_once() -> None:
    async with ChatFake(fail="500") as chat, EdgeFake() as edge:
        settings = {
            "openai_base_url": chat.url,
            "openai_model": "fake-large",
            "openai_small_model": "fake-small",
            "edge_url": edge.url,
        }
        async with serving(**settings) as url, talker(url, speed=50) as person:
            for _ in range(2):
                heard = await person.ask("Who wrote the third volume?", timeout=40)
                assert heard.lines
            assert len(person.notices) == 1, person.notices


async def test_doctor_says_what_answers_and_what_to_do_about_the_rest() -> None:
    async with ChatFake() as chat, EdgeFake(fail="403") as edge:
        said: list[str] = []
        settings = Settings(openai_base_url=chat.url, openai_model="fake-small", edge_url=edge.url)
        assert await checkup(settings, said.append)
        report = "\n".join(said)
        assert "ok  openai: answers" in report
        assert "--  edge:" in report
        assert "ok  espeak: answers" in report


async def test_doctor_says_what_is_searched_and_whether_it_can_be(tmp_path: Path) -> None:
    async with ChatFake() as chat, EdgeFake() as edge:

        async def report(**settings: Any) -> str:
            said: list[str] = []
            data = {"edge_url": edge.url, "voices": ("edge",), "data": tmp_path}
            await checkup(Settings(**(data | settings)), said.append)
            return "\n".join(said)

        assert "--  embedded: Nothing was learned yet." in await report()
        (tmp_path / "note.md").write_text("# Note\n\nThe key lies under the mat.\n")
        learn(tmp_path / "knowledge.sqlite", [tmp_path / "note.md"])
        assert "ok  embedded" in await report()
        vectors = {"embedding_url": chat.url, "embedding_model": "m"}
        assert "ok  embedded+vectors" in await report(**vectors)
        chat.fail = "500"
        assert "--  embedded: searches by words alone. The embedding model's server" in await report(**vectors)
        away = await report(knowledge_database="postgresql+asyncpg://nobody@127.0.0.1:9/none")
        assert "--  pgvector: The database of my notes cannot be asked" in away
