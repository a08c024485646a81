"""Signing in and out, as a browser does it: /login, the way back from the provider, /logout."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backend.serving.cookies import cookie, set_cookie
from backend.serving.identity import SESSION, host_of
from backend.serving.oidc import LASTS, TRIAL, Oidc, SignInError
from backend.serving.pages import templates

router = APIRouter()
TRYING = "visavis_signing_in"
BACK = "/login/back"


@router.get("/login", response_class=RedirectResponse, status_code=303)
async def login(request: Request) -> Response:
    """Send the browser to the identity provider."""
    try:
        where, trial = await _oidc(request).begin(_back(request))
    except SignInError as error:
        return _page(request, str(error), 502)
    return _going(request, where, TRYING, trial, TRIAL)


@router.get(BACK, response_class=RedirectResponse, status_code=303)
async def back(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
    """The browser comes back from the provider."""
    oidc, peer = _oidc(request), request.client.host if request.client else ""
    if not request.app.state.allowances.take("conversations", f"enter {peer}", peer, 1):
        return _page(request, "Too many tries. Please wait a minute.", 429)
    try:
        if error or not code:
            raise SignInError("The identity provider did not let you in.")
        session = await oidc.finish(cookie(request.headers, TRYING), state, code)
    except SignInError as problem:
        return _page(request, str(problem), 403)
    answer = _going(request, "/", SESSION, session, LASTS)
    answer.headers.append("set-cookie", set_cookie(TRYING, "", 0, secure=_secure(request)))
    return answer


@router.post("/logout", response_class=HTMLResponse)
async def logout(request: Request) -> Response:
    """Forget who this browser is."""
    _oidc(request)
    answer = _page(request, "You are signed out here. Your identity provider may still know you.", 200)
    answer.headers["set-cookie"] = set_cookie(SESSION, "", 0, secure=_secure(request))
    return answer


def _oidc(request: Request) -> Oidc:
    oidc: Oidc = request.app.state.identity.oidc
    if not oidc.wanted:
        raise HTTPException(404, "Nobody signs in at this server.")
    return oidc


def _secure(request: Request) -> bool:
    return bool(request.app.state.settings.secure_cookies)


def _back(request: Request) -> str:
    scheme = "https" if _secure(request) else request.url.scheme
    return f"{scheme}://{host_of(request)}{BACK}"


def _going(request: Request, where: str, name: str, value: str, seconds: int) -> Response:
    headers = {"set-cookie": set_cookie(name, value, seconds, secure=_secure(request)), "cache-control": "no-store"}
    return RedirectResponse(where, 303, headers=headers)


def _page(request: Request, says: str, status: int) -> HTMLResponse:
    name = request.app.state.settings.name
    page = templates.get_template("signin.html").render(name=name, says=says)
    return HTMLResponse(page, status, headers={"cache-control": "no-store"})
