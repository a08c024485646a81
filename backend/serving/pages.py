"""The page: a template of the server that loads what Vite built."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from backend.wire import TEXT_LIMIT

router = APIRouter()
templates = Jinja2Templates(Path(__file__).parent / "templates")

BUILT = Path(__file__).parents[2] / "frontend" / "dist"
ENTRY = "src/main.ts"
NOT_BUILT = "The client is not built yet. Run `make client` in the project's folder, then reload this page."


class Static(StaticFiles):
    """Built files carry a hash in their name and may be kept for ever; the others are asked for again."""

    async def check_config(self) -> None:
        """Nothing: as long as the client is not built its files are not found, which is all there is to say."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its cache header."""
        response = await super().get_response(path, scope)
        for_ever = path.startswith("assets/")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if for_ever else "no-cache"
        return response


def mount_static(app: FastAPI) -> None:
    """Serve the built client under /static."""
    app.mount("/static", Static(directory=BUILT, check_dir=False), name="static")


@lru_cache(maxsize=1)
def _manifest(changed: float) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((BUILT / ".vite" / "manifest.json").read_text())
    return manifest


def bundle(entry: str = ENTRY) -> dict[str, Any]:
    """Addresses of the *entry* module, its styles and what it imports. Raises FileNotFoundError if not built."""
    manifest = _manifest((BUILT / ".vite" / "manifest.json").stat().st_mtime)
    chunks, names = [], [entry]
    for name in names:  # grows while it is walked
        chunks.append(manifest[name])
        names += [more for more in manifest[name].get("imports", []) if more not in names]
    return {
        "entry": f"/static/{chunks[0]['file']}",
        "preload": [f"/static/{chunk['file']}" for chunk in chunks[1:]],
        "styles": [f"/static/{css}" for chunk in reversed(chunks) for css in chunk.get("css", [])],
    }


@router.get("/plain.css", response_class=PlainTextResponse, responses={200: {"content": {"text/css": {}}}})
async def plain() -> Response:
    """The style of the pages that need no build."""
    style = (Path(__file__).parent / "templates" / "plain.css").read_text()
    return Response(style, media_type="text/css", headers={"cache-control": "public, max-age=3600"})


@router.get("/", response_class=HTMLResponse)
async def page(request: Request) -> Response:
    """The conversation."""
    settings = request.app.state.settings
    try:
        built = bundle()
    except (FileNotFoundError, KeyError):
        return HTMLResponse(f"<!doctype html><title>Not built</title><p>{NOT_BUILT}</p>", status_code=503)
    config = {"socket": "/ws", "name": settings.name, "language": settings.language, "avatar": "/static/avatar/"}
    shown = {**built, "name": settings.name, "config": config, "limit": TEXT_LIMIT}
    person = request.scope["person"]
    shown["signed_in"] = person.name if person.kind == "signed in" else ""
    response = templates.TemplateResponse(request, "page.html", shown)
    response.headers["cache-control"] = "no-cache"
    return response
