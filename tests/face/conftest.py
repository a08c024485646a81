"""The face alone in a real Chromium: the stage is built once, served here, and visited."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import find
from tests.browser.conftest import FLAGS, WEBGL

ROOT = Path(__file__).parents[2]
REFERENCES = Path(__file__).parent / "references"


class Files(SimpleHTTPRequestHandler):
    """The built stage, the avatars beside it, and the reference pictures."""

    def translate_path(self, path: str) -> str:
        path = path.partition("?")[0]
        for prefix, folder in (("/avatar/", ROOT / "frontend/public/avatar"), ("/references/", REFERENCES)):
            if path.startswith(prefix):
                return str(folder / Path(path).name)
        return super().translate_path(path)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the stage."""
    vite = ROOT / "frontend/node_modules/.bin/vite"
    if not vite.exists() or not shutil.which("node"):
        pytest.skip("needs the client's packages: npm --prefix frontend ci")
    out = tmp_path_factory.mktemp("stage")
    config = Path(__file__).parent / "vite.config.mjs"
    command = [vite, "build", "--config", config, "--outDir", out]
    built = subprocess.run(command, cwd=ROOT / "frontend", capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(out))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/stage.html"
        server.shutdown()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium that draws with software GL.

    For this package alone: as long as Playwright's synchronous side is open, it has an event loop running in this
    thread, and no asynchronous test can start.
    """
    path = find()
    if not path:
        pytest.skip("needs Chromium: python -m tests.browser.chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *WEBGL])
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, stage: str) -> Iterator[Visit]:
    """Opens the stage with a query and waits for it; errors on the page fail the test."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": 600, "height": 600})

    def go(query: str, before: str = "") -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if before:
            page.add_init_script(before)
        page.goto(f"{stage}?{query}")
        page.wait_for_function("document.title === 'ready'", timeout=60_000)
        return page

    yield go
    context.close()
    assert not errors, errors
