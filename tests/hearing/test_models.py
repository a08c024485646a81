"""Fetching a model from a server of our own: progress, resume, checksum, plain errors."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from typer.testing import CliRunner

from backend.fallback import EngineError
from backend.hearing import models
from backend.model_commands import models as command
from tests.hearing.conftest import WEIGHTLESS

DATA = WEIGHTLESS.read_bytes()
TINY = replace(models.find("whisper-tiny.en"), sha1=hashlib.sha1(DATA, usedforsecurity=False).hexdigest())


class Shop:
    """Serves the model; breaks off as often as it is told."""

    def __init__(self) -> None:
        self.breaks = 0
        self.ranges: list[str | None] = []
        self.honours_ranges = True
        self.data = DATA
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.honours_ranges else 0
        if start >= len(self.data):
            raise web.HTTPRequestRangeNotSatisfiable
        body = self.data[start:]
        response = web.StreamResponse(status=206 if start else 200, headers={"content-length": str(len(body))})
        await response.prepare(request)
        if self.breaks:
            self.breaks -= 1
            await response.write(body[: len(body) // 2])
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(body)
        return response


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    one = Shop()
    app = web.Application()
    app.router.add_get("/files/ggml-tiny.en.bin", one.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/files"
    yield one
    await runner.cleanup()


async def test_it_fetches_with_progress_and_only_once(shop: Shop, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = await models.fetch(TINY, tmp_path / "models", shop.url, lambda *p: seen.append(p))
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert await models.fetch(TINY, tmp_path / "models", shop.url) == path
    assert shop.ranges == [None]
    assert models.here(tmp_path / "models", "en-GB") == [path]
    assert models.here(tmp_path / "models", "de-DE") == []


async def test_it_goes_on_where_it_broke_off(shop: Shop, tmp_path: Path) -> None:
    shop.breaks = 2
    path = await models.fetch(TINY, tmp_path, shop.url)
    assert path.read_bytes() == DATA
    assert shop.ranges[0] is None
    starts = [int(str(asked).removeprefix("bytes=").rstrip("-")) for asked in shop.ranges[1:]]
    assert starts == sorted(starts)
    assert starts[0] > 0


async def test_a_later_call_goes_on_too_also_where_ranges_are_unknown(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "ggml-tiny.en.bin.part").write_bytes(DATA[:1000])
    assert (await models.fetch(TINY, tmp_path, shop.url)).read_bytes() == DATA
    assert shop.ranges == ["bytes=1000-"]
    (tmp_path / TINY.file).rename(tmp_path / f"{TINY.file}.part")
    assert (await models.fetch(TINY, tmp_path, shop.url)).read_bytes() == DATA
    (tmp_path / TINY.file).unlink()
    (tmp_path / f"{TINY.file}.part").write_bytes(DATA[:1000])
    shop.honours_ranges = False
    assert (await models.fetch(TINY, tmp_path, shop.url)).read_bytes() == DATA


async def test_what_arrives_damaged_is_thrown_away(shop: Shop, tmp_path: Path) -> None:
    shop.data = DATA[:-1] + b"?"
    with pytest.raises(EngineError, match="damaged"):
        await models.fetch(TINY, tmp_path, shop.url)
    assert list(tmp_path.iterdir()) == []


async def test_it_says_what_to_do(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="404") as caught:
        await models.fetch(models.find("base"), tmp_path, shop.url)
    assert "VISAVIS_MODELS_URL" in caught.value.remedy
    with pytest.raises(EngineError, match="no model"):
        models.find("whisper-huge")


def test_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown = CliRunner().invoke(command, ["list", "--data", str(tmp_path)])
    assert "whisper-tiny.en" in shown.output
    wrong = CliRunner().invoke(command, ["get", "nothing", "--data", str(tmp_path)])
    assert wrong.exit_code != 0
    assert "whisper-base" in wrong.output
