"""Who is asking: the name that a Databricks App's proxy vouches for, or the one person at their own machine.

The headers can be trusted only behind that proxy, which sets them on every request; elsewhere anybody could send
them, so they count only where the platform's own variables say that the app runs there.
"""

import os
from typing import Any, Protocol

from starlette.datastructures import Headers

LOCAL = "local"
HEADER = "x-forwarded-email"


class Connection(Protocol):
    """A request or a websocket."""

    @property
    def headers(self) -> Headers: ...
    @property
    def app(self) -> Any: ...


def behind_proxy() -> bool:
    """Whether this process is a Databricks App."""
    return bool(os.environ.get("DATABRICKS_APP_NAME"))


def owner_of(connection: Connection) -> str:
    """The person's name for everything that is kept."""
    if not behind_proxy():
        return LOCAL
    return connection.headers.get(HEADER, "").strip().lower()[:320] or "unknown"


def may_see_everyone(connection: Connection) -> bool:
    """Whether they may see who spent what: the one person at their own machine, and those named as admins."""
    admins: tuple[str, ...] = getattr(connection.app.state.settings, "admins", ())
    return not behind_proxy() or owner_of(connection) in {admin.lower() for admin in admins}
