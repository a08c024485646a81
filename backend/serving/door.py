"""The door: every request and socket passes it before anything else, and comes out with a `person` in its scope."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.serving.identity import Identity, Person, Refused, same_origin
from backend.serving.pages import templates

OPEN = ("/health/", "/static/", "/enter", "/login", "/plain.css")
"""Paths that show nothing of anybody: probes, the built client, the page that asks for the token."""
SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY_VIOLATION = 1008
FORM_LIMIT = 4_096
"""Bytes of the form that `/enter` takes."""

router = APIRouter()


class Door:
    """ASGI middleware: finds out who is asking, and turns away who may not or who was sent by a foreign page."""

    def __init__(self, app: ASGIApp, identity: Identity, origins: tuple[str, ...]) -> None:
        self.app = app
        self._identity = identity
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        found = self._identity.of(scope)
        opened = scope["type"] == "http" and scope["path"].startswith(OPEN)
        if isinstance(found, Refused) and not (opened and found.status == 401):
            await self._refuse(found, scope, receive, send)
            return
        host = found.host if isinstance(found, Person) else Headers(scope=scope).get("host", "")
        if not self._asked_by_us(scope, host):
            refused = Refused(403, "A page of another server asked for this.", "See VISAVIS_ORIGINS.")
            await self._refuse(refused, scope, receive, send)
            return
        if isinstance(found, Refused):
            await self.app(scope, receive, send)
            return
        scope["person"] = found
        await self.app(scope, receive, _with_cookie(send, found.cookie) if found.cookie else send)

    def _asked_by_us(self, scope: Scope, host: str) -> bool:
        """Whether what changes something, or listens in, was begun by a page of ours (or by no page at all)."""
        if scope["type"] == "http" and scope["method"] in SAFE:
            return True
        headers = Headers(scope=scope)
        if headers.get("sec-fetch-site", "none") == "cross-site" and headers.get("origin") not in self._origins:
            return False
        return same_origin(headers.get("origin"), host, self._origins)

    async def _refuse(self, refused: Refused, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refused.reason})
            return
        response: Response
        if "text/html" not in Headers(scope=scope).get("accept", ""):
            response = JSONResponse({"detail": refused.reason, "remedy": refused.remedy}, refused.status)
        elif refused.enter and scope["method"] == "GET":
            response = RedirectResponse(refused.enter, 303)
        else:
            page = templates.get_template("refused.html").render(refused=refused)
            response = HTMLResponse(page, refused.status)
        response.headers["cache-control"] = "no-store"
        if refused.status == 401:
            response.headers["www-authenticate"] = "Bearer"
        await response(scope, receive, send)


@router.get("/enter", response_class=HTMLResponse)
async def ask(request: Request, wrong: bool = False) -> Response:
    """The page that asks for the shared token."""
    name = request.app.state.settings.name
    response = templates.TemplateResponse(request, "enter.html", {"name": name, "wrong": wrong})
    response.headers["cache-control"] = "no-store"
    return response


@router.post(
    "/enter",
    response_class=RedirectResponse,
    status_code=303,
    responses={429: {"description": "Too many tries."}},
    openapi_extra={
        "requestBody": {
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "properties": {"token": {"type": "string"}}, "required": ["token"]}
                }
            }
        }
    },
)
async def enter(request: Request) -> Response:
    """Let the browser in that brings the right token, with a cookie of its own."""
    identity: Identity = request.app.state.identity
    peer = request.client.host if request.client else ""
    if not request.app.state.allowances.take("conversations", f"enter {peer}", peer, 1):
        return JSONResponse({"detail": "Too many tries. Please wait a minute."}, 429)
    if not identity.knows(await _token(request)):
        return RedirectResponse("/enter?wrong=true", 303)
    return RedirectResponse("/", 303, headers={"set-cookie": identity.guest_cookie()})


async def _token(request: Request) -> str:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > FORM_LIMIT:
            return ""
    try:
        return parse_qs(body.decode()).get("token", [""])[0]
    except ValueError:
        return ""


def _with_cookie(send: Send, cookie: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.accept"}:
            message.setdefault("headers", [])
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return sending
