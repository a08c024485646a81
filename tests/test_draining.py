"""A server that is asked to stop: answers are finished, browsers told to come back, all within 15 seconds."""

import asyncio
import signal
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.server import process
from tests.talker import talker

GRACE = 15
"""Seconds between SIGTERM and SIGKILL on Databricks Apps."""
SERVICE_RESTART = 1012


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"VISAVIS_VOICES": "espeak", "VISAVIS_DATA": str(tmp_path)}


async def test_an_answer_is_finished_and_everyone_told_to_come_back(environment: dict[str, str]) -> None:
    with process(environment) as (url, server):
        async with talker(url) as silent, talker(url, speed=4) as asking:
            heard = await asking.say("Hello! How are you today?")
            await asking.until(lambda: heard.first_sound)
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            await silent.socket.wait_closed()
            assert silent.socket.close_code == SERVICE_RESTART
            await asking.socket.wait_closed()
            assert asking.socket.close_code == SERVICE_RESTART
            assert heard.end, "the answer was sent to its end"
            assert all(line.complete for line in heard.lines.values())
        assert await asyncio.to_thread(server.wait, GRACE) == -signal.SIGTERM or server.returncode == 0
        assert time.monotonic() - began < GRACE


async def test_nobody_new_is_let_in_meanwhile(environment: dict[str, str]) -> None:
    with process(environment | {"VISAVIS_AHEAD_SECONDS": "1"}) as (url, server):
        async with talker(url) as asking:
            # Hardly played on, so this answer is not done while the server drains.
            asking.speed = 0.01
            heard = await asking.say("Tell me what Visavis is, how it works, and what it costs.")
            await asking.until(lambda: heard.first_sound)
            server.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            async with talker(url) as late:
                assert late.errors[0]["code"] == "leaving"
                assert late.errors[0]["retryable"]
            assert not heard.end
            server.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.wait, GRACE)
    with pytest.raises(OSError):
        await connect(url.replace("http", "ws") + "/ws")
