"""Prometheus: what a person notices (first sound, gaps), what keeps it so (breakers, caches), and what it costs.

Buckets fit speech: a reply within 0.2 to 1 s feels like a conversation, beyond 2 s like waiting; a gap under 20 ms is
hardly heard. Labels are names of engines and reasons, never anything a person said or is.
"""

import asyncio
import time
from collections.abc import Iterable

from fastapi import APIRouter, HTTPException, Request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response

from backend.accounts import Accounts
from backend.allowance import Allowances
from backend.fallback import EngineState
from backend.rooms import Engines
from backend.serving.identity import person_of
from backend.serving.workers import Worker
from backend.sessions import Sessions
from backend.watching import Seen

router = APIRouter()

REPLY = (0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
GAP = (0.001, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
LAG = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
STAGES = ("knowledge", "first_token", "first_clause", "first_voice", "first_sound", "done")
LOOK = 0.5
"""Seconds between looks at the event loop's lag."""
STATES = ("closed", "half-open", "open")


class Metrics:
    """A `Watcher` that counts."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._turns = Counter("visavis_turns", "Turns by how they ended.", ["origin", "why"], registry=registry)
        self._answers = Counter("visavis_answers", "Answers by the mind that gave them.", ["mind"], registry=registry)
        self._sound = Histogram(
            "visavis_first_sound_seconds", "From the end of the person's words to the first sound sent.",
            ["origin"], buckets=REPLY, registry=registry,
        )  # fmt: skip
        self._stages = Histogram(
            "visavis_stage_seconds", "From the start of a turn until a stage first delivered.",
            ["stage"], buckets=REPLY, registry=registry,
        )  # fmt: skip
        self._gap = Histogram(
            "visavis_gap_seconds", "Silence within a turn because sound was sent after it was due.",
            buckets=GAP, registry=registry,
        )  # fmt: skip
        self._spoken = Counter("visavis_spoken_seconds", "Seconds of speech sent.", registry=registry)
        self._lag = Histogram("visavis_loop_lag_seconds", "How late the event loop is.", buckets=LAG, registry=registry)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

    def turn(self, seen: Seen) -> None:
        """A turn is over."""
        self._turns.labels(seen.origin, seen.why).inc()
        if seen.answered_by:
            self._answers.labels(seen.answered_by).inc()
        for stage in STAGES:
            if (after := seen.marks.get(stage)) is not None:
                self._stages.labels(stage).observe(after / 1000)
        if (first := seen.marks.get("first_sound")) is not None:
            self._sound.labels(seen.origin).observe(first / 1000)
            self._gap.observe(seen.starved)
            self._spoken.inc(seen.sound)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)

    async def look(self) -> None:
        """Measure the event loop's lag, for ever."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(LOOK)
            self._lag.observe(max(0.0, time.monotonic() - began - LOOK))


class Standing(Collector):
    """What can be asked at any time: read when it is scraped, instead of being kept twice."""

    def __init__(self, engines: Engines, sessions: Sessions, accounts: Accounts, allowances: Allowances) -> None:
        self._engines, self._sessions = engines, sessions
        self._accounts, self._allowances = accounts, allowances

    def collect(self) -> Iterable[Metric]:
        """The families of the moment."""
        talking = GaugeMetricFamily("visavis_conversations", "Conversations open now.", labels=["connected"])
        connected = self._sessions.connected
        talking.add_metric(["yes"], connected)
        talking.add_metric(["no"], len(self._sessions) - connected)
        yield talking
        breaker = GaugeMetricFamily(
            "visavis_breaker", "1 for the state that the engine is in.", labels=["room", "engine", "state"]
        )
        failures = GaugeMetricFamily(
            "visavis_engine_failures", "Failures since the last success.", labels=["room", "engine"]
        )
        for room, states in chains(self._engines):
            for engine in states:
                for state in STATES:
                    breaker.add_metric([room, engine.name, state], float(engine.state == state))
                failures.add_metric([room, engine.name], engine.failures)
        yield breaker
        yield failures
        yield GaugeMetricFamily("visavis_tasks", "Tasks of the event loop.", value=len(asyncio.all_tasks()))
        yield from self._caches()
        yield from self._money()
        refused = CounterMetricFamily("visavis_refused", "Refused by the limits of people.", labels=["kind"])
        for kind, count in self._allowances.refused.items():
            refused.add_metric([kind], count)
        yield refused

    def _caches(self) -> Iterable[Metric]:
        hits = CounterMetricFamily("visavis_cache_hits", "Found in a cache.", labels=["space", "tier"])
        misses = CounterMetricFamily("visavis_cache_misses", "Not found in any cache.", labels=["space"])
        for space, counts in self._accounts.cache.counts.items():
            for tier, count in counts.hits.items():
                hits.add_metric([space, tier], count)
            misses.add_metric([space], counts.misses)
        yield hits
        yield misses

    def _money(self) -> Iterable[Metric]:
        totals = self._accounts.totals
        spent = CounterMetricFamily("visavis_cost_dollars", "Spent since the start, by stage.", labels=["stage"])
        for stage, nano in totals.by_stage.items():
            spent.add_metric([stage], nano / 1e9)
        yield spent
        yield CounterMetricFamily("visavis_saved_dollars", "Saved by caches and router.", value=totals.saved / 1e9)
        lost = CounterMetricFamily(
            "visavis_records_lost", "Turns that no database took.", value=self._accounts.writer.lost
        )
        yield lost


def chains(engines: Engines) -> list[tuple[str, list[EngineState]]]:
    """The rooms whose engines stand in chains, with the state of each engine."""
    return [("mind", engines.minds.states()), ("voice", engines.voices.states())]


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """For Prometheus, with the shared token as a bearer; and for admins."""
    if not request.app.state.identity.may_measure(person_of(request), request.headers):
        raise HTTPException(403, "Metrics are for admins, and for programs that know the token.")
    worker: Worker | None = request.app.state.worker
    text = await worker.everyone() if worker is not None else request.app.state.metrics.text()
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
