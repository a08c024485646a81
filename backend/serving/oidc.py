"""Sign-in with an identity provider of the house: OpenID Connect, the authorization code flow with PKCE.

Follows OpenID Connect Core 1.0 (sections 3.1.2 and 3.1.3), Discovery 1.0 and RFC 7636; tokens are checked by joserfc.
The browser brings the code, the server exchanges it itself, and nothing of the provider's tokens is kept: a signed
cookie says who came in, for `LASTS` seconds.
"""

import asyncio
import base64
import json
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode, urlsplit

from backend.serving.signing import Signer, same
from backend.settings import Settings

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

ALGORITHMS = ["RS256", "ES256", "PS256"]
"""Signatures with the provider's private key; never "none", never one with a shared secret."""
LASTS = 12 * 3_600
"""Seconds that a sign-in is good for: a working day."""
TRIAL = 600
"""Seconds between leaving for the provider and coming back."""
PATIENCE = 5.0
MOST = 1_000_000
"""Bytes that a provider's answer may have."""
KEPT = 3_600.0
"""Seconds that the provider's description and keys are kept."""
AGAIN = 60.0
"""Seconds before its keys are asked for again because of a key that is not known."""
LEEWAY = 60
"""Seconds by which its clock may differ."""
PURPOSE, TRYING = b"visavis session", b"visavis sign-in"
INSTALL = "Sign-in with OpenID Connect needs an extra: pip install 'visavis[oidc]' (or uv sync --extra oidc)."


class SignInError(Exception):
    """The sign-in did not come about; the message is for the person, without anything of a token in it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider says of itself."""

    authorization: str
    token: str
    keys: str


class Oidc:
    """The sign-ins of one server. `wanted` tells whether the settings name a provider."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.wanted = bool(settings.oidc_issuer)
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._scopes = settings.oidc_scopes
        self._trust_email = settings.oidc_trust_email
        self._clock = clock
        # The same on every replica, and another one as soon as the secret is changed: that ends all sign-ins.
        self._sessions = Signer(self._secret, PURPOSE, clock)
        self._trials = Signer(self._secret, TRYING, clock)
        self._provider: tuple[Provider, float] | None = None
        self._keys: tuple[dict[str, Any], float] | None = None
        self._asking = asyncio.Lock()
        self._http: httpx.AsyncClient | None = None

    @staticmethod
    def missing() -> str:
        """What has to be installed before anybody can sign in; empty when all is there."""
        return "" if find_spec("joserfc") else INSTALL

    async def begin(self, back: str) -> tuple[str, str]:
        """(the provider's address to send the browser to, what its cookie keeps meanwhile). Raises `SignInError`."""
        provider = await self._described()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self._id, "redirect_uri": back, "scope": self._scopes,
            "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        glue = "&" if urlsplit(provider.authorization).query else "?"
        trial = self._trials.seal({"state": state, "nonce": nonce, "verifier": verifier, "back": back}, TRIAL)
        return f"{provider.authorization}{glue}{urlencode(asked)}", trial

    async def finish(self, trial: str, state: str, code: str) -> str:
        """What the session's cookie holds, for the browser that came back. Raises `SignInError`."""
        began = self._trials.open(trial)
        if began is None or not state or not same(state, str(began["state"])):
            raise SignInError("This sign-in was not begun here, or took too long. Please begin again.")
        token = await self._exchange(code, str(began["verifier"]), str(began["back"]))
        claims = await self._checked(token, str(began["nonce"]))
        return self._sessions.seal({"name": self._name(claims)}, LASTS)

    def who(self, session: str) -> str:
        """Whose cookie this is; empty for nobody's, or one that is over."""
        found = self._sessions.open(session) if self.wanted and session else None
        return str(found["name"]) if found else ""

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    # ------------------------------------------------------------------ the provider

    async def _described(self) -> Provider:
        async with self._asking:
            if self._provider is None or self._clock() > self._provider[1] + KEPT:
                found = await self._get(f"{self._issuer}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                    raise SignInError("The identity provider calls itself otherwise than VISAVIS_OIDC_ISSUER.")
                names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                # No less protected than the address that was named.
                secure = "https://" if self._issuer.startswith("https://") else "http"
                if not all(str(found.get(name, "")).startswith(secure) for name in names):
                    raise SignInError("The identity provider does not say where to sign in.")
                provider = Provider(*(str(found[name]) for name in names))
                self._provider = provider, self._clock()
            return self._provider[0]

    async def _keyset(self, *, anew: bool) -> dict[str, Any]:
        uri = (await self._described()).keys
        async with self._asking:
            age = self._clock() - self._keys[1] if self._keys else KEPT
            if self._keys is None or age >= (AGAIN if anew else KEPT):
                self._keys = await self._get(uri), self._clock()
            return self._keys[0]

    async def _exchange(self, code: str, verifier: str, back: str) -> str:
        provider = await self._described()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        # Encoded as in a form before they are joined (RFC 6749, 2.3.1).
        basic = quote_plus(self._id), quote_plus(self._secret)
        found = await self._ask("POST", provider.token, data=form, auth=basic)
        if not isinstance(token := found.get("id_token"), str):
            raise SignInError("The identity provider sent nothing that says who you are. Please begin again.")
        return token

    async def _checked(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of *token*, if it is the provider's, for us, fresh, and belongs to this sign-in."""
        from joserfc import jwk, jwt  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415

        for anew in (False, True):
            try:
                keys = jwk.KeySet.import_key_set(await self._keyset(anew=anew))  # type: ignore[arg-type]
                claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
                break
            except (JoseError, ValueError) as error:
                if anew:
                    log.warning("a sign-in was refused: %s", type(error).__name__)
                    raise SignInError("What the identity provider sent is not signed by it.") from None
        now = self._clock()
        rules = jwt.JWTClaimsRegistry(
            now=lambda: int(now), leeway=LEEWAY,
            iss={"essential": True}, sub={"essential": True}, aud={"essential": True, "value": self._id},
            exp={"essential": True}, iat={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            rules.validate(claims)
        except JoseError as error:
            log.warning("a sign-in was refused: %s", type(error).__name__)
            raise SignInError(
                "What the identity provider sent is not for here, or too old. Please begin again."
            ) from None
        party = claims.get("azp")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if str(claims["iss"]).rstrip("/") != self._issuer or ((several or party) and party != self._id):
            raise SignInError("What the identity provider sent is for somebody else. Please begin again.")
        return dict(claims)

    def _name(self, claims: dict[str, Any]) -> str:
        """An address that the provider has verified, or else its own name for them, which is nobody's address."""
        email = str(claims.get("email") or "").strip().lower()
        if email and "@" in email and (claims.get("email_verified") is True or self._trust_email):
            return email[:320]
        return f"{urlsplit(self._issuer).hostname} {claims['sub']}"[:320]

    async def _get(self, url: str) -> dict[str, Any]:
        return await self._ask("GET", url)

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        import httpx  # noqa: PLC0415

        if self._http is None:
            # The SSL context takes 20 ms: not on the loop.
            self._http = await asyncio.to_thread(lambda: httpx.AsyncClient(timeout=PATIENCE))
        try:
            async with asyncio.timeout(2 * PATIENCE), self._http.stream(method, url, **more) as answer:
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > MOST:
                        raise SignInError("The identity provider's answer is far too long.")
            found = json.loads(body)
        except (httpx.HTTPError, TimeoutError):
            raise SignInError("The identity provider cannot be reached. Please try again in a moment.") from None
        except ValueError:
            found = None
        if answer.status_code != 200 or not isinstance(found, dict):
            log.warning("the identity provider answered %d", answer.status_code)
            raise SignInError("The identity provider refused this sign-in. Please begin again.")
        return found
