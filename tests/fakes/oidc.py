"""An identity provider that is true to OpenID Connect: discovery, authorization code with PKCE, RS256 tokens, JWKS.

Whoever opens its authorization endpoint is `person` and agrees at once. `spoil` changes what its next tokens claim,
`sign_with` how they are signed.
"""

import base64
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

from aiohttp import web
from joserfc import jwk, jwt

from tests.fakes.host import Fake

CLIENT, SECRET = "visavis", "a secret: of the client%"
BASIC = "Basic " + base64.b64encode(f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}".encode()).decode()
"""Both are encoded as in a form first (RFC 6749, 2.3.1)."""


class OidcFake(Fake):
    """A provider with one client and one person."""

    def __init__(self) -> None:
        super().__init__()
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.person: dict[str, Any] = {"sub": "42", "email": "Ada@example.com", "email_verified": True}
        self.spoil: dict[str, Any] = {}
        self.sign_with: Callable[[dict[str, Any]], str] = self.signed
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def turn_key(self) -> None:
        """Sign with a new key from now on, as providers do now and then."""
        self.key = jwk.RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})

    def log(self) -> list[dict[str, Any]]:
        return [{"asked": one} for one in self.asked]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/.well-known/openid-configuration", self._discover),
            web.get("/keys", self._keys),
            web.get("/authorize", self._authorize),
            web.post("/token", self._token),
        ]

    async def _discover(self, _: web.Request) -> web.Response:
        self.asked.append("discovery")
        return web.json_response(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: web.Request) -> web.Response:
        """RFC 6749 4.1.1, RFC 7636 4.3."""
        asked = dict(request.query)
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in wanted.items()) or "openid" not in asked["scope"].split():
            return web.Response(status=400)
        assert len(asked["state"]) >= 16
        assert len(asked["nonce"]) >= 16
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return web.Response(status=302, headers={"location": back})

    async def _token(self, request: web.Request) -> web.Response:
        """RFC 6749 4.1.3, RFC 7636 4.6: each code once, for its client, its address and its verifier."""
        self.asked.append("token")
        form = await request.post()
        asked = self._codes.pop(str(form.get("code")), None)
        challenge = base64.urlsafe_b64encode(sha256(str(form.get("code_verifier")).encode()).digest())
        if request.headers.get("authorization") != BASIC:
            return web.json_response({"error": "invalid_client"}, status=401)
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != asked["redirect_uri"]
            or challenge.decode().rstrip("=") != asked["code_challenge"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in (claims | self.person | self.spoil).items() if value is not None}
        token = self.sign_with(claims)
        return web.json_response({"access_token": "unused", "token_type": "Bearer", "id_token": token})

    def signed(self, claims: dict[str, Any]) -> str:
        """*claims* as this provider signs them."""
        return jwt.encode({"alg": "RS256", "kid": str(self.key.kid)}, claims, self.key)
