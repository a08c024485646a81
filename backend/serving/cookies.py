"""Reading and writing cookies, the same way everywhere."""

from starlette.datastructures import Headers


def cookie(headers: Headers, wanted: str) -> str:
    """The cookie called *wanted*; empty if there is none."""
    pairs = (pair.strip().partition("=") for line in headers.getlist("cookie") for pair in line.split(";"))
    return next((value for name, _, value in pairs if name == wanted), "")


def set_cookie(name: str, value: str, seconds: int, *, secure: bool) -> str:
    """A Set-Cookie header for *seconds*; 0 takes the cookie away. No script can read it, no foreign page send it along
    with what changes something."""
    only = "; Secure" if secure else ""
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{only}"
