"""The knowledge base in a real PostgreSQL with pgvector."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from backend.bases import Base
from backend.cache import Cache
from backend.cache.memory import Memory
from backend.fallback import EngineError
from backend.keeping.engine import make_engine
from backend.knowing import Knowledge, pgstore
from backend.knowing.embedded import Embedded
from backend.knowing.ingest import Report, learn
from backend.knowing.pgstore import learn_to_postgres
from backend.knowing.pgtables import quoted, tsquery, tsvector
from backend.knowing.pgvector import PgVector
from backend.knowing.vectors import Kept
from backend.settings import Settings
from tests.keeping.conftest import fresh_database
from tests.knowing.test_meaning import Groups
from tests.server import serving
from tests.services import running_postgres
from tests.talker import talker


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres(vectors=True) as url:
        yield url


@pytest.fixture
async def url(server: str) -> str:
    return await fresh_database(server, "notes")


class Notes:
    """A base, and how it learns."""

    def __init__(self, url: str, embedder: Kept | None = None) -> None:
        self.engine = make_engine(url, None)
        self.embedder = embedder
        self.knowledge = PgVector(self.connect, embedder)

    async def connect(self) -> Any:
        return self.engine

    async def learn(self, *sources: Path) -> Report:
        report = await learn_to_postgres(self.connect, list(sources), self.embedder)
        self.knowledge._state = (float("-inf"), None)  # as if a second had passed
        return report


def kept(embedder: Any) -> Kept:
    return Kept(embedder, Cache([Memory(1_000_000)]))


@pytest.fixture
async def notes(url: str) -> AsyncIterator[Notes]:
    notes = Notes(url, kept(Groups()))
    yield notes
    await notes.knowledge.aclose()
    await notes.engine.dispose()


async def test_finds_by_words_and_by_meaning(notes: Notes, folder: Path) -> None:
    assert await notes.knowledge.search("roses") == [] and await notes.knowledge.version() == ""
    report = await notes.learn(folder)
    assert len(report.learned) == 2 and report.embedded > 4
    found = await notes.knowledge.search("What does error E42 mean?")
    assert "low water pressure" in found[0].text and 0.5 < found[0].score <= 1
    assert (found[0].title, found[0].heading) == ("House guide", "House guide > Heating > Errors")
    assert found[0].source == "notes/guide.md"
    assert "Roses" in (await notes.knowledge.search("blossom"))[0].text, "what is meant, without its words"
    assert notes.knowledge.name == "pgvector+vectors"


QUESTIONS = ["How do I open the heating circuit?", "mowing in the summer", "router's password", "watering the roses"]


async def test_finds_what_the_embedded_base_finds(url: str, folder: Path, tmp_path: Path) -> None:
    notes = Notes(url)
    await notes.learn(folder)
    learn(tmp_path / "s.sqlite", [folder])
    embedded: Knowledge = Embedded(tmp_path / "s.sqlite")
    for question in [*QUESTIONS, "what is it?", "quantum chromodynamics", "  "]:
        one, other = await notes.knowledge.search(question), await embedded.search(question)
        assert [(p.id, p.text) for p in one[:1]] == [(p.id, p.text) for p in other[:1]], question
        assert [p.score for p in one[:1]] == pytest.approx([p.score for p in other[:1]], abs=0.02), question
    assert notes.knowledge.name == "pgvector"
    await embedded.aclose()  # type: ignore[attr-defined]
    await notes.engine.dispose()


async def test_only_what_changed_is_learned_and_what_is_gone_is_forgotten(notes: Notes, folder: Path) -> None:
    await notes.learn(folder)
    first = await notes.knowledge.version()
    again = await notes.learn(folder)
    assert not again.learned and len(again.unchanged) == 2 and again.embedded == 0
    assert await notes.knowledge.version() == first, "nothing changed, so what was kept is good"
    (folder / "garden.txt").write_text("Plant the tulips' bulbs in October.")
    assert (await notes.learn(folder)).embedded == 1
    assert "October" in (await notes.knowledge.search("tulips bulbs"))[0].text
    assert not any("lawn" in passage.text for passage in await notes.knowledge.search("mow the lawn"))
    assert await notes.knowledge.version() != first
    (folder / "garden.txt").unlink()
    assert [Path(name).name for name in (await notes.learn(folder)).forgotten] == ["garden.txt"]
    assert not any("tulips" in passage.text for passage in await notes.knowledge.search("tulips"))
    async with notes.engine.connect() as connection:
        left = await connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM visavis_vectors), (SELECT count(DISTINCT hash) FROM visavis_chunks)"
        )
        vectors, chunks = left.one()
    assert vectors == chunks


async def test_servers_that_learn_at_once_learn_once(url: str, folder: Path) -> None:
    for number in range(10):
        (folder / f"{number}.md").write_text(f"# Room {number}\n\nThe light of room {number} is at the door.\n")
    servers = [Notes(url) for _ in range(3)]
    reports = await asyncio.gather(*(server.learn(folder) for server in servers))
    learned = [name for report in reports for name in report.learned]
    assert len(learned) == len(set(learned)) == 12, "each document by one of them"
    assert (await servers[0].knowledge.search("light of room 7"))[0].title == "Room 7"
    for server in servers:
        await server.engine.dispose()


async def test_many_vectors_are_indexed_and_found_all_the_same(
    notes: Notes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgstore, "INDEXED", 1)
    await notes.learn(folder)
    assert "Roses" in (await notes.knowledge.search("blossom"))[0].text
    async with notes.engine.connect() as connection:
        await connection.exec_driver_sql("SET enable_seqscan = off")
        made = await connection.exec_driver_sql("SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%%hnsw%%'")
        assert len(made.all()) == 1
        from backend.knowing.pgtables import cosine_index

        column = cosine_index("groups", 3)[1]
        plan = await connection.exec_driver_sql(
            f"EXPLAIN SELECT hash FROM visavis_vectors WHERE model = 'groups' AND vector_dims(vector) = 3 "
            f"ORDER BY {column} <=> CAST('[1,0,0]' AS vector(3)) LIMIT 3"
        )
        assert "visavis_vectors_" in "".join(row[0] for row in plan.all()), "the index is the one that is asked"


async def test_a_database_without_pgvector_or_that_is_away_is_told(url: str, folder: Path) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("DROP ROLE IF EXISTS poor")
    await connection.execute("CREATE ROLE poor LOGIN; GRANT ALL ON SCHEMA public TO poor")
    await connection.close()
    poor = Notes(url.replace("visavis@", "poor@"), kept(Groups()))
    try:
        await poor.learn(folder)
    except EngineError as error:  # where pgvector is a trusted extension, everybody may switch it on
        assert "CREATE EXTENSION vector" in error.remedy
    await poor.engine.dispose()
    away = Notes("postgresql+asyncpg://nobody:secret@127.0.0.1:9/none")
    with pytest.raises(EngineError) as caught:
        await away.knowledge.search("roses")
    assert "secret" not in str(caught.value) + caught.value.remedy
    await away.engine.dispose()


async def test_the_server_answers_from_it_and_says_so(url: str, folder: Path, tmp_path: Path) -> None:
    settings = {"knowledge_database": url, "documents": (folder,), "voices": ("espeak",), "data": tmp_path / "data"}
    async with serving(**settings) as address, talker(address, speed=50) as person:
        assert person.ready["engines"]["knowledge"] == "pgvector"
        for _ in range(20):
            heard = await person.ask("What does the code E42 mean?")
            if heard.end is not None and heard.end["sources"]:
                break
            await asyncio.sleep(0.2)
        assert "low water pressure" in heard.text
        assert not person.notices
    assert not (tmp_path / "data" / "knowledge.sqlite").exists()


async def test_the_command_line_learns_into_it(url: str, folder: Path, tmp_path: Path) -> None:
    base = Base(Settings(knowledge_database=url, data=tmp_path))
    assert base.learn is not None and not base.sources, "nobody named documents for a database that others share"
    assert len((await base.learn([folder])).learned) == 2
    assert (await base.knowledge.search("router password"))[0].source == "notes/guide.md"
    await base.aclose()


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_no_word_breaks_out_of_its_quotes(words: list[str]) -> None:
    for text in (tsvector(words, words, words), tsquery(words), *map(quoted, words)):
        inner = text.replace("\\\\", "").replace("''", "")
        assert inner.count("'") % 2 == 0 and "\0" not in text


async def test_lakebase_is_signed_in_to_with_the_password_of_the_moment(
    url: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("DROP ROLE IF EXISTS app; CREATE ROLE app LOGIN PASSWORD 'token-1'")
    await connection.execute("GRANT ALL ON SCHEMA public TO app")
    fetched: list[str] = []

    async def fetch() -> tuple[str, float]:
        fetched.append(f"token-{len(fetched) + 1}")
        return fetched[-1], 0.0  # lapsed already: every connection needs its own

    monkeypatch.setattr("backend.bases.fetch", fetch)
    address = make_url(url)
    places = {"PGHOST": address.host, "PGPORT": str(address.port), "PGUSER": "app", "PGDATABASE": address.database}
    for name, value in {**places, "PGSSLMODE": "disable"}.items():
        monkeypatch.setenv(name, str(value))
    base = Base(Settings(knowledge_database="lakebase", data=tmp_path))
    assert base.learn is not None
    await base.learn([folder])
    assert fetched == ["token-1"]
    await connection.execute("ALTER ROLE app PASSWORD 'token-2'")
    await base.aclose()
    again = Base(Settings(knowledge_database="lakebase", data=tmp_path))
    assert await again.knowledge.search("router password")
    assert fetched == ["token-1", "token-2"]
    await again.aclose()
    await connection.close()
