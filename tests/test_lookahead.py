"""Over a real socket: what is asked is looked up while it is still being said, and the turn waits for nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.fakes.chat import ChatFake
from tests.server import serving
from tests.talker import Talker, talker
from tests.test_accounts import kept

SLOW = 0.4
"""Seconds that the embedding model takes for a question: a remote one on a bad day."""
QUESTION = "which code does the boiler in the cellar show when the pressure is low"


@asynccontextmanager
async def slow_search(tmp_path: Path) -> AsyncIterator[tuple[Talker, ChatFake, str]]:
    """A person whose documents are found by a slow embedding model."""
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "guide.md").write_text("# Guide\n\nThe boiler in the cellar shows code E42 when its pressure is low.\n")
    async with ChatFake() as embeddings, ChatFake() as mind:
        mind.answer = "It shows code E42 [1]."
        settings = {
            "openai_base_url": mind.url,
            "openai_model": "fake-small",
            "embedding_url": embeddings.url,
            "embedding_model": "fake-embed",
            "documents": (notes,),
            "voices": ("espeak",),
            "data": tmp_path / "data",
        }
        async with serving(**settings) as url:
            async with asyncio.timeout(10):
                while not embeddings.requests:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            embeddings.first_token = SLOW
            async with talker(url, speed=50) as person:
                yield person, embeddings, url


async def wait_of(person: Talker, turn: int) -> float:
    """Seconds that a turn waited for its passages."""
    await person.until(lambda: turn in person.turns and person.turns[turn].end is not None, 20)
    end = person.turns[turn].end
    assert end is not None and end["sources"], "the passage was found"
    return float(end["latency"]["knowledge"]) / 1000


async def say(person: Talker, text: str, utterance: int, words_a_second: float) -> None:
    """Say *text* word by word; who listens hears that the person still speaks, until the end."""
    words = text.split()
    for count in range(1, len(words) + 1):
        said = " ".join(words[:count])
        await person.send(type="heard", text=said, revision=count, utterance=utterance, speaking=True)
        await asyncio.sleep(1 / words_a_second)


async def test_the_turn_finds_the_search_done_that_began_while_the_person_spoke(tmp_path: Path) -> None:
    async with slow_search(tmp_path) as (person, embeddings, url):
        assert person.ready["engines"]["knowledge"] == "embedded+vectors"
        typed = await person.ask("Is there anything about low pressure and its code?")
        waited = await wait_of(person, typed.turn)
        assert waited >= SLOW, "who types waits for the vector"
        await say(person, QUESTION, 1, 8)
        await asyncio.sleep(2 * SLOW)  # the last word's own length, and the quiet that ends a turn
        before = len(embeddings.requests)
        await person.send(type="heard", text=QUESTION, final=True, utterance=1)
        spoken = await wait_of(person, typed.turn + 1)
        assert spoken < waited / 4, f"{spoken:.3f} s against {waited:.3f} s"
        assert len(embeddings.requests) == before, "nothing is looked up twice"
        async with httpx.AsyncClient(base_url=url) as client:
            metrics = (await client.get("/metrics")).text
        assert 'visavis_cache_hits_total{space="passages",tier="memory"} 1.0' in metrics
    _, spent = await kept(tmp_path)
    paid = sum(row.quantity for row in spent if row.stage == "embedding" and row.item == "fake-embed")
    assert paid >= len(QUESTION.split()), "what was looked up ahead is on a bill as well"
    assert "passages from memory" in {row.item for row in spent if row.stage == "cache"}


async def test_a_search_on_its_way_is_joined(tmp_path: Path) -> None:
    async with slow_search(tmp_path) as (person, _, _):
        await say(person, QUESTION, 1, 50)
        await asyncio.sleep(SLOW)  # the first words' search is over, and that of all words on its way
        await person.send(type="heard", text=QUESTION, final=True, utterance=1)
        assert await wait_of(person, 1) < SLOW, "only the rest of it is waited for"


async def test_searches_for_words_that_come_in_a_rush_are_few(tmp_path: Path) -> None:
    async with slow_search(tmp_path) as (person, embeddings, _):
        before = len(embeddings.requests)
        await say(person, f"{QUESTION} {QUESTION} {QUESTION}", 1, 30)
        await person.send(type="heard", text="never mind", final=True, utterance=1)
        await person.until(lambda: 1 in person.turns and person.turns[1].end is not None, 20)
        assert 1 <= len(embeddings.requests) - before <= 6
