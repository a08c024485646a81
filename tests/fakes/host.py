"""How a fake service is run: inside a test, in a thread, or as a process of its own beside a benchmark."""

import argparse
import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import aiohttp
from aiohttp import web


class Fake:
    """A local HTTP server. `async with` runs it on the test's own loop, `in_thread` on a loop of its own.

    Besides what it imitates it answers `GET /log` (what was asked of it) and `POST /settings` (a JSON object
    of attributes to set), so that a benchmark can steer it from outside the process.
    """

    scheme = "http"
    path = ""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{self.path}"

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def log(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def set(self, **settings: Any) -> None:
        for name, value in settings.items():
            if not hasattr(self, name) or callable(getattr(self, name)):
                raise KeyError(name)
            setattr(self, name, value)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([*self.routes(), web.get("/log", self._log), web.post("/settings", self._settings)])
        # A request whose client has gone is cancelled, so that the log can say so.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @contextlib.contextmanager
    def in_thread(self) -> Iterator[Self]:
        started, loop = threading.Event(), asyncio.new_event_loop()
        finish = asyncio.Event()

        async def serve() -> None:
            async with self:
                started.set()
                await finish.wait()

        def run() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(serve())

        thread = threading.Thread(target=run)
        thread.start()
        started.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(finish.set)
            thread.join()

    async def _log(self, _: web.Request) -> web.Response:
        return web.json_response(self.log())

    async def _settings(self, request: web.Request) -> web.Response:
        self.set(**await request.json())
        return web.json_response({})


def main(fake: Fake, *settings: str) -> None:
    """Serve *fake* as a process: prints its URL first, and runs until interrupted or standard input ends."""
    parser = argparse.ArgumentParser(description=type(fake).__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--stay", action="store_true", help="keep running when standard input ends")
    for name in settings:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(fake, name))
    options = vars(parser.parse_args())
    fake.port, stay = options.pop("port"), options.pop("stay")
    fake.set(**options)

    async def serve() -> None:
        async with fake:
            print(fake.url, flush=True)
            if stay:
                await asyncio.Event().wait()
            # Dies with the one who started it.
            await asyncio.to_thread(sys.stdin.read)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())


class Remote:
    """A fake in a process of its own."""

    def __init__(self, url: str, pid: int = 0) -> None:
        self.url = url
        self.pid = pid
        _, _, rest = url.partition("://")
        self._root = "http://" + rest.partition("/")[0]

    async def set(self, **settings: Any) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self._root}/settings", json=settings) as answer,
        ):
            answer.raise_for_status()

    async def log(self) -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as session, session.get(f"{self._root}/log") as answer:
            return json.loads(await answer.text())


@contextlib.asynccontextmanager
async def process(module: str, *arguments: str) -> AsyncIterator[Remote]:
    """Run `python -m module` until the block ends: `async with process("tests.fakes.edge") as edge`."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, stdin=pipe, stdout=pipe)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield Remote((await child.stdout.readline()).decode().strip(), child.pid)
    finally:
        child.stdin.close()
        await child.wait()
