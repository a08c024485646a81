"""Turns as traces in MLflow: its tracking server takes OpenTelemetry's spans itself (MLflow 3.6 and later).

`MLFLOW_TRACKING_URI` names the server, `MLFLOW_EXPERIMENT_ID` or `MLFLOW_EXPERIMENT_NAME` the experiment, which is
made when it is missing; `MLFLOW_TRACKING_TOKEN`, or `..._USERNAME` and `..._PASSWORD`, sign in. All as MLflow's own
client reads them, which is not needed here. https://mlflow.org/docs/latest/genai/tracing/opentelemetry/ingest/
"""

import base64
import json
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

log = logging.getLogger(__name__)

URI = "MLFLOW_TRACKING_URI"
EXPERIMENT = "x-mlflow-experiment-id"
PATIENCE = 5
DEFAULT = "0"
"""The experiment that every server has."""


class MlflowExporter(SpanExporter):
    """Sends spans to the experiment. It is asked for when the first spans are there, in the exporter's own thread."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._uri = self._environment.get(URI, "").strip().rstrip("/")
        self._exporter: OTLPSpanExporter | None = None
        self._told = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send *spans*. What cannot be sent is lost, and said once."""
        try:
            if self._exporter is None:
                headers = {**self._signed(), EXPERIMENT: self._experiment()}
                self._exporter = OTLPSpanExporter(f"{self._uri}/v1/traces", headers=headers, timeout=PATIENCE)
        except (OSError, ValueError, KeyError) as error:
            if not self._told:
                self._told = True
                log.warning("traces do not reach MLflow: %s. See %s.", type(error).__name__, URI)
            return SpanExportResult.FAILURE
        return self._exporter.export(spans)

    def shutdown(self) -> None:
        """Close the connection."""
        if self._exporter is not None:
            self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _experiment(self) -> str:
        """The experiment's id."""
        if number := self._environment.get("MLFLOW_EXPERIMENT_ID"):
            return number
        if not (name := self._environment.get("MLFLOW_EXPERIMENT_NAME")):
            return DEFAULT
        try:
            found = self._ask(f"get-by-name?experiment_name={quote(name, safe='')}")
            return str(found["experiment"]["experiment_id"])
        except HTTPError as error:
            if error.code != 404:
                raise
        return str(self._ask("create", {"name": name})["experiment_id"])

    def _ask(self, what: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {**self._signed(), "content-type": "application/json"}
        request = Request(f"{self._uri}/api/2.0/mlflow/experiments/{what}", data, headers)  # noqa: S310  (http, see above)
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found

    def _signed(self) -> dict[str, str]:
        if token := self._environment.get("MLFLOW_TRACKING_TOKEN"):
            return {"authorization": f"Bearer {token}"}
        if user := self._environment.get("MLFLOW_TRACKING_USERNAME"):
            password = self._environment.get("MLFLOW_TRACKING_PASSWORD", "")
            return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
        return {}
