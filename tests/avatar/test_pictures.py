"""Rendered pictures in Chromium (software GL): every morph shows, the nine shapes differ at phone size,
and the shapes still look as they did when a person last approved them.

`WRITE_REFERENCES=1 pytest tests/avatar/test_pictures.py` renews the approved picture: look at it first.
"""

import base64
import json
import mimetypes
import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from frontend.avatar.visemes import MORPHS
from tests.browser.chromium import find

FRONTEND = Path(__file__).parents[2] / "frontend"
GOLDEN = Path(__file__).parent / "golden/shapes-mira.png"
POSES = json.loads((FRONTEND / "avatar/poses.json").read_text())
FLAGS = "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --no-first-run"
QUIET = "--disable-background-networking --disable-component-update --disable-sync --disable-quic"
THREE = next((p for p in (FRONTEND / "node_modules/three", FRONTEND / "avatar/node_modules/three") if p.is_dir()), None)
FACE = {"look": "mira", "dist": 0.74}
SIZE = 160  # pixels: a phone's corner
MOUTH = [0.28, 0.52, 0.44, 0.32]  # crop of FACE at any size: x, y, width, height

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(THREE is None, reason="three.js is not installed: run `npm ci` in frontend"),
]


def serve(route: Route) -> None:
    """Answer the viewer's requests from the disk: no server, no port."""
    assert THREE is not None
    roots = {"three": THREE, "avatar": FRONTEND / "public/avatar", "viewer": FRONTEND / "avatar/viewer"}
    _, top, *rest = urlparse(route.request.url).path.split("/")
    path = roots.get(top, FRONTEND / "nowhere").joinpath(*rest)
    if not path.is_file():
        return route.fulfill(status=404)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return route.fulfill(body=path.read_bytes(), content_type=kind)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    chromium = find()
    if chromium is None:
        pytest.skip("no Chromium: name one in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=f"{FLAGS} {QUIET}".split())
        page = browser.new_page()
        page.set_default_timeout(300_000)
        errors: list[str] = []
        page.on("pageerror", lambda e: errors.append(e.message))
        page.route("**/*", serve)
        page.goto("http://avatar.test/viewer/index.html")
        page.wait_for_function("window.ready")
        yield page
        browser.close()
        assert not errors


def differences(page: Page, weights: list[dict[str, float]], crop: list[float]) -> list[list[float]]:
    tiles: list[dict[str, Any]] = [FACE | {"weights": w} for w in weights]
    return page.evaluate("([t, s, c]) => pictures(t, s, c)", [tiles, SIZE, crop])


def test_nine_shapes_differ_at_phone_size(page: Page) -> None:
    shapes = POSES["rhubarb"]
    d = differences(page, list(shapes.values()), MOUTH)
    for (i, a), (j, b) in combinations(enumerate(shapes), 2):
        least = 0.5 if {a, b} == {"A", "X"} else 1.8  # lips pressed or at rest may be near
        assert d[i][j] > least, f"{a} and {b} look alike ({d[i][j]:.2f})"


def test_every_morph_shows(page: Page) -> None:
    names = [m for m in MORPHS if m != "viseme_sil" and not m.startswith("corr_")]
    poses = [{n: 1.0} | ({"jawOpen": 1.0} if n == "mouthClose" else {}) for n in names]
    rest, open_jaw = differences(page, [{}, {"jawOpen": 1.0}, *poses], [0.15, 0.1, 0.7, 0.75])[:2]
    for i, name in enumerate(names, 2):
        seen = open_jaw[i] if name == "mouthClose" else rest[i]
        assert seen > 0.05, f"{name} hardly changes the face ({seen:.3f})"


def test_shapes_look_as_approved(page: Page) -> None:
    tiles = [FACE | {"weights": w} for w in POSES["rhubarb"].values()]
    if os.environ.get("WRITE_REFERENCES"):
        url = page.evaluate("([t, s]) => sheet(t, t.length, s, false, 'image/png')", [tiles, SIZE])
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_bytes(base64.b64decode(url.split(",")[1]))
    golden = "data:image/png;base64," + base64.b64encode(GOLDEN.read_bytes()).decode()
    for shape, d in zip(
        POSES["rhubarb"], page.evaluate("([t, s, u]) => against(t, s, u)", [tiles, SIZE, golden]), strict=True
    ):
        assert d < 2.0, f"{shape} looks different from the approved picture ({d:.2f})"
