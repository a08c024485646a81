"""A question asked again is answered from the cache; a different one never is."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from backend.answers import Answer, Answers, lasting
from backend.cache import Cache
from backend.cache.memory import Memory
from backend.fallback import EngineError
from tests.test_accounts import conversation, kept, settled

PAIRS = [
    line.split("\t")
    for line in (Path(__file__).parent / "thinking" / "sameness.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
ANSWER = Answer(
    "How do I reset the device?", "Hold the button. [1]", (("Hold the button.", "Hold the button.", "sentence", None),),
    ({"number": 1, "title": "Manual", "heading": "", "source": "manual.md", "text": "Hold the button."},),
    "small", 500, 20,
)  # fmt: skip


async def alike(texts: Sequence[str]) -> Any:
    """The worst embedder there is: all texts are the same to it."""
    return np.ones((len(texts), 1), np.float32)


def answers(embed: Any = None) -> Answers:
    return Answers(Cache([Memory(10_000_000)]), embed)


async def known(cache: Answers, question: str, *context: object, **changed: Any) -> None:
    cache.keep(replace(ANSWER, question=question, **changed), context)
    await cache.close()


async def test_comes_back_as_it_was() -> None:
    cache = answers()
    await known(cache, ANSWER.question, "en")
    for asked in (ANSWER.question, "how do i reset the device", "How do I reset the  DEVICE?!"):
        found = await cache.find(asked, ("en",))
        assert found is not None and found.exact and found.answer == ANSWER
    assert await cache.find("How do I reset the device now?", ("en",)) is None
    assert await cache.find("How can I reset the device?", ("en",)) is None, "no embedder, so the same words only"


async def test_no_false_hit_on_adversarial_pairs() -> None:
    """Opposites, numbers, names and directions swapped, with vectors that tell nothing apart."""
    wrong = []
    pairs = [(one, other) for kind, one, other in PAIRS if kind == "different"]
    for one, other in [*pairs, *((other, one) for one, other in pairs)]:
        cache = answers(alike)
        await known(cache, one)
        if await cache.find(other, ()) is not None:
            wrong.append((one, other))
    assert len(pairs) >= 100 and wrong == []


async def test_most_paraphrases_are_found() -> None:
    pairs = [(one, other) for kind, one, other in PAIRS if kind == "same"]
    hits = 0
    for one, other in pairs:
        cache = answers(alike)
        await known(cache, one)
        hits += await cache.find(other, ()) is not None
    assert len(pairs) >= 100 and hits / len(pairs) > 0.8


async def test_vectors_have_to_agree_and_may_be_missing() -> None:
    async def apart(texts: Sequence[str]) -> Any:
        return np.array([[1.0, 0.0] if "can" in text else [0.0, 1.0] for text in texts], np.float32)

    async def away(texts: Sequence[str]) -> Any:
        raise EngineError("The embedder is away.")

    for embed in (apart, away):
        cache = answers(embed)
        await known(cache, ANSWER.question)
        assert await cache.find("How can I reset the device?", ()) is None
        assert await cache.find(ANSWER.question, ()) is not None


async def test_a_text_is_embedded_once_and_told() -> None:
    cache, told = answers(alike), list[str]()
    await known(cache, ANSWER.question)
    for _ in range(3):
        found = await cache.find("How can I reset the device?", (), told.append)
        assert found is not None and not found.exact
    assert sorted(told) == ["How can I reset the device?", ANSWER.question]
    assert await cache.find("How can I open the device?", (), told.append) is None
    assert len(told) == 2, "other words need no vector to be told apart"


async def test_what_could_change_the_answer_is_part_of_the_key() -> None:
    cache = answers(alike)
    await known(cache, ANSWER.question, "llama", "prompt-1", 7, "en-US")
    for other in (("gpt", "prompt-1", 7, "en-US"), ("llama", "prompt-2", 7, "en-US"), ("llama", "prompt-1", 8, "en-US"),
                  ("llama", "prompt-1", 7, "de-DE")):  # fmt: skip
        assert await cache.find(ANSWER.question, other) is None


@pytest.mark.parametrize(
    "question",
    ["Hello!", "And the second one?", "What time is it?", "Is the office open today?", "What is 2 + 2?", "Why?",
     "What is the latest version?"],
)  # fmt: skip
async def test_what_is_not_for_everybody_is_not_kept(question: str) -> None:
    assert not lasting(question)
    cache = answers(alike)
    await known(cache, question)
    assert await cache.find(question, ()) is None


async def test_an_answer_without_sources_is_not_kept() -> None:
    cache = answers(alike)
    await known(cache, "What is my name?", sources=())
    assert await cache.find("What is my name?", ()) is None


async def test_asked_again_it_speaks_at_once_and_costs_nothing(tmp_path: Path) -> None:
    manual = tmp_path / "docs" / "manual.md"
    manual.parent.mkdir()
    manual.write_text("# Resetting\n\nTo reset the frobnicator hold the green button for five seconds.\n")
    async with conversation(tmp_path, documents=[manual.parent]) as (person, mind, url):
        mind.answer = "Hold the green button for five seconds [1]. Then let it go."
        async with httpx.AsyncClient(base_url=url) as client:
            while (await client.get("/me/export")).status_code != 200:
                await asyncio.sleep(0.05)
        first = await person.ask("How do I reset the frobnicator?")
        while not (first.end and first.end["sources"]):  # the documents are still being learned
            first = await person.ask("How do I reset the frobnicator?")
        await asyncio.sleep(0.5)
        # Asked while they were learned, it would be kept for a state of them that is over: so once more.
        first = await person.ask("How do I reset the frobnicator, please?")
        assert first.end is not None and first.end["cost"]["answered_by"] == "openai"
        asked = len(mind.requests)
        await asyncio.sleep(0.3)
        again = await person.ask("how do I reset the  frobnicator, please")
        assert again.end is not None and len(mind.requests) == asked
        cost = again.end["cost"]
        assert (cost["answered_by"], cost["nano"]) == ("cache", 0)
        assert cost["saved"] == first.end["cost"]["nano"] > 0
        assert again.text == first.text and again.end["sources"] == first.end["sources"]
        assert [bytes(line.pcm) for line in again.lines.values()] == [bytes(line.pcm) for line in first.lines.values()]
        await settled(person, url, 2)
    _, spent = await kept(tmp_path)
    hits = {row.item.split(" from ")[0] for row in spent if row.stage == "cache"}
    assert hits == {"answers", "lines", "passages"}
