"""Addresses among the settings: a wrong one is told of at start, not when somebody waits for an answer."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def address(*schemes: str, example: str, bare: bool = False) -> Callable[[str], str]:
    """A check for an address that begins with one of *schemes*; empty is fine. *bare*: a host alone is, too."""
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(value: str) -> str:
        value = value.strip()
        if not value:
            return value
        full = f"{schemes[0]}://{value}" if bare and "://" not in value else value
        # Without its value: some have a password in them.
        if not any(full.lower().startswith(f"{scheme}://") for scheme in schemes):
            raise ValueError(f"This has to begin with {wanted}, for example {example}")
        try:
            parts = urlsplit(full)
            broken = not (parts.hostname or parts.scheme == "unix") or any(map(str.isspace, full)) or parts.port == 0
        except ValueError:
            broken = True
        if broken:
            raise ValueError(f"This is no address that could be asked; one looks like {example}")
        return value

    return check


WebAddress = Annotated[str, AfterValidator(address("http", "https", example="https://models.example.com/v1"))]
SocketAddress = Annotated[str, AfterValidator(address("wss", "ws", example="wss://relay.example.com/edge"))]

redis_address = address("redis", "rediss", "unix", example="redis://localhost:6379")
workspace_address = address("https", "http", example="https://my-workspace.cloud.databricks.com", bare=True)
"""What the Databricks SDK takes; the platform itself gives its apps the host alone."""


def is_here(web: str) -> bool:
    """Whether *web* is an address of this machine, which nobody else can answer for."""
    name = urlsplit(web).hostname or ""
    return name in {"localhost", "127.0.0.1", "::1"} or name.endswith(".localhost")


def database_address(value: str) -> str:
    """A check for SQLAlchemy's addresses with the drivers that are here; empty is fine."""
    if not value or value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        return value
    raise ValueError(
        "This has to begin with postgresql+asyncpg:// or sqlite+aiosqlite:///, for example "
        "postgresql+asyncpg://user@localhost/visavis"
    )


LAKEBASE = "lakebase"
"""Instead of an address: the PostgreSQL that the platform names in PGHOST and PGUSER."""


def knowledge_address(value: str) -> str:
    """A check for where vectors can be kept beside text: PostgreSQL, or the platform's `lakebase`; empty is fine."""
    if not value or value == LAKEBASE or value.startswith("postgresql+asyncpg://"):
        return value
    raise ValueError(
        "This has to be lakebase or begin with postgresql+asyncpg://, for example "
        "postgresql+asyncpg://user@localhost/visavis"
    )
