"""The workspace's side of a deployment: is everything there that the app is to be given, and may it be used?

Only looks. The one request that costs anything asks the model for one token, because an endpoint can be READY and
yet refuse (a rate limit of 0).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from backend.deploying import Finding
from backend.deploying.files import Bundle

SIGN_IN = "Run: databricks auth login --host https://<your workspace>"


class WorkspaceError(Exception):
    """The workspace answered with an error: `status` and its own code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}".strip())
        self.status = status


class Ask(Protocol):
    """Asks the workspace's REST API. Raises `WorkspaceError`."""

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]: ...


def sign_in(host: str = "") -> Ask:
    """An `Ask` over the SDK's sign-in (a profile, a token, a service principal). Raises `WorkspaceError`."""
    try:
        from databricks.sdk import WorkspaceClient  # noqa: PLC0415
        from databricks.sdk.core import Config  # noqa: PLC0415
        from databricks.sdk.errors.base import DatabricksError  # noqa: PLC0415
    except ImportError:
        raise WorkspaceError(0, "The Databricks SDK is missing: uv sync --extra databricks") from None
    try:
        # Its own patience is five minutes.
        config = Config(
            host=host or None,
            retry_timeout_seconds=10,
            http_timeout_seconds=20,
            product="visavis",
            product_version="0.1",
        )
        api = WorkspaceClient(config=config).api_client
    except ValueError:
        raise WorkspaceError(401, "not signed in") from None

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = api.do(method, path, body=body)
        except DatabricksError as error:
            raise WorkspaceError(_status(error), error.error_code or type(error).__name__) from None
        except (OSError, ValueError, TimeoutError) as error:
            raise WorkspaceError(0, type(error).__name__) from None
        return answer if isinstance(answer, dict) else {}

    return ask


def look(bundle: Bundle, ask: Ask) -> Iterator[Finding]:
    """Who is signed in, then each resource of the app."""
    try:
        me = ask("GET", "/api/2.0/preview/scim/v2/Me")
    except WorkspaceError as error:
        yield Finding("sign-in", "wrong", str(error), SIGN_IN)
        return
    yield Finding("sign-in", "good", str(me.get("userName", "")))
    for resource in bundle.resources:
        yield from _resource(resource, ask)
    yield _standing(bundle, ask)


def _resource(resource: Mapping[str, Any], ask: Ask) -> Iterator[Finding]:
    kinds: dict[str, Callable[[Mapping[str, Any], Ask], Finding]] = {
        "serving_endpoint": _endpoint,
        "uc_securable": _index,
        "database": _lakebase,
        "secret": _secret,
    }
    for kind, check in kinds.items():
        if kind in resource:
            try:
                yield check(resource[kind], ask)
            except WorkspaceError as error:
                name = str(resource["name"])
                if error.status == 404:
                    yield Finding(name, "wrong", f"is not there: {_named(resource[kind])}", _BRING[kind])
                elif error.status == 403:
                    yield Finding(name, "wrong", f"you may not see {_named(resource[kind])}", "Ask its owner.")
                else:
                    yield Finding(name, "wrong", f"could not be asked: {error}")


def _endpoint(wanted: Mapping[str, Any], ask: Ask) -> Finding:
    name = str(wanted["name"])
    found = ask("GET", f"/api/2.0/serving-endpoints/{quote(name, safe='')}")
    if (found.get("state") or {}).get("ready") != "READY":
        return Finding("model", "wrong", f"{name} is not ready", "Wait, or choose another: --var model=...")
    question = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    try:
        ask("POST", f"/serving-endpoints/{quote(name, safe='')}/invocations", question)
    except WorkspaceError as error:
        if error.status == 501:
            remedy = "The app asks there by itself."
            return Finding("model", "warning", f"{name} is served by the AI Gateway only", remedy)
        if error.status == 429:
            return Finding("model", "warning", f"{name} is throttled at the moment")
        remedy = "Choose another: --var model=..."
        return Finding("model", "wrong", f"{name} is ready and yet refuses ({error})", remedy)
    return Finding("model", "good", f"{name} answers")


def _index(wanted: Mapping[str, Any], ask: Ask) -> Finding:
    name = str(wanted["securable_full_name"])
    found = ask("GET", f"/api/2.0/vector-search/indexes/{quote(name, safe='')}")
    status = found.get("status") or {}
    if not status.get("ready"):
        return Finding("documents", "wrong", f"{name} is not ready", str(status.get("message", ""))[:200])
    return Finding("documents", "good", f"{name}, {status.get('indexed_row_count', '?')} passages")


def _lakebase(wanted: Mapping[str, Any], ask: Ask) -> Finding:
    name = str(wanted["instance_name"])
    found = ask("GET", f"/api/2.0/database/instances/{quote(name, safe='')}")
    state = str(found.get("state", "unknown"))
    if state != "AVAILABLE":
        return Finding("conversations", "wrong", f"Lakebase {name} is {state.lower()}", "Start it, or wait.")
    return Finding("conversations", "good", f"Lakebase {name}")


def _secret(wanted: Mapping[str, Any], ask: Ask) -> Finding:
    scope, key = str(wanted["scope"]), str(wanted["key"])
    found = ask("GET", f"/api/2.0/secrets/list?scope={quote(scope, safe='')}")
    if key not in {one.get("key") for one in found.get("secrets", [])}:
        raise WorkspaceError(404, "no such key")
    return Finding("secret", "good", f"{scope}/{key}")


def _standing(bundle: Bundle, ask: Ask) -> Finding:
    try:
        found = ask("GET", f"/api/2.0/apps/{quote(bundle.app, safe='')}")
    except WorkspaceError as error:
        if error.status == 404:
            return Finding("app", "good", f"{bundle.app} will be new")
        return Finding("app", "warning", f"{bundle.app}: {error}", "Are Databricks Apps enabled here?")
    state = str((found.get("compute_status") or {}).get("state", "unknown")).lower()
    if state == "active":
        return Finding("app", "good", f"{bundle.app} is there and runs, and costs money while it does")
    remedy = f"After deploying: databricks bundle run visavis -t {bundle.target}"
    return Finding("app", "good", f"{bundle.app} is there, and {state}", remedy)


def _named(wanted: Mapping[str, Any]) -> str:
    keys = ("name", "securable_full_name", "instance_name", "scope", "key")
    return "/".join(str(wanted[key]) for key in keys if key in wanted)


def _status(error: Exception) -> int:
    """The SDK names errors by class; the status is that of the class."""
    known = {"Unauthenticated": 401, "PermissionDenied": 403, "NotFound": 404, "ResourceDoesNotExist": 404,
             "TooManyRequests": 429, "RequestLimitExceeded": 429, "NotImplemented": 501}  # fmt: skip
    return next((known[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in known), 500)


_BRING = {
    "serving_endpoint": "Choose one that is there: databricks serving-endpoints list, then --var model=...",
    "uc_securable": "Make it (docs/deploy.md), or leave the resource out: the embedded search needs none.",
    "database": "databricks database create-database-instance visavis --capacity CU_1",
    "secret": "databricks secrets create-scope visavis && databricks secrets put-secret visavis redis-url",
}
