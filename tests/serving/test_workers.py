"""Several workers of one server: seen as one from outside, and asked to stop together."""

import asyncio
import re
import signal
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from backend.serving.workers import Worker, together
from tests.server import process
from tests.services import redis, running_redis
from tests.talker import talker

GRACE = 15
SERVICE_RESTART = 1012


def told(turns: int) -> bytes:
    registry = CollectorRegistry()
    counter = Counter("turns", 'With "quotes" and {braces}.', ["why"], registry=registry)
    counter.labels('it "ended", so').inc(turns)
    Histogram("sound_seconds", "First sound.", buckets=(0.5, 1), registry=registry).observe(0.7)
    return generate_latest(registry)


def test_each_family_stands_once_with_every_workers_samples() -> None:
    text = together({2: told(5), 1: told(3)}).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert text.count("# TYPE turns_total counter") == 1
    found = {
        (s.labels["why"], s.labels["worker"]): s.value for s in families["turns"].samples if s.name == "turns_total"
    }
    assert found == {('it "ended", so', "1"): 3, ('it "ended", so', "2"): 5}
    buckets = [s for s in families["sound_seconds"].samples if s.name.endswith("_bucket")]
    assert {(s.labels["le"], s.labels["worker"]) for s in buckets} == {
        (le, worker) for le in ("0.5", "1.0", "+Inf") for worker in "12"
    }


async def test_one_that_is_gone_is_left_out_and_its_number_taken_again(tmp_path: Path) -> None:
    one, two = Worker(tmp_path, lambda: told(1)), Worker(tmp_path, lambda: told(2))
    await one.join()
    await two.join()
    assert (one.number, two.number) == (1, 2)
    assert b'worker="2"' in await one.everyone()
    # As after a SIGKILL: the socket is still there, nobody behind it.
    assert two._server is not None
    two._server.close()
    assert b'worker="2"' not in await one.everyone()
    assert b'worker="1"' in await one.everyone()
    await one.leave()
    three = Worker(tmp_path, lambda: told(3))
    await three.join()
    assert three.number == 1
    await three.leave()
    await asyncio.sleep(0.05)


async def test_one_that_hangs_is_left_out(tmp_path: Path) -> None:
    one, over = Worker(tmp_path, lambda: told(1)), asyncio.Event()
    await one.join()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    hanging = await asyncio.start_unix_server(hang, tmp_path / "7.socket")
    assert set(re.findall(rb'worker="(\d)"', await one.everyone())) == {b"1"}
    over.set()
    hanging.close()
    await one.leave()
    await asyncio.sleep(0.05)  # what is closed is closed in the loop's next turn


@pytest.mark.skipif(not redis(), reason="needs redis-server")
async def test_two_workers_count_together_and_stop_together(tmp_path: Path) -> None:
    with running_redis() as shelf:
        environment = {"VISAVIS_VOICES": "espeak", "VISAVIS_DATA": str(tmp_path), "VISAVIS_REDIS_URL": shelf}
        with process(environment, None, "--workers", "2") as (url, server):
            async with talker(url, speed=20) as one, talker(url, speed=20) as two, talker(url, speed=20) as three:
                everyone = (one, two, three)
                await asyncio.gather(*(person.ask("Hello! How are you?", 60) for person in everyone))
                async with httpx.AsyncClient(base_url=url) as client:
                    for _ in range(50):  # until both have started
                        text = (await client.get("/metrics")).text
                        if 'worker="2"' in text:
                            break
                        await asyncio.sleep(0.2)
                counts = re.findall(r'^visavis_turns_total\{.*worker="(\d)"\} (\S+)$', text, re.MULTILINE)
                assert sum(float(count) for _, count in counts) == 3, counts
                here = re.findall(r'^visavis_conversations\{connected="yes",worker="\d"\} (\S+)$', text, re.MULTILINE)
                assert sum(map(float, here)) == 3
                began = time.monotonic()
                server.send_signal(signal.SIGTERM)
                for person in everyone:
                    await person.socket.wait_closed()
                    assert person.socket.close_code == SERVICE_RESTART
                assert await asyncio.to_thread(server.wait, GRACE) in {0, -signal.SIGTERM}
                assert time.monotonic() - began < GRACE
