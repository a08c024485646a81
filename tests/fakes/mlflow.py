"""An MLflow tracking server as far as traces need it: experiments by name, and OTLP over HTTP for one of them.

Answers as MLflow 3 does: RESOURCE_DOES_NOT_EXIST with 404 for an unknown experiment, spans only as protobuf and only
with the header that names an experiment which there is.
"""

from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.fakes.host import Fake


class MlflowFake(Fake):
    """`spans` are those that came: (experiment's id, name, attributes)."""

    def __init__(self) -> None:
        super().__init__()
        self.experiments = {"Default": "0"}
        self.spans: list[tuple[str, str, dict[str, Any]]] = []
        self.token = ""

    def log(self) -> list[dict[str, Any]]:
        return [{"experiment": one, "name": name} for one, name, _ in self.spans]

    def routes(self) -> list[web.RouteDef]:
        root = "/api/2.0/mlflow/experiments"
        return [
            web.get(f"{root}/get-by-name", self._by_name),
            web.post(f"{root}/create", self._create),
            web.post("/v1/traces", self._traces),
        ]

    def _in(self, request: web.Request) -> None:
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            raise web.HTTPUnauthorized

    async def _by_name(self, request: web.Request) -> web.Response:
        self._in(request)
        name = request.query["experiment_name"]
        if name not in self.experiments:
            return web.json_response({"error_code": "RESOURCE_DOES_NOT_EXIST"}, status=404)
        return web.json_response({"experiment": {"experiment_id": self.experiments[name], "name": name}})

    async def _create(self, request: web.Request) -> web.Response:
        self._in(request)
        name = (await request.json())["name"]
        self.experiments[name] = str(len(self.experiments))
        return web.json_response({"experiment_id": self.experiments[name]})

    async def _traces(self, request: web.Request) -> web.Response:
        self._in(request)
        experiment = request.headers.get("x-mlflow-experiment-id", "")
        if request.content_type != "application/x-protobuf" or experiment not in self.experiments.values():
            raise web.HTTPBadRequest
        batch = ExportTraceServiceRequest.FromString(await request.read())
        for resource in batch.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes = {one.key: one.value.string_value for one in span.attributes}
                    self.spans.append((experiment, span.name, attributes))
        return web.Response(content_type="application/x-protobuf")
