"""The JSON-RPC envelope: its errors, and sessions made and ended by it."""

import json

import pytest

from tests.server.conftest import Start, Ways, say, until


def call(ways: Ways, method: str, **params: object) -> dict:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return ways.ask("POST", "/mcp", request).body


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, -32600),
        ([], -32600),
        ({"jsonrpc": "1.0", "method": "tools/list"}, -32600),
        ({"jsonrpc": "2.0", "method": 5}, -32600),
        ({"jsonrpc": "2.0", "method": "tools/list", "extra": 1}, -32600),
        ({"jsonrpc": "2.0", "method": "tools/list", "id": [1]}, -32600),
        ({"jsonrpc": "2.0", "method": "initialize"}, -32601),
        ({"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "x"}}, -32602),
        ({"jsonrpc": "2.0", "method": "openenv/session/close"}, -32602),
    ],
)
def test_a_wrong_request_is_answered_with_200_and_a_code(
    ways: Ways, request_: object, code: int
) -> None:
    reply = ways.ask("POST", "/mcp", request_)
    assert reply.status == 200
    assert reply.body["jsonrpc"] == "2.0"
    assert reply.body["error"]["code"] == code


def test_what_is_no_json_is_a_parse_error(ways: Ways) -> None:
    connection = ways.connection()
    connection.request("POST", "/mcp", b"{")
    assert json.loads(connection.getresponse().read())["error"]["code"] == -32700


def test_a_session_made_here_is_played_over_a_websocket(start: Start) -> None:
    ways = start(max_sessions=1)
    identity = call(ways, "openenv/session/create")["result"]["session_id"]
    full = call(ways, "openenv/session/create")["error"]
    assert full["code"] == -32000
    assert full["data"] == {"active_sessions": 1, "max_sessions": 1}
    with ways.talk(f"/ws?session_id={identity}") as socket:
        assert say(socket, "reset", obs_type="ram")["type"] == "observation"
        closing = call(ways, "openenv/session/close", session_id=identity)["result"]
        assert closing == {"session_id": identity, "closed": False, "closing": True}
        assert say(socket, "state")["type"] == "state"
    assert until(lambda: len(ways.server.sessions) == 0)
    with ways.talk("/mcp") as socket:
        socket.send(json.dumps({"jsonrpc": "2.0", "id": "a", "method": "tools/list"}))
        assert json.loads(socket.recv())["result"] == {"tools": []}


def test_mcp_speaks_on_a_session_of_its_websocket(ways: Ways) -> None:
    with ways.talk() as socket:
        request = {"jsonrpc": "2.0", "id": 5, "method": "openenv/session/create"}
        reply = say(socket, "mcp", **request)
        assert reply["type"] == "mcp"
        own = reply["data"]["result"]["session_id"]
        closed = request | {"method": "openenv/session/close", "params": {"session_id": own}}
        assert say(socket, "mcp", **closed)["data"]["error"]["code"] == -32602
