"""Lakebase, Databricks' PostgreSQL: an address from the environment, and a password that lives an hour."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from backend.keeping import KeepingError, Tokens

EARLY = 300.0
"""Seconds before its end at which a token is not used any more."""

Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Gives a token and when it ends (seconds since the epoch)."""


def address(environment: Mapping[str, str]) -> str:
    """The SQLAlchemy address in PGHOST, PGPORT, PGDATABASE, PGUSER and PGSSLMODE; empty when there is none."""
    host, user = environment.get("PGHOST", ""), environment.get("PGUSER", "")
    if not host or not user:
        return ""
    port = environment.get("PGPORT") or "5432"
    database = quote(environment.get("PGDATABASE") or "databricks_postgres", safe="")
    mode = quote(environment.get("PGSSLMODE") or "require", safe="")
    return f"postgresql+asyncpg://{quote(user, safe='')}@{host}:{port}/{database}?ssl={mode}"


def cached(fetch: Fetch, clock: Callable[[], float] = time.time) -> Tokens:
    """Tokens from *fetch*, each used until shortly before its end; one fetch at a time."""
    token, until = "", 0.0
    lock = asyncio.Lock()

    async def tokens() -> str:
        nonlocal token, until
        async with lock:
            if clock() >= until - EARLY:
                token, until = await fetch()
            return token

    return tokens


async def fetch() -> tuple[str, float]:
    """A token of the app's service principal (or whoever the SDK is configured for), fetched off the event loop."""
    return await asyncio.to_thread(_fetch)


def _fetch() -> tuple[str, float]:
    try:
        from databricks.sdk.core import Config  # noqa: PLC0415
    except ImportError:
        raise KeepingError("Lakebase needs the Databricks SDK.", "pip install databricks-sdk") from None
    try:
        token = Config(retry_timeout_seconds=3).oauth_token()
    except (ValueError, OSError) as error:
        reason = f"Databricks gave no token for Lakebase ({type(error).__name__})."
        raise KeepingError(
            reason, "Check DATABRICKS_HOST, DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET."
        ) from None
    ends = token.expiry.timestamp() if token.expiry else time.time() + 3_600
    return token.access_token, ends
