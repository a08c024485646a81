"""The real server for tests: uvicorn on a free port, in this process or in one of its own."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from backend.main import create_app
from backend.settings import Settings

ROOT = Path(__file__).parents[1]


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[str]:
    """The server on this loop, for tests that look inside. Yields its address."""
    app = create_app(Settings(**settings))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws_max_size=1024 * 1024)
    server = uvicorn.Server(config)
    # Named as TCP, or asyncio leaves Nagle's algorithm on, and every answer in two pieces waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def process(
    environment: dict[str, str], port: int | None = None, *options: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The server as a person starts it, `visavis serve`, in a process of its own. Yields (address, process)."""
    port = port or free_port()
    command = [sys.executable, "-m", "backend.cli", "serve", "--port", str(port), *options]
    child = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, child)
        yield url, child
    finally:
        child.terminate()
        child.wait(15)


def wait_for(url: str, child: subprocess.Popen[bytes], limit: float = 20) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url + "/health/live", timeout=1).close()
            return
        except OSError:
            if child.poll() is not None:
                raise RuntimeError(f"the server ended with {child.returncode}") from None
            time.sleep(0.02)
    raise TimeoutError(f"no answer from {url}")
