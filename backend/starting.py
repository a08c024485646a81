"""How `visavis serve` begins: a port that is free, and the address to open as the last line."""

import errno
import logging
import os
import socket

HERE = {"127.0.0.1", "0.0.0.0", "localhost", "::1", "::", ""}  # noqa: S104
"""Addresses under which this machine reaches its own server as localhost."""


class StartError(Exception):
    """The server cannot listen there; the message says what to do."""


def see_that_free(host: str, port: int) -> None:
    """Raises `StartError` when nothing could listen at *host* and *port*."""
    elsewhere = f"{host} is no address of this machine. Try --host 127.0.0.1, or 0.0.0.0 for all that it has."
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise StartError(elsewhere) from None
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":  # as the server itself does: a port in its last minute of closing is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
        except PermissionError:
            raise StartError(f"Port {port} is not for everybody to use. Try --port 8000.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise StartError(elsewhere) from None
            other = _free(family, host, port)
            taken = f"Port {port} of {host} is taken, perhaps by another Visavis that still runs."
            raise StartError(f"{taken} Stop that one, or use another: visavis serve --port {other}") from None


def _free(family: int, host: str, port: int) -> int:
    """A port near *port* that nobody uses."""
    for other in (*range(port + 1, min(port + 20, 65_536)), 0):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((host, other))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 0


def send_at_once() -> None:
    """Let connections send small frames at once, also those of the sockets that uvicorn opens for several processes.

    asyncio sees to that only for sockets that it opened itself: on others a frame waits until the one before it was
    acknowledged, which takes a browser up to 40 ms. Connections inherit the option of the socket that they came to.
    """
    import uvicorn  # noqa: PLC0415  (the other commands don't need it)

    bind = uvicorn.Config.bind_socket

    def bind_without_delay(self: uvicorn.Config) -> socket.socket:
        bound = bind(self)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound

    uvicorn.Config.bind_socket = bind_without_delay  # type: ignore[method-assign]


def address(host: str, port: int) -> str:
    """What to open in a browser on this machine."""
    name = "localhost" if host in HERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


class SayWhatToOpen(logging.Filter):
    """Lets uvicorn's last line of a start say what a person wants to know."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def filter(self, record: logging.LogRecord) -> bool:
        """Never keeps a line back."""
        if str(record.msg).startswith("Uvicorn running on"):
            record.msg, record.args = "Open %s (Ctrl+C stops the server)", (self._url,)
        return True
