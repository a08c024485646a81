import asyncio
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.fallback import EngineError
from backend.knowing.embedded import Embedded
from backend.knowing.ingest import learn, own_documents
from backend.knowing.query import match
from backend.knowing.snippet import snippet
from backend.knowing.store import open_reader


async def test_finds_the_passage(knowledge: Embedded) -> None:
    found = await knowledge.search("What does error E42 mean?")
    assert "low water pressure" in found[0].text
    assert found[0].heading == "House guide > Heating > Errors"
    assert found[0].title == "House guide"
    assert found[0].source == "notes/guide.md"
    assert 0.5 < found[0].score <= 1


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Where do I find the routers' passwords?", "printed under the device"),
        ("when should I be watering roses", "Water them in the morning"),
        ("mowing in the summer", "Mow the lawn weekly"),
        ("how do I open the heating circuit", "red valve"),
    ],
)
async def test_word_forms_do_not_matter(knowledge: Embedded, question: str, words: str) -> None:
    assert words in (await knowledge.search(question))[0].text


@pytest.mark.parametrize("question", ["", "   ", "what is it?", "Who won the chess world cup in 1987?", "!!! ???"])
async def test_nothing_fits(knowledge: Embedded, question: str) -> None:
    assert await knowledge.search(question) == []


async def test_no_store_yet_is_empty_and_later_found(tmp_path: Path, folder: Path) -> None:
    knowledge = Embedded(tmp_path / "later.sqlite")
    assert await knowledge.search("roses") == []
    assert await knowledge.version() == ""
    learn(tmp_path / "later.sqlite", [folder])
    assert await knowledge.search("roses")
    await knowledge.aclose()


async def test_a_store_in_the_making_is_empty(tmp_path: Path, folder: Path) -> None:
    store = tmp_path / "half.sqlite"
    knowledge = Embedded(store)
    store.touch()
    assert await knowledge.search("roses") == []
    connection = sqlite3.connect(store)
    connection.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY)")
    connection.commit()
    assert await knowledge.search("roses") == []
    connection.close()
    store.unlink()
    learn(store, [folder])
    assert await knowledge.search("roses")
    await knowledge.aclose()


async def test_a_store_made_anew_is_read_anew(tmp_path: Path, folder: Path) -> None:
    store = tmp_path / "s.sqlite"
    learn(store, [folder])
    knowledge = Embedded(store)
    assert await knowledge.search("roses")
    for file in tmp_path.glob("s.sqlite*"):
        file.unlink()
    (folder / "garden.txt").unlink()
    learn(store, [folder])
    assert await knowledge.search("roses") == []
    assert await knowledge.search("router password")
    await knowledge.aclose()


async def test_changes_are_seen_at_once(knowledge: Embedded, folder: Path, tmp_path: Path) -> None:
    assert await knowledge.search("tulips bulbs") == []
    before = await knowledge.version()
    (folder / "garden.txt").write_text("Plant the tulips' bulbs in October.")
    report = learn(tmp_path / "store.sqlite", [folder])
    assert [Path(name).name for name in report.learned] == ["garden.txt"]
    assert [Path(name).name for name in report.unchanged] == ["guide.md"]
    assert "October" in (await knowledge.search("tulips bulbs"))[0].text
    assert await knowledge.search("mow the lawn") == []
    assert await knowledge.version() != before


async def test_files_gone_are_forgotten(knowledge: Embedded, folder: Path, tmp_path: Path) -> None:
    (folder / "garden.txt").unlink()
    report = learn(tmp_path / "store.sqlite", [folder])
    assert [Path(name).name for name in report.forgotten] == ["garden.txt"]
    assert await knowledge.search("roses") == []


async def test_equal_chunks_are_shown_once(knowledge: Embedded, folder: Path, tmp_path: Path) -> None:
    (folder / "copy.md").write_text((folder / "guide.md").read_text())
    learn(tmp_path / "store.sqlite", [folder])
    texts = [passage.text for passage in await knowledge.search("router password", k=10)]
    assert len(texts) == len(set(texts))
    (folder / "guide.md").unlink()
    learn(tmp_path / "store.sqlite", [folder])
    assert (await knowledge.search("router password"))[0].source.endswith("copy.md")


async def test_many_at_once(knowledge: Embedded) -> None:
    found = await asyncio.gather(*(knowledge.search("watering the roses", k=1 + n % 7) for n in range(200)))
    assert all(found)


async def test_damaged_store_is_said_and_made_anew(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "bad.sqlite"
    store.write_bytes(b"this is no database at all" * 100)
    knowledge = Embedded(store)
    with pytest.raises(EngineError) as caught:
        await knowledge.search("roses")
    assert str(tmp_path) not in caught.value.reason + caught.value.remedy
    await knowledge.aclose()
    learn(store, [folder])
    knowledge = Embedded(store)
    assert await knowledge.search("roses")
    await knowledge.aclose()


async def test_readers_cannot_write(knowledge: Embedded, tmp_path: Path) -> None:
    reader = open_reader(tmp_path / "store.sqlite")
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM chunks")
    reader.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(question=st.text(max_size=200) | st.sampled_from(['" OR body:x', "a AND NOT (", "NEAR(a b)", "x*", "'; --"]))
def test_no_question_breaks_the_syntax(question: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(a)")
    for text in (question, *question.split()):
        connection.execute(
            "SELECT count(*) FROM t WHERE t MATCH ?",
            (match([text.replace("\0", "") or "a", "b"]),),
        )
    connection.close()


def test_not_everything_is_learned(folder: Path, tmp_path: Path) -> None:
    (folder / ".hidden.md").write_text("secret")
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "a.md").write_text("noise")
    (folder / "binary.txt").write_bytes(b"\0\1\2" * 100)
    (tmp_path / "outside.md").write_text("outside")
    (folder / "link.md").symlink_to(tmp_path / "outside.md")
    report = learn(tmp_path / "s.sqlite", [folder])
    assert sorted(Path(name).name for name in report.learned) == ["garden.txt", "guide.md"]
    assert [(Path(name).name, why) for name, why in report.refused] == [("binary.txt", "it is not a text file")]


def test_own_documents() -> None:
    assert "README.md" in [path.name for path in own_documents()]


def test_a_single_file_is_shown_by_its_name(folder: Path, tmp_path: Path) -> None:
    learn(tmp_path / "s.sqlite", [folder / "guide.md", folder])
    reader = open_reader(tmp_path / "s.sqlite")
    shown = {row[0] for row in reader.execute("SELECT source FROM documents")}
    reader.close()
    assert shown == {"notes/guide.md", "notes/garden.txt"}


def test_snippet_shows_the_words() -> None:
    text = "Filler words stand here. " * 40 + "The red valve opens the circuit. " + "More filler after it. " * 40
    shown = snippet(text, "Which valve opens circuits?")
    assert "red valve opens the circuit" in shown
    assert len(shown) < 260
    assert shown.startswith("… ")
    assert snippet("short", "x") == "short"
