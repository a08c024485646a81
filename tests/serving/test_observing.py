"""Seen from outside: health, metrics, logs, traces and the status page, over a real server and real turns."""

import asyncio
import io
import json
import logging
import re
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from backend.logs import Json, about, short
from backend.tracing import Traces
from backend.watching import Pace, Seen
from tests.fakes.chat import ChatFake
from tests.server import ROOT, serving
from tests.talker import talker

ESPEAK = {"voices": ("espeak",)}
SECRET = "Xylophones on Tuesday"


async def samples(url: str, **headers: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        text = (await client.get("/metrics")).raise_for_status().text
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


async def test_metrics_count_what_a_person_notices() -> None:
    async with serving(**ESPEAK) as url, talker(url, speed=20) as person:
        heard = await person.ask("Hello! How are you?")
        assert heard.end is not None
        await person.ask(SECRET)
        found = await samples(url)
        assert sum(found["visavis_turns_total"].values()) == 2
        assert found["visavis_turns_total"][("origin", "typed"), ("why", "complete")] == 2
        assert found["visavis_first_sound_seconds_count"][(("origin", "typed"),)] == 2
        in_all = found["visavis_first_sound_seconds_sum"][(("origin", "typed"),)]
        told = [turn.end["latency"]["first_sound"] for turn in person.turns.values() if turn.end]
        assert in_all == pytest.approx(sum(told) / 1000, rel=0.01)
        spoken = sum(turn.seconds() for turn in person.turns.values())
        assert found["visavis_spoken_seconds_total"][()] == pytest.approx(spoken, rel=0.01)
        assert found["visavis_conversations"][(("connected", "yes"),)] == 1
        assert found["visavis_breaker"][("engine", "espeak"), ("room", "voice"), ("state", "closed")] == 1
        assert found["visavis_cache_misses_total"]
        # The loop is looked at once a second; the turns may be over sooner.
        async with asyncio.timeout(10):
            while not (await samples(url))["visavis_loop_lag_seconds_count"][()]:
                await asyncio.sleep(0.2)
        text = json.dumps(list(map(str, found.items())))
        assert "Xylophone" not in text
        assert person.ready["resume"] not in text


async def test_metrics_are_not_for_everybody() -> None:
    async with serving(**ESPEAK, token="sesame", admins=("boss@example.com",), trusted_proxies=("127.0.0.1",)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get("/metrics")).status_code == 401
            named = {"X-Forwarded-Email": "ada@example.com"}
            assert (await client.get("/metrics", headers=named)).status_code == 403
        assert await samples(url, Authorization="Bearer sesame")
        assert await samples(url, **{"X-Forwarded-Email": "boss@example.com"})


async def test_health_and_status_tell_of_an_engine_that_is_away() -> None:
    async with ChatFake() as chat:
        chat.fail = "500"
        async with (
            serving(**ESPEAK, openai_base_url=chat.url, openai_model="m") as url,
            talker(url, speed=20) as person,
        ):
            async with httpx.AsyncClient(base_url=url) as client:
                before = (await client.get("/health/ready")).json()
                assert before["status"] == "ready"
                assert [one["name"] for one in before["engines"]["mind"]] == ["openai", "offline"]
                await person.ask("What is the capital of the moon?")
                after = (await client.get("/health/ready")).json()
                assert after["status"] == "ready", "the offline mind answers: no reason to send people elsewhere"
                mind = after["engines"]["mind"][0]
                assert mind["state"] != "closed"
                assert mind["failures"] == 1
                page = (await client.get("/status")).text
                assert "It answers, with something less than usual" in page
                assert "is set aside" in page or "is being tried again" in page
                assert "works, serves now" in page
                assert "<script" not in page
                assert "style=" not in page


async def test_probes_need_no_name() -> None:
    async with serving(**ESPEAK, token="sesame") as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/health/live")).json() == {"status": "alive"}
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.get("/status")).status_code == 401


def test_json_logs_carry_ids_and_no_lines() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Json())
    log = logging.Logger("test")
    log.addHandler(handler)
    with about(session=short("token"), turn=3):
        try:
            raise ValueError("odd\nvalue")
        except ValueError:
            log.exception("it\nbroke")
    log.info("outside")
    inside, outside = map(json.loads, stream.getvalue().splitlines())
    assert inside["turn"] == "3"
    assert inside["session"] == short("token") != "token"
    assert inside["error"] == "ValueError"
    assert inside["message"] == "it\nbroke"
    assert "turn" not in outside
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", outside["time"])


async def test_nothing_that_was_said_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="backend")
    async with ChatFake() as chat:
        chat.fail = "500"
        async with (
            serving(**ESPEAK, openai_base_url=chat.url, openai_model="m") as url,
            talker(url, speed=20) as person,
        ):
            await person.ask(SECRET)
            assert person.ready["resume"] not in caplog.text
    assert SECRET not in caplog.text


def test_a_turn_is_a_trace_with_its_stages() -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(SimpleSpanProcessor(exporter))
    marks = {
        "knowledge": 10.0,
        "first_token": 200.0,
        "first_clause": 250.0,
        "first_voice": 300.0,
        "first_sound": 310.0,
        "done": 900.0,
    }
    traces.turn(Seen("id", 2, "typed", "complete", "openai", 1_000.0, marks, 3.0, 0.0, 1_500, 90))
    spans = {span.name: span for span in exporter.get_finished_spans()}
    turn = spans.pop("turn")
    assert turn.start_time == 1_000 * 10**9
    assert turn.end_time == pytest.approx(1_000.9 * 1e9, abs=1e4)
    assert turn.attributes is not None
    assert turn.attributes["gen_ai.request.model"] == "openai"
    assert set(spans) == {"knowledge", "mind", "first clause", "voice", "first sound", "the rest"}
    for span in spans.values():
        assert span.parent is not None
        assert span.parent.span_id == turn.context.span_id
    mind = spans["mind"]
    assert mind.end_time is not None
    assert mind.start_time is not None
    assert (mind.end_time - mind.start_time) / 1e6 == pytest.approx(190, abs=0.1)


def test_a_gap_is_what_a_listener_would_notice() -> None:
    pace = Pace()
    for seconds, now in ((1.0, 0.0), (1.0, 0.5), (1.0, 2.3), (1.0, 2.4)):
        pace.sent(seconds, now)
    assert pace.starved == pytest.approx(0.3)
    assert pace.sound == 4.0


async def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text())
    asked = {name for panel in dashboard["panels"] for target in panel.get("targets", [])
             for name in re.findall(r"\b(?:visavis|process)_\w+", target["expr"])}  # fmt: skip
    async with serving(**ESPEAK) as url, talker(url, speed=20) as person:
        await person.ask("Hello!")
        await person.ask("What does Visavis cost a month?")
        found = await samples(url)
    assert asked
    assert asked - set(found) <= {"visavis_cost_dollars_total", "visavis_cache_hits_total"}, "these need a spender"
    assert Path(ROOT / "docs" / "grafana.json").stat().st_size < 100_000
