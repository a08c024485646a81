"""The ASGI app: settings in, engines out, routes mounted (`uvicorn backend.main:app`)."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from backend.accounts import Accounts
from backend.allowance import Allowances
from backend.engines import build, close, models, warm
from backend.fallback import EngineError
from backend.serving import costs, description, door, health, pages, records, signin, socket
from backend.serving import metrics as serving_metrics
from backend.serving.door import Door
from backend.serving.draining import Draining
from backend.serving.identity import Identity
from backend.serving.metrics import Metrics, Standing
from backend.serving.oidc import Oidc
from backend.serving.security import SecurityHeaders
from backend.serving.workers import FOLDER, Worker
from backend.sessions import Sessions
from backend.settings import Settings, SettingsError, load
from backend.spending.prices import PriceError
from backend.supervision import Supervised
from backend.tracing import Traces, tracked, wanted

log = logging.getLogger(__name__)

ROUTERS = (
    health.router,
    door.router,
    signin.router,
    serving_metrics.router,
    pages.router,
    costs.router,
    records.router,
    socket.router,
    description.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app for *settings*, or for those of the environment. Exits with a plain message when one is wrong."""
    if settings is None:
        try:
            settings = load()
        except SettingsError as error:
            raise SystemExit(f"visavis cannot start, a setting is wrong:\n{error}") from None

    if settings.oidc_issuer and (missing := Oidc.missing()):
        raise SystemExit(f"visavis cannot start. {missing}")
    try:
        accounts = Accounts(settings)
    except PriceError as error:
        raise SystemExit(f"visavis cannot start, the price book is wrong:\n{error}") from None

    metrics, traces = Metrics(), _traces()
    worker = _worker(metrics)
    accounts.watchers += [metrics, *([traces] if traces is not None else [])]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with Supervised() as group:
            app.state.engines = engines = build(settings, accounts.cache if accounts.caching else None)
            accounts.meet(partial(models, engines), engines.base.embedder)
            app.state.sessions = sessions = Sessions(settings, engines, group, accounts)
            metrics.registry.register(Standing(engines, sessions, accounts, app.state.allowances))
            # Models and imports warm up behind a server that already answers.
            background = [
                group.create_task(warm(engines, settings), name="warm"),
                group.create_task(sessions.sweep(), name="sweep"),
                group.create_task(metrics.look(), name="look at the loop"),
            ]
            records = group.create_task(accounts.run(), name="records")
            app.state.draining = draining = Draining(sessions)
            draining.install()
            async with worker or nullcontext():
                yield
            draining.uninstall()
            # What the last turns cost is written down before the records are closed.
            await sessions.end()
            records.cancel()
            for task in background:
                task.cancel()
        await sessions.close()
        await accounts.close()
        await close(engines)
        await identity.oidc.close()
        if traces is not None:
            await asyncio.to_thread(traces.close)

    app = FastAPI(
        title=settings.name, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None,
        version=version("visavis"), responses=description.RESPONSES,
    )  # fmt: skip
    app.state.settings = settings
    app.state.started = time.monotonic()
    app.state.accounts = accounts
    app.state.metrics = metrics
    app.state.worker = worker
    app.state.allowances = Allowances(settings)
    app.state.identity = identity = Identity(settings)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(Door, identity=identity, origins=settings.origins)
    app.add_middleware(SecurityHeaders)
    for router in ROUTERS:
        app.include_router(router)
    pages.mount_static(app)
    return app


def _worker(metrics: Metrics) -> Worker | None:
    """This process among others of its server, where there are any."""
    folder = os.environ.get(FOLDER)
    return Worker(Path(folder), metrics.text) if folder else None


def _traces() -> Traces | None:
    if os.environ.get("MLFLOW_TRACKING_URI") and not tracked():
        log.warning("MLFLOW_TRACKING_URI names no server that takes traces; it has to begin with http:// or https://.")
    try:
        return Traces() if wanted() else None
    except EngineError as error:
        log.warning("%s %s", error.reason, error.remedy)
        return None


def __getattr__(name: str) -> FastAPI:
    # `app` is made when a server asks for it, so that importing this module has no side effects.
    if name != "app":
        raise AttributeError(name)
    with suppress(KeyError):
        return globals()["_app"]  # type: ignore[no-any-return]
    globals()["_app"] = create_app()
    return globals()["_app"]  # type: ignore[no-any-return]
