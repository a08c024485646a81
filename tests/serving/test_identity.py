"""Who may come in, and as whom: over a real server, with real headers, cookies and sockets."""

import json
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import connect

from backend.serving.identity import Identity, Person, Refused
from backend.settings import Settings
from tests.server import serving
from tests.talker import Talker, talker

ESPEAK = {"voices": ("espeak",)}
ADA = {"X-Forwarded-Email": "Ada@example.com"}


def scope(peer: str = "127.0.0.1", host: str = "localhost:8000", **headers: str) -> dict[str, Any]:
    named = {"host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "type": "http",
        "client": (peer, 5),
        "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
    }


def who(settings: dict[str, Any], **request: str) -> str:
    found = Identity(Settings(**settings)).of(scope(**request))
    return found.name.split()[0] if isinstance(found, Person) else str(found.status)


TRUSTING = {"trusted_proxies": ("10.0.0.0/8",)}


@pytest.mark.parametrize(
    ("settings", "request_", "name"),
    [
        ({}, {}, "local"),
        ({}, {"host": "127.0.0.1"}, "local"),
        # A page of evil.example whose name was bent to this machine (DNS rebinding).
        ({}, {"host": "evil.example"}, "401"),
        ({}, {"peer": "192.168.1.9"}, "401"),
        # Somebody behind a proxy on this machine is not at this machine.
        ({}, {"x_forwarded_for": "192.168.1.9"}, "401"),
        ({}, {"x_forwarded_email": "ada@example.com"}, "403"),
        (TRUSTING, {"peer": "192.168.1.9", "x_forwarded_email": "ada@example.com"}, "403"),
        (TRUSTING, {"peer": "192.168.1.9", "x_forwarded_user": "ada"}, "403"),
        (TRUSTING, {"peer": "10.1.2.3", "x_forwarded_email": " Ada@Example.com "}, "ada@example.com"),
        (TRUSTING, {"peer": "10.1.2.3"}, "401"),
        ({"anonymous": True}, {"peer": "192.168.1.9"}, "guest"),
        ({"token": "sesame"}, {}, "401"),
        ({"token": "sesame"}, {"authorization": "Bearer sesame"}, "program"),
        ({"token": "sesame"}, {"authorization": "Bearer Sesame"}, "401"),
        ({"token": "sesame"}, {"cookie": "visavis=AAAAAAAAAAAAAAAAAAAAAA.00"}, "401"),
        ({"token": "sesame"}, {"cookie": "visavis=AAAAAAAAAAAAAAAAAAAAAA"}, "401"),
    ],
)
def test_who_it_is(settings: dict[str, Any], request_: dict[str, str], name: str) -> None:
    assert who(settings, **request_) == name


def test_a_databricks_app_believes_its_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    assert who({}, peer="10.9.9.9", x_forwarded_email="ada@example.com") == "403"
    monkeypatch.setenv("DATABRICKS_APP_NAME", "visavis")
    assert who({}, peer="10.9.9.9", x_forwarded_email="ada@example.com") == "ada@example.com"
    assert who({}, peer="10.9.9.9") == "401", "nobody comes in there without a name"


def test_the_address_is_the_last_one_that_no_trusted_proxy_has() -> None:
    identity = Identity(Settings(anonymous=True, trusted_proxies=("10.0.0.0/8",)))
    found = identity.of(scope("10.0.0.2", x_forwarded_for="6.6.6.6, 203.0.113.7, 10.0.0.1"))
    assert isinstance(found, Person)
    assert found.address == "203.0.113.7", "what a client writes in front is not believed"
    found = identity.of(scope("198.51.100.1", x_forwarded_for="6.6.6.6"))
    assert isinstance(found, Person)
    assert found.address == "198.51.100.1"


def test_only_admins_see_who_spent_what() -> None:
    identity = Identity(Settings(admins=("boss@example.com",), trusted_proxies=("*",)))
    boss, ada = (identity.of(scope(x_forwarded_email=name)) for name in ("Boss@example.com", "ada@example.com"))
    assert isinstance(boss, Person)
    assert isinstance(ada, Person)
    assert identity.may_see_everyone(boss)
    assert not identity.may_see_everyone(ada)
    assert not identity.may_see_everyone(Person("boss@example.com", "guest", "1.2.3.4"))


async def test_a_spoofed_name_is_refused_everywhere() -> None:
    async with serving(**ESPEAK) as url, httpx.AsyncClient(base_url=url, headers=ADA) as client:
        for path in ("/", "/costs", "/me/export", "/health/live"):
            assert (await client.get(path)).status_code == 403, path
        with pytest.raises(websockets.InvalidStatus):
            await connect(url.replace("http", "ws") + "/ws", additional_headers=ADA)


async def test_a_token_opens_the_door_and_each_browser_is_somebody() -> None:
    async with serving(**ESPEAK, token="open sesame") as url:
        async with httpx.AsyncClient(base_url=url) as one, httpx.AsyncClient(base_url=url) as other:
            html = {"accept": "text/html"}
            assert (await one.get("/costs", headers=html)).headers["location"] == "/enter"
            assert 'type="password"' in (await one.get("/enter")).text
            wrong = await one.post("/enter", data={"token": "open barley"})
            assert wrong.headers["location"] == "/enter?wrong=true"
            assert not one.cookies
            for client in (one, other):
                right = await client.post("/enter", data={"token": "open sesame"})
                assert right.headers["location"] == "/"
                cookie = right.headers["set-cookie"]
                assert "HttpOnly" in cookie
                assert "SameSite=Lax" in cookie
                assert "sesame" not in cookie
                assert (await client.get("/me/export")).status_code != 401
            assert one.cookies["visavis"] != other.cookies["visavis"]
            token = await begin(url, cookie=f"visavis={one.cookies['visavis']}")
            assert await resumes(url, token, cookie=f"visavis={one.cookies['visavis']}")
            assert not await resumes(url, token, cookie=f"visavis={other.cookies['visavis']}")


async def test_a_conversation_belongs_to_the_person_who_began_it() -> None:
    async with serving(**ESPEAK, trusted_proxies=("127.0.0.1",)) as url:
        token = await begin(url, **{"X-Forwarded-Email": "ada@example.com"})
        assert not await resumes(url, token, **{"X-Forwarded-Email": "eve@example.com"})
        assert await resumes(url, token, **{"X-Forwarded-Email": "ada@example.com"})


async def test_anonymous_guests_are_kept_apart_by_their_browsers() -> None:
    outside = {"X-Forwarded-For": "203.0.113.7"}
    async with serving(**ESPEAK, anonymous=True, trusted_proxies=("127.0.0.1",)) as url:
        async with httpx.AsyncClient(base_url=url, headers=outside) as client:
            first = await client.get("/me/export")
            assert "HttpOnly" in first.headers["set-cookie"]
            assert "set-cookie" not in (await client.get("/me/export")).headers
        token = await begin(url, **outside)
        assert not await resumes(url, token, **outside), "another browser: no cookie"


async def test_what_changes_something_must_come_from_our_own_page() -> None:
    async with serving(**ESPEAK) as url, httpx.AsyncClient(base_url=url) as client:
        for headers in (
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
        ):
            assert (await client.post("/me/forget", headers=headers)).status_code == 403, headers
        assert (await client.post("/me/forget", headers={"origin": url})).status_code in {200, 503}
        assert (await client.get("/me/forget")).status_code == 405


async def test_one_person_and_one_address_may_ask_so_much_a_minute() -> None:
    async with serving(**ESPEAK, trusted_proxies=("127.0.0.1",), turns_per_minute=2) as url:
        async with connect(url.replace("http", "ws") + "/ws", additional_headers=ADA, max_size=None) as socket:
            person = Talker(socket)
            await socket.send(json.dumps({"type": "hello", "greet": False}))
            for _ in range(3):
                await socket.send(json.dumps({"type": "typed", "text": "Hello!"}))
            async for frame in socket:
                message = {} if isinstance(frame, bytes) else json.loads(frame)
                if message.get("type") == "error":
                    break
            assert message["code"] == "too_many"
            assert message["retryable"]
            assert person.errors == []
        bob = {"X-Forwarded-Email": "bob@example.com"}
        assert await begin(url, **bob)


async def test_too_many_conversations_at_once() -> None:
    async with serving(**ESPEAK, trusted_proxies=("127.0.0.1",), conversations_per_minute=1) as url:
        assert await begin(url, **ADA)
        with pytest.raises(AssertionError, match="too_many"):
            await begin(url, **ADA)


async def test_who_sits_at_the_machine_is_not_limited() -> None:
    async with serving(**ESPEAK, conversations_per_minute=1) as url, talker(url), talker(url) as second:
        assert second.ready


async def begin(url: str, **headers: str) -> str:
    """A new conversation; its token."""
    ready = await _hello(url, None, headers)
    assert ready["type"] == "ready", ready["code"]
    return str(ready["resume"])


async def resumes(url: str, token: str, **headers: str) -> bool:
    """Whether who sends these headers may go on with that conversation."""
    return bool((await _hello(url, {"token": token, "seq": 0}, headers))["resumed"])


async def _hello(url: str, resume: dict[str, Any] | None, headers: dict[str, str]) -> dict[str, Any]:
    async with connect(url.replace("http", "ws") + "/ws", additional_headers=headers) as socket:
        await socket.send(json.dumps({"type": "hello", "greet": False, "resume": resume}))
        message: dict[str, Any] = json.loads(await socket.recv())
        return message


def test_a_refusal_says_what_to_do() -> None:
    found = Identity(Settings()).of(scope("192.168.1.9"))
    assert isinstance(found, Refused)
    assert "VISAVIS_TOKEN" in found.remedy
