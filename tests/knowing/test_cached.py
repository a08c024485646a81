"""What was found is kept in the common cache, as long as the base stays the same."""

import asyncio
from pathlib import Path
from typing import Any

from backend.cache import Cache
from backend.cache.disk import DiskTier
from backend.cache.memory import Memory
from backend.knowing import Took
from backend.knowing.cached import Cached
from backend.knowing.embedded import Embedded
from backend.knowing.ingest import learn, learn_and_embed
from backend.knowing.vectors import Kept
from tests.knowing.test_meaning import Groups


class Counted(Embedded):
    """Counts the searches that really happen."""

    count = 0

    async def search(self, *arguments: Any, **more: Any) -> Any:
        self.count += 1
        return await super().search(*arguments, **more)


async def test_the_same_words_in_any_form_are_looked_up_once(folder: Path, tmp_path: Path) -> None:
    learn(tmp_path / "s.sqlite", [folder])
    base = Counted(tmp_path / "s.sqlite")
    cache = Cache([Memory(1_000_000)])
    knowledge = Cached(base, cache)
    first, took = await knowledge.search("What does error E42 mean?"), Took()
    assert await knowledge.search("what did the errors E42 mean", took=took) == first
    assert (base.count, took.tier) == (1, "memory")
    await knowledge.search("E42 error mean")
    await knowledge.search("What does error E42 mean?", 2)
    assert base.count == 3, "another order or another number is another question"
    assert cache.counts["passages"].hits == {"memory": 1} and cache.counts["passages"].misses == 3
    await knowledge.aclose()


async def test_a_changed_base_is_asked_anew_and_the_old_one_is_found_again(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    learn(store, [folder])
    base = Counted(store)
    knowledge = Cached(base, Cache([Memory(1_000_000)]))
    assert await knowledge.search("tulips bulbs") == []
    before = (folder / "garden.txt").read_text()
    (folder / "garden.txt").write_text("Plant the tulips' bulbs in October.")
    learn(store, [folder])
    assert "October" in (await knowledge.search("tulips bulbs"))[0].text
    (folder / "garden.txt").write_text(before)
    learn(store, [folder])
    assert await knowledge.search("tulips bulbs") == []
    assert base.count == 2
    await knowledge.aclose()


async def test_it_lasts_over_a_restart_and_serves_other_bases_with_the_same_documents(
    folder: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        learn(tmp_path / f"{name}.sqlite", [folder])
        base = Counted(tmp_path / f"{name}.sqlite")
        cache = Cache([Memory(1_000_000), DiskTier(tmp_path / "cache", 10_000_000)])
        took = Took()
        assert await Cached(base, cache).search("mow the lawn", took=took)
        await base.aclose()
        await cache.close()
    assert (base.count, took.tier) == (0, "disk")


async def test_what_was_found_without_its_vector_is_not_kept(folder: Path, tmp_path: Path) -> None:
    embedder = Groups()
    cache = Cache([Memory(1_000_000)])
    store = tmp_path / "s.sqlite"
    await learn_and_embed(store, [folder], Kept(embedder, cache))
    knowledge = Cached(Embedded(store, Kept(embedder, cache)), cache)
    embedder.fails = True
    took = Took()
    assert await knowledge.search("blossom", took=took) == [] and took.passing
    embedder.fails = False
    assert "Roses" in (await knowledge.search("blossom"))[0].text
    await knowledge.aclose()


async def test_vectors_are_made_once_also_for_a_base_that_is_made_anew(folder: Path, tmp_path: Path) -> None:
    embedder, cache = Groups(), Cache([Memory(1_000_000)])
    await learn_and_embed(tmp_path / "one.sqlite", [folder], Kept(embedder, cache))
    before = len(embedder.asked)
    report = await learn_and_embed(tmp_path / "two.sqlite", [folder], Kept(embedder, cache))
    assert report.embedded == before == len(embedder.asked)
    knowledge = Cached(Embedded(tmp_path / "two.sqlite", Kept(embedder, cache)), cache)
    asked = [Took() for _ in range(10)]
    await asyncio.gather(*(knowledge.search("modem", took=took) for took in asked))
    assert len(embedder.asked) == before + 1
    tiers = [took.tier for took in asked]
    assert tiers.count("") == 1 and set(tiers) <= {"", "flight", "memory"}
    assert [text for took in asked for text in took.embedded] == ["modem"] and asked[0].model == "groups"
    await knowledge.aclose()
