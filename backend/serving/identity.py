"""Who is asking, decided once for every request and socket, before anything else sees it.

1. A proxy that is trusted vouches for them (`X-Forwarded-Email`): a Databricks App, oauth2-proxy and the like.
   The same header from anybody else is an attempt to be somebody, and is refused.
2. They know the shared token: as a bearer, or typed once at `/enter`, which leaves a signed cookie.
3. Anonymous visitors are let in where that is switched on. Each browser is a guest of its own, by a random cookie.
4. Who sits at the server's own machine is "local".

Where an OpenID Connect provider is named, browsers sign in there (`oidc.py`), and a signed cookie says who they are;
then nobody is anonymous or local.
"""

import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from backend.serving.cookies import cookie, set_cookie
from backend.serving.oidc import Oidc
from backend.serving.signing import same
from backend.settings import Settings

Kind = Literal["local", "forwarded", "signed in", "token", "guest"]
LOCAL = "local"
LOGIN = "/login"
NAMES = ("x-forwarded-email", "x-forwarded-user", "x-forwarded-preferred-username", "x-forwarded-access-token")
"""Headers that claim to be somebody."""
FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded")
COOKIE = "visavis"
SESSION = "visavis_session"
"""The cookie of who signed in."""
YEAR = 31_536_000
_GUEST = re.compile(r"[A-Za-z0-9_-]{22}")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking. `name` owns what is kept; `address` is empty for who needs no limits.

    `host` is the public name that they asked, `cookie` what their browser is to keep (empty: nothing new).
    """

    name: str
    kind: Kind
    address: str = ""
    host: str = ""
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """They may not come in. `enter` is the page where they may change that."""

    status: int
    reason: str
    remedy: str
    enter: str = ""


class Identity:
    """Decides by the settings and the platform's variables."""

    def __init__(self, settings: Settings) -> None:
        self.oidc = Oidc(settings)
        self._token = settings.token.get_secret_value()
        self._anonymous = settings.anonymous
        self._admins = {admin.lower() for admin in settings.admins}
        self._secure = settings.secure_cookies
        proxies = settings.trusted_proxies
        if not proxies and os.environ.get("DATABRICKS_APP_NAME"):
            # An app there is reached through the platform's proxy alone, whose addresses are not told.
            proxies = ("*",)
        self._entrance = LOGIN if self.oidc.wanted else "/enter"
        self._proxies = tuple(network(proxy) for proxy in proxies)

    def of(self, scope: Scope) -> Person | Refused:
        """Who sent this request or opens this socket."""
        headers = Headers(scope=scope)
        peer = str((scope.get("client") or ("", 0))[0])
        trusted = _within(peer, self._proxies)
        host = self.host(scope)
        address = self._address(peer, headers) if trusted else peer
        if any(name in headers for name in NAMES):
            if not trusted:
                return Refused(403, "Somebody else's name stands in this request.", "See VISAVIS_TRUSTED_PROXIES.")
            if name := headers.get(NAMES[0], "").strip().lower()[:320]:
                return Person(name, "forwarded", address, host)
        near = not trusted and not any(name in headers for name in FORWARDED) and _at_this_machine(peer, host)
        return self._without_voucher(headers, address, host, near=near)

    def _without_voucher(self, headers: Headers, address: str, host: str, *, near: bool) -> Person | Refused:
        """Who it is by what they bring themselves. *near*: they sit at this machine."""
        if self.oidc.wanted and (name := self.oidc.who(cookie(headers, SESSION))):
            return Person(name, "signed in", address, host)
        if self._token:
            return self._with_token(headers, address, host)
        if self.oidc.wanted:
            return Refused(401, "This server wants to know who you are.", "Open /login to sign in.", LOGIN)
        if near:
            return Person(LOCAL, "local", "", host)
        if self._anonymous:
            return self._guest(headers, address, host)
        remedy = "Set VISAVIS_TOKEN, or VISAVIS_TRUSTED_PROXIES, or VISAVIS_ANONYMOUS=true (see docs/security.md)."
        return Refused(401, "This server does not know who you are.", remedy)

    def host(self, scope: Scope) -> str:
        """The name that was asked for, as the browser wrote it."""
        headers = Headers(scope=scope)
        peer = str((scope.get("client") or ("", 0))[0])
        told = _last(headers.get("x-forwarded-host")) if _within(peer, self._proxies) else ""
        return told or headers.get("host", "")

    def may_see_everyone(self, person: Person) -> bool:
        """Whether they may see who spent what: the one person at their own machine, and those named as admins."""
        return person.kind == "local" or (person.kind in {"forwarded", "signed in"} and person.name in self._admins)

    def may_measure(self, person: Person, headers: Headers) -> bool:
        """Whether they may read the metrics: admins, and programs that know the token."""
        return self.may_see_everyone(person) or (bool(self._token) and self._bearer(headers))

    def knows(self, token: str) -> bool:
        """Whether *token* is the shared one."""
        return bool(self._token) and same(token.strip(), self._token)

    def guest_cookie(self) -> str:
        """A Set-Cookie header for a guest who is let in now."""
        guest = secrets.token_urlsafe(16)
        return self._set_cookie(f"{guest}.{self._sign(guest)}" if self._token else guest)

    def _with_token(self, headers: Headers, address: str, host: str) -> Person | Refused:
        if self._bearer(headers):
            return Person("program", "token", address, host)
        guest, _, signature = cookie(headers, COOKIE).partition(".")
        if _GUEST.fullmatch(guest) and same(signature, self._sign(guest)):
            return Person(f"guest {guest}", "token", address, host)
        return Refused(
            401, "This server wants a token.", "Open /enter and type it, or send it as a bearer.", self._entrance
        )

    def _guest(self, headers: Headers, address: str, host: str) -> Person:
        guest = cookie(headers, COOKIE)
        if _GUEST.fullmatch(guest):
            return Person(f"guest {guest}", "guest", address, host)
        guest = secrets.token_urlsafe(16)
        return Person(f"guest {guest}", "guest", address, host, self._set_cookie(guest))

    def _address(self, peer: str, headers: Headers) -> str:
        """The address before the trusted proxies: each of them added what it saw at the end."""
        if real := headers.get("x-real-ip", "").strip()[:64]:
            return real
        hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        strangers = (hop for hop in reversed(hops) if "*" in self._proxies or not _within(hop, self._proxies))
        return next(strangers, peer)[:64]

    def _bearer(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.knows(token)

    def _sign(self, guest: str) -> str:
        return hmac.new(self._token.encode(), b"visavis guest " + guest.encode(), sha256).hexdigest()

    def _set_cookie(self, value: str) -> str:
        return set_cookie(COOKIE, value, YEAR, secure=self._secure)


def person_of(connection: HTTPConnection) -> Person:
    """Who `Door` found to be asking."""
    person: Person = connection.scope["person"]
    return person


def host_of(connection: HTTPConnection) -> str:
    """The public name that they asked for, also before it is known who they are."""
    identity: Identity = connection.app.state.identity
    return identity.host(connection.scope)


def network(text: str) -> "IPv4Network | IPv6Network | Literal['*']":
    """A trusted proxy's address or network; "*" is everyone. Raises ValueError."""
    return "*" if text == "*" else ip_network(text, strict=False)


def same_origin(origin: str | None, host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a page of *origin* may act at *host*: its own pages, and those of *allowed* origins.

    Programs that are no browser send no origin; they can send any header they like, so refusing them proves nothing.
    """
    return origin is None or origin in allowed or (bool(host) and urlsplit(origin).netloc == host)


def _within(address: str, networks: "Iterable[IPv4Network | IPv6Network | Literal['*']]") -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        # A Unix socket's peer has no address: only this machine can reach it.
        return any(one == "*" for one in networks)
    return any(one == "*" or ip in one for one in networks if one == "*" or one.version == ip.version)


def _at_this_machine(peer: str, host: str) -> bool:
    """Loopback, asked by a loopback name: a page elsewhere whose name was bent to 127.0.0.1 has another name."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return ip_address(peer).is_loopback and (name in _LOOPBACK or name.endswith(".localhost"))
    except ValueError:
        return False


def _last(value: str | None) -> str:
    return (value or "").rpartition(",")[2].strip()
