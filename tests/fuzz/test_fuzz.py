"""The fuzzers, briefly; each has a command for a long run."""

import random
import string
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import wire
from backend.frames import parse
from tests.fuzz import socket
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


PATHS = [
    *("/", "/costs", "/costs.csv", "/me/export", "/me/forget", "/status", "/metrics", "/enter", "/health/ready"),
    *("/static/..%2f..%2fpyproject.toml", "/static/../../pyproject.toml", "/%00", "/ws", "/plain.css", "/nothing"),
]
NAMES = ["days", "conversations", "minutes", "strong", "region", "edition", "wrong", "token"]


async def test_no_request_breaks_the_server() -> None:
    """Every route with any method, query, header and body: an answer below 500, and nothing of ours in it."""
    chance = random.Random(random.randrange(10**6))

    def odd() -> Any:
        return chance.choice(
            ["", "-1", "1e999", "NaN", "\x00", "é" * 40, "a" * 3_000, "[]", "2147483648", "<script>alert(1)</script>"]
        )

    async with serving(voices=("espeak",)) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        for _ in range(300):
            method = chance.choice(["GET", "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
            path = chance.choice(PATHS)
            query = {name: odd() for name in chance.sample(NAMES, chance.randint(0, 3))}
            headers = {"X-" + "".join(chance.choices(string.ascii_letters, k=5)): "a" * chance.choice([0, 1, 900])}
            body = chance.choice([None, b"", b"{", b"token=" + chance.randbytes(30), chance.randbytes(5_000)])
            answer = await client.request(method, path, params=query, headers=headers, content=body)
            about = (method, path, query, body)
            assert answer.status_code < 500 or answer.status_code == 503, about
            assert b"Traceback" not in answer.content, about
            assert b"[build-system]" not in answer.content, about
            if "html" in answer.headers.get("content-type", ""):
                assert b"<script>alert(1)" not in answer.content, about
            assert "content-security-policy" in answer.headers, about
