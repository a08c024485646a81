"""The deployment, rehearsed: from a clean clone to a conversation, as on the platform."""

import asyncio
import shutil
import signal
import time
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.deploy import platform
from tests.fakes.databricks import DatabricksFake
from tests.fakes.edge import EdgeFake
from tests.server import free_port, wait_for
from tests.talker import Talker

GRACE, START = 15, 60
"""Seconds from SIGTERM to SIGKILL; and for the start, generous because other tests may run beside this one."""
HEADERS = {
    "X-Forwarded-Email": "ada@example.com",
    "X-Forwarded-User": "1234@5678",
    "X-Forwarded-Preferred-Username": "ada",
    "X-Forwarded-Host": "visavis-dev-1.aws.databricksapps.com",
    "X-Real-Ip": "203.0.113.7",
    "X-Request-Id": "7d0f",
}


def test_nothing_is_too_large_for_the_platform(tmp_path: Path) -> None:
    platform.clone(tmp_path / "app")
    large = [p for p in (tmp_path / "app").rglob("*") if p.is_file() and p.stat().st_size > platform.FILE_LIMIT]
    assert not [path for path in large if ".git" not in path.parts]


@pytest.mark.timeout(400)
async def test_from_a_clean_clone_to_a_conversation(tmp_path: Path) -> None:
    if not (shutil.which("uv") and shutil.which("npm")):
        pytest.skip("needs uv and npm")
    folder, home = tmp_path / "app", tmp_path / "home"
    home.mkdir()
    platform.clone(folder)
    environment = platform.bare_environment(home)
    await asyncio.to_thread(platform.build, folder, environment)
    names = {path.name for path in (folder / ".venv").glob("lib/python*/site-packages/*")}
    assert not names & {"torch", "playwright", "sklearn", "pytest"}, "only what the app needs is installed"

    async with DatabricksFake() as workspace, EdgeFake() as edge:
        workspace.answer = "It runs on two cores. That is all it needs."
        port = free_port()
        environment |= {
            "DATABRICKS_HOST": workspace.url,
            "DATABRICKS_CLIENT_ID": "client-id",
            "DATABRICKS_CLIENT_SECRET": "client-secret",
            "VISAVIS_EDGE_URL": edge.url,
            "VISAVIS_DATA": str(tmp_path / "data"),
        }
        server = platform.start(folder, environment, port, {"model": "databricks-small"})
        try:
            url = f"http://127.0.0.1:{port}"
            began = time.monotonic()
            await asyncio.to_thread(wait_for, url, server, START)
            print(f"answered {time.monotonic() - began:.1f} s after its start")
            await converse(url)
        finally:
            server.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.wait, GRACE)
    assert set(workspace.callers) == {"client-id"}, "it asked as the app's service principal"
    assert edge.requests, "Edge spoke"


async def converse(url: str) -> None:
    """Open the page, then talk, with what the platform's proxy adds to every request."""
    page = urllib.request.Request(url, headers=HEADERS)
    with await asyncio.to_thread(urllib.request.urlopen, page) as answer:
        assert b"<title>Visavis</title>" in answer.read()
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    origin = "https://visavis-dev-1.aws.databricksapps.com"
    async with connect(
        url.replace("http", "ws") + "/ws", additional_headers=HEADERS, origin=origin, max_size=None
    ) as socket:
        person = Talker(socket)
        tasks = [asyncio.create_task(person.listen()), asyncio.create_task(person.play())]
        person.speed = 10
        await person.send(type="hello", greet=False)
        await person.until(lambda: person.ready)
        assert person.ready["engines"]["mind"] == "databricks"
        heard = await person.ask("What does it run on?", 60)
        assert "two cores" in heard.text
        assert heard.seconds() > 1
        assert heard.end is not None
        assert heard.end["why"] == "complete"
        assert heard.end["cost"]["answered_by"] == "databricks"
        assert not person.errors
        for task in tasks:
            task.cancel()
