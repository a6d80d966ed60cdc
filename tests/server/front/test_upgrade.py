"""Who may open a WebSocket, and to which session; its place is freed however it ends."""

import json
import logging
import socket as sockets
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from atari_cli.server.sessions.phases import Phase
from tests.server.conftest import Start, Ways, closed_with, say, until


def test_close_frees_the_place_before_the_connection_ends(start: Start) -> None:
    ways = start(max_sessions=1)
    for _ in range(20):
        socket = ways.talk()
        say(socket, "state")
        socket.send('{"type": "close"}')
        assert closed_with(socket) == 1000
        assert len(ways.server.sessions) == 0


def test_a_broken_connection_frees_its_place(ways: Ways) -> None:
    for _ in range(10):
        socket = ways.talk()
        say(socket, "state")
        socket.socket.shutdown(sockets.SHUT_RDWR)
    assert until(lambda: not len(ways.server.sessions))


def test_a_full_server_says_so_and_closes_the_connection(start: Start) -> None:
    ways = start(max_sessions=1)
    first = ways.talk()
    say(first, "state")
    second = ways.talk()
    reply = json.loads(second.recv(timeout=30))["data"]
    assert reply["code"] == "CAPACITY_REACHED"
    assert (reply["active_sessions"], reply["max_sessions"]) == (1, 1)
    second.send('{"type": "state"}')
    assert closed_with(second) == 1000
    assert say(first, "state")["type"] == "state"


def test_no_more_sessions_are_opened_than_allowed(start: Start) -> None:
    ways = start(max_sessions=5)
    replies: list[str] = []

    def enter() -> None:
        socket = ways.talk()
        replies.append(say(socket, "state")["type"])

    threads = [Thread(target=enter) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replies) == ["error"] * 7 + ["state"] * 5


def test_a_session_is_attached_to_one_websocket_at_a_time(ways: Ways) -> None:
    identity = ways.ask("POST", "/sessions").body["session_id"]
    with ways.talk(f"/ws?session_id={identity}") as socket:
        say(socket, "step", action_id=0)
        with ways.talk(f"/ws?session_id={identity}") as second:
            reply = json.loads(second.recv(timeout=30))["data"]
            assert reply["code"] == "SESSION_ERROR"
            assert "already has an attached WebSocket" in reply["message"]
    session = ways.server.sessions.get(identity)
    assert until(lambda: session.phase is Phase.USED)
    assert ways.ask("GET", "/state", X_Atari_Session=identity).body["step_count"] == 1


def test_an_unknown_session_is_an_error(ways: Ways) -> None:
    with ways.talk("/ws?session_id=none") as socket:
        assert json.loads(socket.recv(timeout=30))["data"]["code"] == "SESSION_ERROR"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/nowhere", {}, 403),
        ("/ws", {"Origin": "https://evil.example"}, 403),
        ("/ws", {"Authorization": "Bearer wrong"}, 401),
    ],
)
def test_a_forbidden_upgrade_is_refused(
    start: Start, path: str, headers: dict[str, str], status: int
) -> None:
    ways = start(token="right")
    headers = {"Authorization": "Bearer right"} | headers
    with pytest.raises(InvalidStatus) as raised:
        ways.talk(path, additional_headers=headers)
    assert raised.value.response.status_code == status
    assert len(ways.server.sessions) == 0


@pytest.mark.parametrize(
    ("path", "offered", "chosen"),
    [
        ("/ws", None, None),
        ("/ws", ["other.v1"], None),
        ("/ws", ["other.v1", "atari.v1"], "atari.v1"),
        ("/mcp", ["atari.v1"], None),
    ],
)
def test_the_subprotocol_is_chosen_if_offered(
    ways: Ways, path: str, offered: list[Any] | None, chosen: str | None
) -> None:
    with ways.talk(path, subprotocols=offered) as socket:
        assert socket.subprotocol == chosen


def test_messages_are_compressed_only_for_other_machines(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    def extensions(**options: Any) -> str | None:
        with ways.talk(compression="deflate", **options) as socket:
            assert socket.response is not None
            if socket.subprotocol is None:
                assert say(socket, "reset", seed=1)["type"] == "observation"
            return socket.response.headers.get("Sec-WebSocket-Extensions")

    assert extensions() is None
    monkeypatch.setattr("atari_cli.server.front.connection.is_loopback", lambda host: False)
    assert "permessage-deflate" in str(extensions())
    assert extensions(subprotocols=["atari.v1"]) is None


@pytest.mark.parametrize(
    ("line", "changed", "status"),
    [
        ("GET /ws HTTP/1.1", {"Sec-WebSocket-Version": "12"}, 400),
        ("GET /ws HTTP/1.1", {"Sec-WebSocket-Key": "short"}, 400),
        ("GET /ws HTTP/1.1", {"Connection": "keep-alive"}, 426),
        ("GET /ws HTTP/1.0", {}, 505),
        ("POST /ws HTTP/1.1", {}, 405),
    ],
)
def test_an_invalid_upgrade_is_refused_like_an_invalid_request(
    ways: Ways, line: str, changed: dict[str, str], status: int
) -> None:
    headers = {
        "Host": "localhost",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    } | changed
    lines = [line, *(f"{name}: {value}" for name, value in headers.items())]
    with sockets.create_connection(ways.address, timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        reply = connection.makefile("rb").read()
    assert reply.startswith(b"HTTP/1.1 %d " % status)
    assert b'{"detail":"no proper WebSocket handshake: ' in reply
    assert len(ways.server.sessions) == 0


def test_the_client_of_a_reaped_session_gets_the_reason(start: Start) -> None:
    ways = start(idle_timeout=0.05)
    with ways.talk() as socket:
        say(socket, "reset", obs_type="ram")
        while len(ways.server.sessions):
            ways.server.sessions.reap(monotonic() + 1)
        reply = say(socket, "step", action_id=0)
        assert reply["data"]["code"] == "SESSION_ERROR"
        assert "idle for too long" in reply["data"]["message"]
        assert closed_with(socket) == 1000


def test_only_one_of_many_concurrent_clients_attaches_to_a_session(ways: Ways) -> None:
    identity = ways.ask("POST", "/sessions").body["session_id"]
    replies: list[str] = []

    def enter() -> None:
        replies.append(say(ways.talk(f"/ws?session_id={identity}"), "state")["type"])

    threads = [Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replies) == ["error"] * 5 + ["state"]


def test_opening_and_closing_are_logged_without_the_session_id(
    ways: Ways, caplog: pytest.LogCaptureFixture
) -> None:
    identity = ways.ask("POST", "/sessions").body["session_id"]
    with caplog.at_level(logging.INFO, logger="atari"):
        with ways.talk(f"/ws?session_id={identity}") as socket:
            say(socket, "state")
            say(socket, "state")
        assert until(lambda: "closed" in caplog.text)
    # A request is logged after its reply was sent, so that of the first may be among them.
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if "WebSocket" in line] == [
        "WebSocket /ws opened",
        "WebSocket /ws closed after 2 messages",
    ]
    assert identity not in caplog.text


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_a_refused_upgrade_says_how_to_send_the_token(start: Start, headers: Any) -> None:
    ways = start(token="right")
    with pytest.raises(InvalidStatus) as raised:
        ways.talk(additional_headers=headers)
    assert "Bearer" in raised.value.response.headers["WWW-Authenticate"]


def test_a_token_may_be_in_the_url_as_all_openenv_clients_support(start: Start) -> None:
    ways = start(token="right")
    host, port = ways.address
    with connect(f"ws://any:right@{host}:{port}/ws") as socket:
        assert say(socket, "state")["type"] == "state"


def test_a_wrong_host_cannot_open_a_websocket(ways: Ways) -> None:
    head = "GET /ws HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\n\r\n"
    assert ways.send(head.encode()).startswith(b"HTTP/1.1 421 ")
