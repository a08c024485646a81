"""Logs: plain lines for a person, or one JSON object a line for a collector.

Every line carries the ids of what it belongs to (request, session, turn), and never what was said: messages are
constants with counts and reasons. Ids are no tokens; nobody can come back with one.
"""

import json
import logging
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any, Literal

Format = Literal["text", "json"]
_ids: ContextVar[MutableMapping[str, str]] = ContextVar("visavis_ids")
MESSAGE_LIMIT = 2_000
"""Letters of a message; a library may quote what it was sent."""


def short(token: str) -> str:
    """An id for logs and traces that belongs to *token* and does not give it away."""
    return blake2b(token.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """What is logged within belongs to these ids, also in tasks that are begun within."""
    token = _ids.set({**_ids.get({}), **{name: str(one) for name, one in ids.items()}})
    try:
        yield
    finally:
        _ids.reset(token)


class Json(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:MESSAGE_LIMIT],
            **_ids.get({}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = self.formatException(record.exc_info)[-MESSAGE_LIMIT:]
        return json.dumps(line, ensure_ascii=False)


class Text(logging.Formatter):
    """For a person: the ids at the end, where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        if record.name.startswith("uvicorn"):
            record.name = "uvicorn"  # its lines stand under "uvicorn.error", be they never so good
        ids = " ".join(f"{name}={one}" for name, one in _ids.get({}).items())
        return super().format(record) + (f" [{ids}]" if ids else "")


def set_up(kind: Format, level: int = logging.INFO) -> None:
    """Send everything to standard error in this format, uvicorn's lines included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if kind == "json" else Text("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Addresses of requests are the proxy's business, and httpx tells every request's whole address.
    for name in ("uvicorn.access", "httpx", "httpx2", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
