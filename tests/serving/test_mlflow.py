"""Turns as traces in MLflow: a real server of ours, a local one that takes spans as MLflow does."""

import asyncio
import logging

import pytest

from backend.tracing import tracked, wanted
from tests.fakes.mlflow import MlflowFake
from tests.server import serving
from tests.talker import talker


@pytest.fixture(autouse=True)
def no_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("named", "experiment"), [("", "0"), ("talks", "1")])
async def test_a_turn_is_a_trace_in_its_experiment(
    monkeypatch: pytest.MonkeyPatch, named: str, experiment: str
) -> None:
    with MlflowFake().in_thread() as tracking:  # the exporter waits for its answer when the server closes
        tracking.token = "let me in"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking.url + "/")
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", tracking.token)
        if named:
            monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", named)
        async with serving(voices=("espeak",)) as url, talker(url, speed=20) as person:
            await person.ask("Hello, how are you?")
        turns = [(where, about) for where, name, about in tracking.spans if name == "turn"]
        assert [where for where, _ in turns] == [experiment]
        assert turns[0][1]["gen_ai.request.model"] == "offline"
        assert turns[0][1]["session.id"]
        assert {"first clause", "voice", "first sound"} <= {name for _, name, _ in tracking.spans}
        assert "how are you" not in repr(tracking.spans), "never what was said"
        assert tracking.experiments == {"Default": "0", **({named: experiment} if named else {})}


async def test_a_server_that_is_away_is_told_once_and_costs_no_turn(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "talks")
    async with serving(voices=("espeak",)) as url, talker(url, speed=20) as person:
        heard = await person.ask("Hello!")
        assert heard.lines
    assert [one for one in caplog.messages if "MLflow" in one] == [
        "traces do not reach MLflow: URLError. See MLFLOW_TRACKING_URI."
    ]


async def test_a_place_that_takes_no_traces_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "databricks")
    assert not tracked()
    assert not wanted()
    async with serving(voices=("espeak",)):
        await asyncio.sleep(0)
    assert "MLFLOW_TRACKING_URI names no server that takes traces" in caplog.text
