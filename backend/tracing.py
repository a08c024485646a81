"""OpenTelemetry: every turn as a trace, its stages as spans. An extra: `pip install 'visavis[traces]'`.

It is on where the usual variable names a collector (`OTEL_EXPORTER_OTLP_ENDPOINT`, which Databricks Apps set with
telemetry on), or `MLFLOW_TRACKING_URI` an MLflow server (`mlflow.py`); both, where both are set. Spans are made when
the turn is over, from its marks, so nothing of this lies in the way of a sound.
Spans carry ids, times, engines and money; never words.
"""

import os
from typing import TYPE_CHECKING

from backend.fallback import EngineError
from backend.watching import Seen

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
STAGES = (
    # (span, begins at the mark, ends at the mark); "" is the turn's own beginning
    ("knowledge", "", "knowledge"),
    ("mind", "knowledge", "first_token"),
    ("first clause", "first_token", "first_clause"),
    ("voice", "first_clause", "first_voice"),
    ("first sound", "first_voice", "first_sound"),
    ("the rest", "first_sound", "done"),
)


def wanted() -> bool:
    """Whether the environment names a collector, or an MLflow server."""
    return _collector() or tracked()


def tracked() -> bool:
    """Whether MLflow keeps the turns."""
    return os.environ.get("MLFLOW_TRACKING_URI", "").strip().startswith(("http://", "https://"))


def _collector() -> bool:
    return any(os.environ.get(name) for name in ENDPOINTS)


class Traces:
    """A `Watcher` that exports. Raises `EngineError` when the extra is missing."""

    def __init__(self, processor: "SpanProcessor | None" = None) -> None:
        try:
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

            processors = [processor] if processor is not None else _exporting()
        except ImportError:
            raise EngineError("Traces need OpenTelemetry.", "pip install 'visavis[traces]'") from None
        resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "visavis")})
        self._provider: TracerProvider = TracerProvider(resource=resource)
        for one in processors:
            self._provider.add_span_processor(one)
        self._tracer = self._provider.get_tracer("visavis")

    def turn(self, seen: Seen) -> None:
        """A turn is over."""
        from opentelemetry.trace import StatusCode, set_span_in_context  # noqa: PLC0415

        marks = {name: after for name, after in seen.marks.items() if after is not None}
        span = self._tracer.start_span(
            "turn",
            start_time=_nano(seen.began),
            attributes={
                # The names that GenAI observability tools look for, MLflow's included.
                "session.id": seen.session,
                "gen_ai.conversation.id": seen.session,
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": seen.answered_by,
                "visavis.turn": seen.number,
                "visavis.origin": seen.origin,
                "visavis.why": seen.why,
                "visavis.tokens": seen.tokens,
                "visavis.cost_dollars": seen.nano / 1e9,
                "visavis.sound_seconds": round(seen.sound, 3),
                "visavis.starved_seconds": round(seen.starved, 3),
            },
        )
        if seen.why == "failed":
            span.set_status(StatusCode.ERROR)
        inside = set_span_in_context(span)
        reached = 0.0
        for name, begins, ends in STAGES:
            if ends not in marks:
                continue
            start = marks.get(begins, reached)
            child = self._tracer.start_span(name, inside, start_time=_nano(seen.began + start / 1000))
            child.end(_nano(seen.began + marks[ends] / 1000))
            reached = marks[ends]
        span.end(_nano(seen.began + max(marks.values(), default=0.0) / 1000))

    def close(self) -> None:
        """Export what waits. Blocks for as long as the exporter does; not for the event loop."""
        self._provider.shutdown()


def _exporting() -> "list[SpanProcessor]":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    found: list[SpanProcessor] = [BatchSpanProcessor(OTLPSpanExporter(timeout=5))] if _collector() else []
    if tracked():
        from backend.mlflow import MlflowExporter  # noqa: PLC0415

        found.append(BatchSpanProcessor(MlflowExporter()))
    return found


def _nano(seconds: float) -> int:
    return round(seconds * 1e9)
