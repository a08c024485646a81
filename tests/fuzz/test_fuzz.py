"""The fuzzers, briefly; each has a command for a long run."""

import random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import wire
from backend.frames import parse
from tests.fuzz import documents, http, socket
from tests.server import serving

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(st.binary(max_size=400))
def test_any_binary_frame_is_sound_or_a_plain_error(frame: bytes) -> None:
    try:
        seq, audio = wire.unpack(frame)
    except ValueError as error:
        assert str(error)
    else:
        assert audio.pack(seq)[:3] == bytes([1, audio.kind, audio.flags])
        assert audio.pcm == frame[16:]


@given(st.text(max_size=300) | ANY.map(str) | st.dictionaries(st.sampled_from(socket.FIELDS), ANY).map(repr))
def test_any_text_frame_is_a_message_or_a_plain_error(text: str) -> None:
    found = parse(text, None)
    if isinstance(found, wire.Error):
        assert found.code in {"bad_json", "bad_message", "unknown_type", "too_long"}
        assert len(found.text) < 500
        assert not found.fatal


@pytest.mark.timeout(200)
async def test_the_socket_withstands_anything() -> None:
    assert await socket.fuzz(1_000, seed=random.randrange(10**6)) == 1_000


async def test_no_request_breaks_the_server() -> None:
    found = await http.fuzz(120, seed=random.randrange(10**6))
    assert " times 200" in found
    assert " times 422" in found, "wrong ones are among them"


ODD = [
    "/static/..%2f..%2fpyproject.toml",
    "/static/../../pyproject.toml",
    "/%00",
    "/ws",
    "/nothing",
    "//",
    "/enter/%ff",
]


async def test_no_odd_path_or_method_breaks_the_server() -> None:
    """What no description names: other methods, other paths."""
    async with serving(voices=("espeak",)) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        for path in [*ODD, "/", "/costs", "/metrics"]:
            for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"):
                answer = await client.request(method, path, content=b"{")
                about = (method, path)
                assert answer.status_code < 500 or answer.status_code == 503, about
                assert b"Traceback" not in answer.content, about
                assert b"[build-system]" not in answer.content, about
                assert "content-security-policy" in answer.headers, about


async def test_the_description_is_for_those_who_may_see_everything() -> None:
    async with serving(voices=("espeak",), trusted_proxies=("127.0.0.1",), admins=("boss@example.com",)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            for name, status in (("boss@example.com", 200), ("ada@example.com", 404)):
                answer = await client.get("/openapi.json", headers={"X-Forwarded-Email": name})
                assert answer.status_code == status
                assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_no_document_does_harm() -> None:
    assert "refused in a sentence" in documents.fuzz(300, seed=random.randrange(10**6))


def test_pages_of_any_depth_are_read_in_time() -> None:
    for deep in (b"<div>" * 300_000, b"<main><ul>" + b"<li>a<ul>" * 30_000, b"<table><tr><td>" * 100_000):
        assert documents.check(deep + b"said", ".html")
