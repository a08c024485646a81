"""The socket's manners: order, limits, resume, and who may come in."""

import asyncio
import json
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import connect

from tests.server import serving
from tests.talker import Talker, talker

HELLO = {"type": "hello", "greet": False}


async def until(socket: Any, kind: str) -> dict[str, Any]:
    """The next message of this type."""
    async with asyncio.timeout(10):
        async for frame in socket:
            if isinstance(frame, str) and (message := json.loads(frame))["type"] == kind:
                return message
    raise AssertionError(f"no {kind}")


BAD: list[tuple[str | bytes, str]] = [
    ("{", "bad_json"),
    ("[]", "bad_message"),
    ('"hello"', "bad_message"),
    ("{}", "unknown_type"),
    ('{"type": "dance"}', "unknown_type"),
    ('{"type": "typed"}', "bad_message"),
    ('{"type": "typed", "text": 7}', "bad_message"),
    ('{"type": "typed", "text": "   "}', "empty"),
    ('{"type": "typed", "text": "\\u0000\\u0007"}', "empty"),
    (json.dumps({"type": "typed", "text": "a" * 4001}), "too_long"),
    (json.dumps({"type": "typed", "text": "a" * 100_000}), "too_long"),
    ('{"type": "interrupt", "turn": 99}', "unknown_turn"),
    ('{"type": "interrupt", "turn": -1}', "bad_message"),
    ('{"type": "playback", "turn": 1, "played_ms": 1e999}', "bad_message"),
    ('{"type": "playback", "turn": 1, "played_ms": NaN}', "bad_message"),
    (json.dumps(HELLO), "wrong_order"),
    (b"", "unexpected_sound"),
    (b"\x01\x02garbage", "unexpected_sound"),
    ("\x00\x01", "bad_json"),
    ('{"type": "typed", "text": "\\ud800"}', "bad_json"),
]


async def test_bad_input_gets_a_typed_error_and_the_session_goes_on() -> None:
    async with serving(voices=("espeak",)) as url, talker(url, speed=50) as person:
        for frame, code in BAD:
            count = len(person.errors)
            await person.socket.send(frame)
            await person.until(lambda n=count: len(person.errors) > n)
            error = person.errors[-1]
            assert error["code"] == code, (frame[:60], error)
            assert error["text"]
            assert not error["fatal"]
            assert "Traceback" not in error["text"]
        heard = await person.ask("Hello!")
        assert heard.lines[0].pcm


async def test_hello_comes_first() -> None:
    async with serving(voices=("espeak",)) as url, connect(url.replace("http", "ws") + "/ws") as socket:
        await socket.send('{"type": "typed", "text": "hi"}')
        assert (await until(socket, "error"))["code"] == "wrong_order"
        await socket.send("{")
        assert (await until(socket, "error"))["code"] == "bad_json"
        await socket.send(json.dumps(HELLO))
        assert (await until(socket, "ready"))["resumed"] is False


async def test_another_protocol_is_told_so() -> None:
    async with serving(voices=("espeak",)) as url, connect(url.replace("http", "ws") + "/ws") as socket:
        await socket.send(json.dumps(HELLO | {"protocol": 99}))
        error = await until(socket, "error")
        assert error["fatal"]
        assert "reload" in error["text"]


async def test_only_our_own_pages_may_open_the_socket() -> None:
    async with serving(voices=("espeak",), origins=("https://friend.example",)) as url:
        address = url.replace("http", "ws") + "/ws"
        with pytest.raises(websockets.InvalidStatus):
            await connect(address, origin=websockets.Origin("https://evil.example"))
        for origin in (url, "https://friend.example"):
            async with connect(address, origin=websockets.Origin(origin)) as socket:
                await socket.send(json.dumps(HELLO))
                assert await until(socket, "ready")


async def test_too_many_messages_are_slowed_down() -> None:
    async with serving(voices=("espeak",)) as url, talker(url) as person:
        for _ in range(300):
            await person.send(type="heard", text="so I", final=False, revision=1)
        await person.until(lambda: any(error["code"] == "too_fast" for error in person.errors))
        await asyncio.sleep(1.5)
        assert (await person.ask("Hello!")).lines


async def test_a_full_house_says_so() -> None:
    async with serving(voices=("espeak",), sessions=1) as url, talker(url), talker(url) as second:
        assert second.errors[0]["code"] == "full"
        assert second.errors[0]["fatal"]
        assert second.errors[0]["retryable"]


async def test_a_dropped_connection_resumes_where_it_was() -> None:
    async with serving(voices=("espeak",)) as url:
        async with talker(url) as before:
            heard = await before.say("Tell me about the architecture of this project, please.")
            await before.until(lambda: heard.first_sound)
            await before.socket.close()
        token, seq = before.ready["resume"], before.seq
        await asyncio.sleep(0.5)
        async with connect(url.replace("http", "ws") + "/ws") as socket:
            after = Talker(socket)
            after.turns = before.turns
            listening = asyncio.create_task(after.listen())
            playing = asyncio.create_task(after.play())
            after.speed = 20
            await after.send(type="hello", greet=True, resume={"token": token, "seq": seq})
            await after.until(lambda: after.ready)
            assert after.ready["resumed"]
            await after.until(lambda: heard.end)
            assert min(m["seq"] for _, m in after.frames if m["type"] != "ready") == seq + 1
            numbers = [m["seq"] for _, m in before.frames + after.frames if m["type"] != "ready"]
            assert numbers == sorted(set(numbers)), "nothing is lost and nothing comes twice"
            assert all(line.complete for line in heard.lines.values())
            playing.cancel()
            await socket.close()
            await listening


async def test_after_the_grace_time_a_new_conversation_begins() -> None:
    async with serving(voices=("espeak",), resume_seconds=0.2) as url:
        async with talker(url) as before:
            pass
        await asyncio.sleep(6)
        async with talker(url, resume={"token": before.ready["resume"], "seq": 0}) as after:
            assert after.ready["resumed"] is False


async def test_a_second_connection_takes_over_from_the_first() -> None:
    async with serving(voices=("espeak",)) as url, talker(url) as first:
        async with talker(url, resume={"token": first.ready["resume"], "seq": first.seq}) as second:
            assert second.ready["resumed"]
            assert (await second.ask("Hello!")).lines
            assert not first.turns
        assert [(error["code"], error["fatal"]) for error in first.errors] == [("taken_over", True)]


async def test_the_greeting_is_spoken() -> None:
    async with serving(voices=("espeak",), name="Ada") as url, talker(url, greet=True, speed=20) as person:
        await person.until(lambda: 1 in person.turns and person.turns[1].end)
        assert person.turns[1].text == "Hello, I'm Ada. Ask me anything."
        assert person.turns[1].seconds() > 1
