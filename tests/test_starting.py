"""How the server begins."""

import socket

import pytest
import uvicorn

from backend.starting import send_at_once


def test_connections_to_several_workers_send_small_frames_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.Config, "bind_socket", uvicorn.Config.bind_socket)  # put back behind the test
    send_at_once()
    with uvicorn.Config("backend.main:app", host="127.0.0.1", port=0).bind_socket() as bound:
        bound.listen()
        with socket.create_connection(bound.getsockname()[:2]), bound.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
