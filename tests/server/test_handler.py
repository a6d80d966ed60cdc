"""Connections that are slow, wrong or hostile are answered or broken off; the others go on."""

import random
import socket
import struct

import pytest

from atari_cli.server import handler
from tests.server.conftest import Start, Ways


def request(head: str, body: bytes = b"") -> bytes:
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request("GET /nowhere HTTP/1.1\nHost: localhost"), 404),
        (request("PUT /health HTTP/1.1\nHost: localhost"), 405),
        (request("nonsense"), 400),
        (request("GET /health HTTP/9.9\nHost: localhost"), 505),
        (request("POST /step HTTP/1.1\nHost: localhost\nContent-Length: -1"), 400),
        (request("POST /step HTTP/1.1\nHost: localhost\nContent-Length: x"), 400),
        (
            request("POST /step HTTP/1.1\nHost: localhost\nContent-Length: 1\nContent-Length: 2"),
            400,
        ),
        (request("POST /step HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked"), 501),
        (request(f"POST /step HTTP/1.1\nHost: localhost\nContent-Length: {2 << 20}"), 413),
        (request("GET /" + "x" * 70_000 + " HTTP/1.1"), 414),
        (request("GET / HTTP/1.1\n" + "\n".join(f"X-{n}: 1" for n in range(200))), 431),
    ],
)
def test_a_wrong_request_has_its_status_and_a_detail(ways: Ways, data: bytes, status: int) -> None:
    reply = ways.send(data)
    assert reply.startswith(b"HTTP/1.1 %d " % status)
    assert b'{"detail":' in reply
    assert ways.ask("GET", "/health").status == 200


def test_a_wrong_method_names_those_that_are_allowed(ways: Ways) -> None:
    reply = ways.ask("DELETE", "/sessions")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST")


def test_head_is_get_without_a_body(ways: Ways) -> None:
    reply = ways.ask("HEAD", "/health")
    assert (reply.status, reply.body) == (200, "")


def test_requests_may_come_in_one_piece(ways: Ways) -> None:
    get = request("GET /health HTTP/1.1\nHost: localhost")
    assert ways.send(get * 5).count(b"HTTP/1.1 200 OK") == 5


def test_a_request_may_come_byte_by_byte(ways: Ways) -> None:
    data = request(
        "POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 2\nConnection: close", b"{}"
    )
    with socket.create_connection(ways.address, timeout=30) as connection:
        for byte in data:
            connection.sendall(bytes((byte,)))
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_a_body_that_never_comes_is_broken_off(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "BODY_SECONDS", 0.1)
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(
            request("POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 9", b"{")
        )
        assert connection.recv(100) == b""
    assert ways.ask("GET", "/health").status == 200


def test_a_head_that_never_ends_is_broken_off(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "HEAD_SECONDS", 0.1)
    with socket.create_connection(ways.address, timeout=30) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX-")
        assert connection.recv(100) == b""


def test_noise_does_no_harm(ways: Ways) -> None:
    chance = random.Random(1)
    ways.send(chance.randbytes(10_000))
    for _ in range(20):
        ways.send(chance.randbytes(chance.randrange(1, 200)) + b"\r\n\r\n")
    assert ways.ask("GET", "/health").status == 200


def test_a_peer_that_resets_the_connection_does_no_harm(ways: Ways) -> None:
    for _ in range(10):
        connection = socket.create_connection(ways.address, timeout=30)
        connection.sendall(request("POST /reset HTTP/1.1\nHost: localhost\nContent-Length: 0"))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert ways.ask("GET", "/health").status == 200


def test_an_error_of_ours_is_500_without_a_traceback(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object) -> int:
        raise ZeroDivisionError("/secret/path")

    with monkeypatch.context() as patch:
        patch.setattr("atari_cli.server.sessions.Sessions.all", broken)
        reply = ways.ask("GET", "/sessions")
    assert reply.status == 500
    assert "the server failed; its log has" in reply.body["detail"]
    assert "secret" not in str(reply)
    assert ways.ask("GET", "/health").status == 200


def test_sessions_by_token_and_by_peer(start: Start) -> None:
    ways = start(token="t")
    shown = {"Authorization": "Bearer t"}
    assert ways.ask("POST", "/reset", **shown).status == 200
    assert ways.ask("POST", "/step", {"action": {"action_id": 0}}, **shown).status == 200
    assert ways.ask("GET", "/state", **shown).body["step_count"] == 1
