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
from atari_cli.wire.atari_v1 import unpack_message
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
    monkeypatch.setattr("atari_cli.server.transport.client.is_loopback", lambda host: False)
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
    assert b'{"detail":"invalid WebSocket handshake: ' in reply
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


@pytest.mark.parametrize("path", ["/mcp", "/ws/watch"])
def test_a_websocket_without_a_session_that_sends_nothing_is_closed(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    with ways.talk(path) as idle, ways.talk() as player:
        say(player, "reset", obs_type="ram")
        ways.server._listener.end_idle(monotonic() + 59)
        ways.server._listener.end_idle(monotonic() + 61)
        assert closed_with(idle) == 1000
        assert say(player, "step", action_id=0)["type"] == "observation"


def test_a_websocket_whose_session_has_ended_has_time_to_hear_why(start: Start) -> None:
    ways = start(idle_timeout=0.05)
    with ways.talk() as socket:
        say(socket, "reset", obs_type="ram")
        later = monotonic() + 1000
        ways.server._listener.end_idle(later)
        ways.server.sessions.reap(later)
        ways.server._listener.end_idle(later + 59)
        assert say(socket, "step", action_id=0)["data"]["code"] == "SESSION_ERROR"


def spoken(ways: Ways, query: str = "") -> Any:
    return ways.talk(f"/ws{query}", subprotocols=["atari.v1"])


def result(socket: Any, kind: str, **more: Any) -> dict[str, Any]:
    """Send a request of `atari.v1` and return the header of its reply."""
    socket.send(json.dumps({"type": kind, **more}))
    message = socket.recv(timeout=30)
    header: dict[str, Any]
    header = (
        json.loads(message) if isinstance(message, str) else unpack_message(message, 1 << 20)[0]
    )
    return header


def begun(ways: Ways) -> tuple[Any, str]:
    """Return a connection with an episode of one step, and the id of its session."""
    socket = spoken(ways)
    episode = result(socket, "reset", data={"seed": 1, "obs_type": "ram"})["data"]["episode"]
    result(socket, "step", data={"action_id": 0}, id=1)
    return socket, episode["session_id"]


def test_a_lost_session_is_taken_up_again_with_its_id_alone(ways: Ways) -> None:
    socket, identity = begun(ways)
    socket.socket.shutdown(sockets.SHUT_RDWR)
    session = ways.server.sessions.get(identity)
    assert until(lambda: session.phase is Phase.LOST)
    for wrong in (identity[:4], session.watch_key, ""):
        with pytest.raises(InvalidStatus) as raised:
            spoken(ways, f"?session_id={wrong}&resume=true")
        assert raised.value.response.status_code == 404
    back = spoken(ways, f"?session_id={identity}&resume=true")
    header = result(back, "step", data={"action_id": 0}, id=2)
    assert (header["id"], header["data"]["episode"]["session_id"]) == (2, identity)
    assert session.state().step_count == 2


def test_a_session_is_taken_over_from_a_connection_that_seems_open(ways: Ways) -> None:
    silent, identity = begun(ways)
    back = spoken(ways, f"?session_id={identity}&resume=true")
    assert result(back, "state")["data"]["step_count"] == 1
    assert closed_with(silent) == 4001


@pytest.mark.parametrize(("again", "steps"), [(True, 1), (False, 2)])
def test_a_request_that_was_answered_is_not_played_again(
    ways: Ways, again: bool, steps: int
) -> None:
    socket, identity = begun(ways)
    back = spoken(ways, f"?session_id={identity}&resume=true")
    more = {"again": True} if again else {}
    header = result(back, "step", data={"action_id": 0}, id=1, **more)
    assert header["data"]["frame_number"] == 4 * steps
    assert ways.server.sessions.get(identity).state().step_count == steps


def test_a_request_that_was_not_answered_is_played_when_it_comes_again(ways: Ways) -> None:
    _, identity = begun(ways)
    back = spoken(ways, f"?session_id={identity}&resume=true")
    result(back, "step", data={"action_id": 0}, id=2, again=True)
    result(back, "reset", data={"seed": 2}, id=3, again=True)
    assert ways.server.sessions.get(identity).state().seed == 2
    result(back, "reset", data={"seed": 9}, id=3, again=True)
    assert ways.server.sessions.get(identity).state().seed == 2


def test_the_results_of_a_batch_that_was_answered_are_gone(ways: Ways) -> None:
    socket, identity = begun(ways)
    actions = {"data": {"actions": [0, 0]}, "id": 2}
    result(socket, "step_many", **actions)
    header = result(socket, "step_many", **actions, again=True)
    assert "results are gone" in header["data"]["message"]
    assert ways.server.sessions.get(identity).state().step_count == 3


@pytest.mark.parametrize("way", ["close", 1000, "plain", "no episode", "not kept"])
def test_a_session_ends_with_its_connection_if_nobody_could_come_back(
    start: Start, way: str | int
) -> None:
    ways = start(keep_lost=0.0 if way == "not kept" else 60.0)
    if way == "plain":
        socket = ways.talk()
        say(socket, "reset", obs_type="ram")
    elif way == "no episode":
        socket = spoken(ways)
        result(socket, "state")
    else:
        socket, _ = begun(ways)
    if way == "close":
        socket.send('{"type": "close"}')
    elif way == 1000:
        socket.close()
    else:
        socket.socket.shutdown(sockets.SHUT_RDWR)
    assert until(lambda: not len(ways.server.sessions))


def test_a_game_of_a_lost_mcp_connection_continues_for_a_client_with_its_id(ways: Ways) -> None:
    def call(socket: Any, name: str, **arguments: Any) -> dict[str, Any]:
        params = {"name": name, "arguments": arguments}
        socket.send(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        )
        told: dict[str, Any] = json.loads(socket.recv(timeout=30))["result"]["structuredContent"]
        return told

    first = ways.talk("/mcp")
    identity = call(first, "new_game", game="pong", seed=1)["session_id"]
    first.socket.shutdown(sockets.SHUT_RDWR)
    session = ways.server.sessions.get(identity)
    assert until(lambda: session.phase is Phase.LOST)
    assert call(ways.talk("/mcp"), "status", session_id=identity)["session_id"] == identity


def test_a_page_of_another_origin_sends_the_token_in_the_address(start: Start) -> None:
    ways = start(token="right", allow_origins=("https://friend.example",))
    friend = {"Origin": "https://friend.example"}
    with ways.talk("/ws?token=right", additional_headers=friend) as socket:
        assert say(socket, "state")["type"] == "state"
    for query, headers, status in (
        ("token=wrong", friend, 401),
        ("token=right", {"Origin": "https://evil.example"}, 403),
        ("token=right", {}, 401),
    ):
        with pytest.raises(InvalidStatus) as raised:
            ways.talk(f"/ws?{query}", additional_headers=headers)
        assert raised.value.response.status_code == status
