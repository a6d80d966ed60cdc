"""The JSON-RPC envelope: which messages are requests, and which replies and errors they get."""

import json
from typing import Any

import pytest

from atari_cli.server.mcp import answer, answer_text
from atari_cli.server.mcp.rpc import MOST_IN_BATCH
from tests.server.conftest import Start, Ways, say, until
from tests.server.mcp.conftest import Player, ask

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
PONG = {"jsonrpc": "2.0", "id": 1, "result": {}}
TOLD = {"jsonrpc": "2.0", "method": "notifications/initialized"}
CALL = {"jsonrpc": "2.0", "method": "tools/call"}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, -32600),
        ([], -32600),
        (5, -32600),
        ({"jsonrpc": "1.0", "method": "tools/list"}, -32600),
        ({"jsonrpc": "2.0", "method": 5}, -32600),
        ({"jsonrpc": "2.0", "method": "tools/list", "extra": 1}, -32600),
        ({"jsonrpc": "2.0", "method": "tools/list", "id": [1]}, -32600),
        ({"jsonrpc": "2.0", "method": "tools/list", "id": True}, -32600),
        ({"jsonrpc": "2.0", "method": "tools/list", "params": [1]}, -32600),
        ({"jsonrpc": "2.0", "method": "resources/list"}, -32601),
        ({"jsonrpc": "2.0", "method": "notifications/initialized", "id": 1}, -32601),
        ({"jsonrpc": "2.0", "method": "initialize"}, -32602),
        ({**CALL, "params": {"name": "x"}}, -32602),
        ({**CALL, "params": {"name": ["status"]}}, -32602),
        ({**CALL, "params": {"name": "status", "arguments": [1]}}, -32602),
        ({**CALL, "params": {"name": "status", "session_id": "none"}}, -32602),
        ({"jsonrpc": "2.0", "method": "openenv/session/close"}, -32602),
    ],
)
def test_an_invalid_request_gets_200_and_an_error_code(
    ways: Ways, request_: object, code: int
) -> None:
    reply = ways.ask("POST", "/mcp", request_)
    assert reply.status == 200
    assert reply.body["jsonrpc"] == "2.0"
    assert reply.body["error"]["code"] == code


def test_the_error_for_an_invalid_request_has_its_id(player: Player) -> None:
    for identity, told in ((7, 7), ("a", "a"), ([1], None)):
        reply = answer({"jsonrpc": "2.0", "method": 5, "id": identity}, player.caller)
        assert isinstance(reply, dict)
        assert (reply["id"], reply["error"]["code"]) == (told, -32600)


def test_invalid_json_is_a_parse_error(ways: Ways, player: Player) -> None:
    connection = ways.connection()
    connection.request("POST", "/mcp", b"{")
    assert json.loads(connection.getresponse().read())["error"]["code"] == -32700
    reply = answer_text(b"{", player.caller)
    assert isinstance(reply, dict)
    assert reply["error"]["code"] == -32700


@pytest.mark.parametrize("message", [TOLD, {"jsonrpc": "2.0", "id": 3, "result": {}}])
def test_notifications_and_responses_get_no_reply(message: object, player: Player) -> None:
    assert answer(message, player.caller) is None


def test_a_batch_gets_one_reply_in_the_version_that_has_batches(player: Player) -> None:
    assert answer([PING, TOLD, PING | {"id": "b"}], player.caller) == [PONG, PONG | {"id": "b"}]
    assert answer([TOLD], player.caller) is None
    player.ask("initialize", protocolVersion="2025-06-18")
    later = answer([PING], player.caller)
    assert isinstance(later, dict)
    assert "2025-06-18 has no batches" in later["error"]["message"]


def test_a_batch_is_limited_and_may_not_contain_batches_or_initialize(player: Player) -> None:
    start = PING | {"method": "initialize", "params": {"protocolVersion": "2025-03-26"}}
    for part in ([PING], start):
        replies = answer([part], player.caller)
        assert isinstance(replies, list)
        assert replies[0]["error"]["code"] == -32600
    long = answer([PING] * (MOST_IN_BATCH + 1), player.caller)
    assert isinstance(long, dict)
    assert f"1 to {MOST_IN_BATCH} requests, got {MOST_IN_BATCH + 1}" in long["error"]["message"]


def test_an_internal_error_shows_no_traceback(
    player: Player, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*given: object) -> Any:
        raise RuntimeError("a secret place")

    monkeypatch.setattr("atari_cli.server.sessions.register.Sessions.default", fail)
    error = player.ask("tools/call", name="new_game", arguments={"game": "pong"})["error"]
    assert error["code"] == -32603
    assert "secret" not in error["message"]
    assert error["message"].split()[-1] in caplog.text


def test_a_session_created_here_can_be_played_over_a_websocket(start: Start) -> None:
    ways = start(max_sessions=1)
    identity = ask(ways, "openenv/session/create")["result"]["session_id"]
    full = ask(ways, "openenv/session/create")["error"]
    assert full["code"] == -32000
    assert full["data"] == {"active_sessions": 1, "max_sessions": 1}
    with ways.talk(f"/ws?session_id={identity}") as socket:
        assert say(socket, "reset", obs_type="ram")["type"] == "observation"
        closing = ask(ways, "openenv/session/close", session_id=identity)["result"]
        assert closing == {"session_id": identity, "closed": False, "closing": True}
        assert say(socket, "state")["type"] == "state"
    assert until(lambda: len(ways.server.sessions) == 0)


def test_a_message_on_a_websocket_uses_its_session_and_always_gets_a_reply(ways: Ways) -> None:
    with ways.talk() as socket:
        reply = say(socket, "mcp", **PING | {"method": "openenv/session/create"})
        assert reply["type"] == "mcp"
        own = reply["data"]["result"]["session_id"]
        closed = PING | {"method": "openenv/session/close", "params": {"session_id": own}}
        assert say(socket, "mcp", **closed)["data"]["error"]["code"] == -32600
        assert say(socket, "mcp", **TOLD)["data"] == {"jsonrpc": "2.0", "id": None, "result": {}}
        say(socket, "reset", seed=1)
        call = PING | {"method": "tools/call", "params": {"name": "status"}}
        content = say(socket, "mcp", **call)["data"]["result"]["structuredContent"]
        assert (content["session_id"], content["seed"]) == (own, 1)


def test_the_game_of_the_mcp_websocket_ends_with_it(ways: Ways) -> None:
    with ways.talk("/mcp") as socket:

        def call(name: str, **arguments: Any) -> Any:
            params = {"name": name, "arguments": arguments}
            socket.send(json.dumps(PING | {"method": "tools/call", "params": params}))
            return json.loads(socket.recv(timeout=30))["result"]

        socket.send(json.dumps(TOLD))
        assert call("status")["isError"]
        begun = call("new_game", game="pong")["structuredContent"]
        assert call("status")["structuredContent"].items() <= begun.items()
        assert len(ways.server.sessions) == 1
    assert until(lambda: len(ways.server.sessions) == 0)
