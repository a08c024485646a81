"""A Databricks workspace: who we are there, found out and renewed off the event loop.

The SDK is used for configuration and auth alone. Its `Config()` blocks for minutes on an unreachable host, and
`authenticate()` may renew a token over a socket without a time limit: both run in a thread of their own.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from backend.fallback import EngineError
from backend.thinking.connection import NO_KEY

if TYPE_CHECKING:
    import httpx2
    from databricks.sdk.core import Config

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds for configuration or a token, at most; a wrong host is said after `retry_timeout_seconds` already."""

_SETUP = "Run: databricks auth login, or set DATABRICKS_HOST and DATABRICKS_TOKEN."


class Workspace:
    """Unified auth: a profile, a token, a service principal, whatever `databricks-sdk` finds in the environment.

    *settings* go to the SDK's `Config` as they are (`host`, `token`, `profile`, `client_id`, ...).
    """

    def __init__(self, **settings: str) -> None:
        self._settings: dict[str, Any] = {name: value for name, value in settings.items() if value}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="databricks-auth")
        self._config: Config | None = None
        self._asking: asyncio.Future[dict[str, str]] | None = None

    async def host(self) -> str:
        """The workspace's address, "https://...". Raises `EngineError`."""
        config = await self._run(self._open)
        return str(config.host).rstrip("/")

    async def headers(self) -> dict[str, str]:
        """Fresh headers of authorization; many callers share one renewal. Raises `EngineError`."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._run(self._authenticate))
        return await asyncio.shield(self._asking)

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> "Config":
        if self._config is None:
            from databricks.sdk.core import Config  # noqa: PLC0415

            self._config = Config(
                retry_timeout_seconds=3,
                http_timeout_seconds=3,
                product="visavis",
                product_version="0.1",
                **self._settings,
            )
        return self._config

    def _authenticate(self) -> dict[str, str]:
        return dict(self._open().authenticate())

    async def _run(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE):
                return await loop.run_in_executor(self._thread, work)
        except ModuleNotFoundError:
            raise EngineError("The Databricks library is not installed.", "Run: uv sync --extra databricks") from None
        except TimeoutError:
            raise EngineError("The Databricks workspace does not answer.", "Check DATABRICKS_HOST.") from None
        except ValueError:  # the SDK's message holds the settings: not a word of it
            raise EngineError("Databricks is not set up, or the sign-in has expired.", _SETUP) from None
        except Exception as error:
            raise EngineError(f"Signing in to Databricks failed ({type(error).__name__}).", _SETUP) from None


def auth_of(workspace: Workspace) -> "httpx2.Auth":
    """What signs requests as *workspace*, unless they are signed already (on behalf of a person)."""
    import httpx2  # noqa: PLC0415

    class UnifiedAuth(httpx2.Auth):
        async def async_auth_flow(self, request: "httpx2.Request") -> "AsyncGenerator[httpx2.Request, Any]":
            if request.headers.get("authorization", "") in ("", f"Bearer {NO_KEY}"):
                request.headers.update(await workspace.headers())
            yield request

    return UnifiedAuth()
