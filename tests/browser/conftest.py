"""A real Chromium that visits the real server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, WebSocket, async_playwright

from backend import wire
from tests.browser.chromium import find
from tests.server import process

FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_WEBGL = ("--disable-gpu", "--disable-3d-apis")
AUTOPLAY = "--autoplay-policy={}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that needs nothing: offline mind, espeak-ng, the project's own documents."""
    environment = {
        "VISAVIS_VOICES": "espeak",
        "VISAVIS_DATA": str(tmp_path_factory.mktemp("data")),
        "VISAVIS_OPENAI_BASE_URL": "",
        "OPENAI_BASE_URL": "",
    }
    with process(environment) as (url, _):
        yield url


class Visitor:
    """A person at the page: acts through the page's own controls, looks at it through `window.visavis`."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.problems: list[str] = []
        """What must not happen: errors, refused by the content policy, requests to anyone else."""
        self.sound: dict[tuple[int, int], bytearray] = {}
        """The PCM that the server sent, by (turn, line)."""
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", lambda m: self.problems.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("request", lambda request: self._request(request.url))
        page.on("websocket", self._socket)

    def _request(self, url: str) -> None:
        if not url.startswith((self.origin, "blob:" + self.origin, "data:")):
            self.problems.append(f"request to {url}")

    def _socket(self, socket: WebSocket) -> None:
        def received(payload: str | bytes) -> None:
            if isinstance(payload, bytes):
                _, audio = wire.unpack(payload)
                self.sound.setdefault((audio.turn, audio.line), bytearray()).extend(audio.pcm)

        socket.on("framereceived", received)

    async def look(self, expression: str) -> Any:
        """The value of a JavaScript expression; `v` is `window.visavis`."""
        return await self.page.evaluate(f"() => {{ const v = window.visavis; return ({expression}) }}")

    async def until(self, expression: str, timeout: float = 20) -> Any:
        """Wait until the expression is truthy, and return it.

        Playwright's own way needs eval, which the page forbids.
        """
        deadline = time.monotonic() + timeout
        while True:
            if value := await self.look(f"window.visavis && ({expression})"):
                return value
            if time.monotonic() > deadline:
                state = await self.look("v && JSON.stringify([v.mode, v.state, v.line, v.conversation])")
                raise AssertionError(f"never came true: {expression}\n{state}\n{self.problems}")
            await asyncio.sleep(0.03)

    async def say(self, text: str) -> int:
        """Type *text* and send it. Returns the number of the turn that follows."""
        before = await self.look("v.state.turn")
        await self.page.fill("#words", text)
        await self.page.keyboard.press("Enter")
        return int(await self.until(f"v.state.turn > {before} && v.state.turn"))

    async def speaking(self, turn: int, after: float = 0.3) -> None:
        """Wait until *after* seconds of a line of *turn* are heard, aloud."""
        await self.until(f"v.line && v.line.turn === {turn} && v.line.seconds > {after} && ({RMS}) > 0.01")

    async def idle(self) -> None:
        """Wait until nothing goes on."""
        await self.until("v.mode === 'idle' && v.state.turn > 0", 60)


RMS = "(s => Math.hypot(...s) / Math.sqrt(s.length))(v.samples())"
"""Loudness of the last samples that went to the speaker."""

Visit = Callable[..., Awaitable[Visitor]]


@asynccontextmanager
async def chromium(*flags: str, **context: Any) -> AsyncIterator[BrowserContext]:
    """A fresh Chromium with these flags and one context."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=[*FLAGS, *flags])
        try:
            yield await browser.new_context(**context)
        finally:
            await browser.close()


@pytest.fixture
async def visit(server: str) -> AsyncIterator[Visit]:
    """Opens the page: `await visit(locked=False, webgl=False, url=None, script=None, **context)`.

    `locked` leaves the browser's autoplay rule in place. At the end nothing may have gone wrong on any page.
    """
    visitors: list[Visitor] = []
    async with AsyncExitStack() as stack:

        async def one(
            *, locked: bool = False, webgl: bool = False, url: str | None = None, script: str = "", **context: Any
        ) -> Visitor:
            policy = AUTOPLAY.format("document-user-activation-required" if locked else "no-user-gesture-required")
            graphics = WEBGL if webgl else NO_WEBGL
            page = await (await stack.enter_async_context(chromium(policy, *graphics, **context))).new_page()
            # Drawing in 3D without a graphics card keeps a busy machine's browser waiting.
            page.set_default_timeout(60_000)
            if script:
                await page.add_init_script(script)
            visitor = Visitor(page, (url or server))
            visitors.append(visitor)
            await page.goto(f"{url or server}/?debug")
            await visitor.until("v.state.link === 'open'")
            return visitor

        yield one
        for visitor in visitors:
            # Where there is no WebGL on purpose, three.js says so.
            assert [problem for problem in visitor.problems if "WebGL" not in problem] == []
