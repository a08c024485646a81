"""Everything breaks in turn, under people who talk: each answer ends in words or a plain notice, and all recovers."""

import asyncio
import json
import random
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.fallback import Chain
from tests.fakes.chat import ChatFake
from tests.fakes.chat import Failure as ChatFailure
from tests.fakes.edge import EdgeFake
from tests.fakes.edge import Failure as EdgeFailure
from tests.server import serving
from tests.services import redis, running_redis
from tests.talker import talker

PEOPLE, TURNS = 12, 3
ANSWER = "Certainly, this is how it goes. The second sentence follows the first one."
MODEL = ("429", "500", "401", "cut", "stall", "silent", "content_filter")
VOICE = ("403", "503", "no_audio", "silent", "stall", "cut", "bad_frame", "garbage")


def breakage(chance: random.Random, mind: ChatFake, voice: EdgeFake) -> None:
    """Something goes wrong with the next request or two."""
    if chance.random() < 0.5:
        mind.failures.append(ChatFailure(chance.choice(MODEL), after=chance.randint(0, 5)))  # type: ignore[arg-type]
    if chance.random() < 0.7:
        voice.failures.append(EdgeFailure(chance.choice(VOICE), after=chance.uniform(0, 0.5)))  # type: ignore[arg-type]


async def visitor(url: str, chance: random.Random, mind: ChatFake, voice: EdgeFake) -> list[str]:
    """How each of the person's turns ended."""
    ends: list[str] = []
    async with talker(url, speed=10) as me:
        for number in range(TURNS):
            breakage(chance, mind, voice)
            heard = await me.ask(f"How does it go, number {number} of {chance.random():.9f}?", 60)
            assert heard.end is not None
            assert heard.text.strip(), "nobody is left without a word"
            ends.append(heard.end["why"])
        assert not [error for error in me.errors if error["code"] == "turn_failed"], me.errors
        assert all(notice["text"] for notice in me.notices)
        assert len({notice["code"] for notice in me.notices}) == len(me.notices), "each is said once"
    return ends


async def vanisher(url: str, chance: random.Random) -> None:
    """Asks and is gone in the middle of the answer, without a goodbye."""
    async with talker(url, speed=10) as me:
        heard = await me.say("Tell me everything, please.")
        await asyncio.sleep(chance.uniform(0, 0.5))
        assert heard is not None
        me.socket.transport.abort()


async def sleeper(url: str) -> None:
    """Asks and reports nothing of what it plays: the flow stops, and only its own."""
    async with talker(url, play=False) as me:
        await me.say("Tell me everything, please.")
        await asyncio.sleep(3)


async def records(url: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=url) as client:
        for _ in range(50):
            answer = await client.get("/me/export")
            if answer.status_code == 200:
                found: list[dict[str, Any]] = json.loads(answer.text)["conversations"]
                if sum(len(one["exchanges"]) for one in found) >= PEOPLE * TURNS:
                    return found
            await asyncio.sleep(0.2)
    raise AssertionError("the records are not complete")


@pytest.mark.timeout(240)
@pytest.mark.skipif(not redis(), reason="needs redis-server")
async def test_everything_breaks_and_everybody_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # After so many failures an engine would be left alone for minutes; nobody wants to wait for that here.
    monkeypatch.setattr("backend.engines.Chain", partial(Chain, first=0.5, longest=2.0))
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with ChatFake() as mind, EdgeFake() as voice:
        mind.answer = ANSWER
        with running_redis() as shelf:
            settings: dict[str, Any] = {
                "openai_base_url": mind.url,
                "openai_api_key": "none",
                "openai_model": "fake-small",
                "edge_url": voice.url,
                "redis_url": shelf,
                "data": tmp_path / "data",
                "resume_seconds": 1,
            }
            server = serving(**settings)
            url = await server.__aenter__()
            before = Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())
            half = [visitor(url, chance, mind, voice) for _ in range(PEOPLE // 2)]
            ends = await asyncio.gather(*half, *(vanisher(url, chance) for _ in range(4)), sleeper(url))
        # Now Redis is gone as well.
        rest = [visitor(url, chance, mind, voice) for _ in range(PEOPLE - PEOPLE // 2)]
        ends += await asyncio.gather(*rest)
        told = [end for one in ends if isinstance(one, list) for end in one]
        assert len(told) == PEOPLE * TURNS
        kept = await records(url)
        for one in kept:
            numbers = [exchange["number"] for exchange in one["exchanges"]]
            assert numbers == sorted(set(numbers)), "no turn twice"
        asked = [exchange["asked"] for one in kept for exchange in one["exchanges"]]
        assert sum(text.startswith("How does it go") for text in asked) == PEOPLE * TURNS, "no turn lost"
        # All is well again: the engines are tried again without a restart, and nothing is left over.
        mind.failures.clear()
        voice.failures.clear()
        async with asyncio.timeout(60):
            while True:
                async with talker(url, speed=20) as me:
                    heard = await me.ask(f"Is it well, {chance.random():.9f}?")
                    if heard.end and heard.end["cost"]["answered_by"] == "openai" and heard.lines[0].voice == "edge":
                        break
                await asyncio.sleep(1)
        left = {}
        for _ in range(60):
            left = Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())
            left.subtract(before)
            left = +left
            if not any(name.startswith(("Session", "Turn", "Rendering", "talker")) for name in left):
                break
            await asyncio.sleep(0.5)
        else:
            raise AssertionError(f"tasks are left over: {left}")
        await server.__aexit__(None, None, None)
