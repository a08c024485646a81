"""A long conversation over a real socket: what its prompts no longer hold is summed up, and billed, behind it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from backend.accounts import Accounts
from backend.conversation import Conversation, Exchange
from backend.fallback import Chain
from backend.recalling import Recall
from backend.settings import Settings
from backend.thinking import Message
from backend.thinking.offline import OfflineMind
from tests.fakes.chat import ChatFake, Failure, Request
from tests.server import serving
from tests.talker import talker
from tests.test_accounts import conversation, kept, settled

SUMMARY = "The person is Anna from Graz. She wants a blue bicycle for 400 euros."


def is_summary(request: Request) -> bool:
    return "Sum it up" in str(request.body["messages"][0]["content"])


def last(mind: ChatFake) -> Request:
    return [request for request in mind.requests if not is_summary(request)][-1]


async def test_what_falls_out_of_the_prompt_is_summed_up_and_billed(tmp_path: Path) -> None:
    async with conversation(tmp_path, history_turns=6) as (person, mind, url):
        person.speed = 500
        for number in range(4):
            mind.answers.extend([f"Noted as number {number}.", *([SUMMARY] if number == 3 else [])])
            heard = await person.ask(f"My wish number {number} is a bicycle.")
            assert heard.end is not None
            if number < 3:
                assert not any(map(is_summary, mind.requests)), "everything fits as yet"
        async with asyncio.timeout(5):
            while not (asked := [r for r in mind.requests if is_summary(r) and r.outcome == "done"]):
                await asyncio.sleep(0.02)
        assert "My wish number 0" in str(asked[0].body)
        await asyncio.sleep(0.1)
        await person.ask("And what did I say at first?")
        messages = last(mind).body["messages"]
        assert SUMMARY in messages[-1]["content"]
        told = json.dumps(messages)
        assert "My wish number 0" not in told and "My wish number 3" in told, "said once, in one form or the other"
        await settled(person, url, 5)
    _, spent = await kept(tmp_path)
    mine = {row.unit: row for row in spent if row.stage == "summary"}
    summaries = [request for request in mind.requests if is_summary(request)]
    assert mine["prompt token"].quantity == sum(request.prompt_tokens for request in summaries)
    assert mine["completion token"].nano == 5_000 * sum(request.completion_tokens for request in summaries)


async def test_a_long_history_is_summed_up_before_it_is_cut(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (person, mind, _):
        person.speed = 500
        wish = "I want this: " + "a bicycle that is blue and light, " * 24
        for number in range(4):
            mind.answers.append("I see.")
            await person.ask(f"{number}. {wish}")
        async with asyncio.timeout(5):
            while not any(is_summary(request) for request in mind.requests):
                await asyncio.sleep(0.02)
        first = next(number for number, request in enumerate(mind.requests) if is_summary(request))
        before = mind.requests[:first]
        assert len(before) >= 3
        for number, request in enumerate(before):
            assert all(f"{n}. I want" in str(request.body) for n in range(number)), "nothing was cut before"


async def test_nothing_waits_for_it_and_it_ends_with_the_conversation(tmp_path: Path) -> None:
    async with conversation(tmp_path, history_turns=6, resume_seconds=0.1) as (person, mind, _):
        person.speed = 500
        for number in range(4):
            # What comes after the fourth answer is the summary, which never gets one.
            mind.failures.extend([None, *([Failure("silent")] if number == 3 else [])])
            await person.ask(f"The wish number {number}.")
        async with asyncio.timeout(5):
            while not any(is_summary(request) for request in mind.requests):
                await asyncio.sleep(0.02)
        heard = await person.ask("The fifth wish.")
        assert heard.end is not None and heard.end["why"] == "complete"
    assert mind.open == 0, "the summary's stream is closed"


async def test_without_a_model_there_is_none(tmp_path: Path) -> None:
    async with serving(voices=("espeak",), data=tmp_path, history_turns=4) as url, talker(url, speed=500) as person:
        for number in range(4):
            heard = await person.ask(f"Hello number {number}")
            assert heard.end is not None
        assert not person.errors and not person.notices


def test_a_conversation_s_exchanges_keep_their_numbers() -> None:
    talk = Conversation(4)
    talk.history = [Exchange("a", "b", 3)]
    state: dict[str, Any] = json.loads(json.dumps(talk.state()))
    assert Conversation.of(state, 4).history[0].turn == 3


async def test_it_goes_along_to_another_server() -> None:
    engines, account, group = Chain([OfflineMind()]), Accounts(Settings()).open("a"), asyncio.TaskGroup()
    here, there = (Recall(engines, account, group, 12) for _ in range(2))
    here.restore({"text": SUMMARY, "covered": 2})
    there.restore(json.loads(json.dumps(here.state())))
    assert there.text == SUMMARY
    history = [Exchange("one", "eins", 1), Exchange("two", "zwei", 2), Exchange("three", "", 3)]
    assert there.rest(history) == [Message("user", "three")]
