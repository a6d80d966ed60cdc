"""Streamable HTTP: statuses, headers and access rules."""

from typing import Any

import pytest

from atari_cli.server.mcp.caller import VERSIONS
from tests.server.conftest import Reply, Start, Ways

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
TOLD = {"jsonrpc": "2.0", "method": "notifications/initialized"}
ACCEPT = "application/json, text/event-stream"


def begin(ways: Ways, **headers: str) -> str:
    params = {"protocolVersion": VERSIONS[0], "capabilities": {}}
    request = PING | {"method": "initialize", "params": params}
    reply = ways.ask("POST", "/mcp", request, Accept=ACCEPT, **headers)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    return reply.headers["mcp-session-id"]


def call(ways: Ways, key: str, name: str, **arguments: Any) -> dict[str, Any]:
    request = PING | {"method": "tools/call", "params": {"name": name, "arguments": arguments}}
    headers = {"Mcp_Session_Id": key, "MCP_Protocol_Version": VERSIONS[0], "Accept": ACCEPT}
    reply = ways.ask("POST", "/mcp", request, **headers)
    assert reply.status == 200
    assert "mcp-session-id" not in reply.headers
    return dict(reply.body["result"])


def test_a_client_gets_a_session_id_that_keeps_its_game(ways: Ways) -> None:
    one, other = begin(ways), begin(ways)
    assert one != other
    assert len(ways.server.sessions) == 0
    begun = call(ways, one, "new_game", game="pong", seed=1)["structuredContent"]
    assert call(ways, one, "status")["structuredContent"].items() <= begun.items()
    assert call(ways, other, "status")["isError"]
    reply = ways.ask("DELETE", "/mcp", Mcp_Session_Id=one)
    assert (reply.status, reply.body) == (200, {"closed": True})
    assert len(ways.server.sessions) == 0
    assert ways.ask("DELETE", "/mcp", Mcp_Session_Id=one).body == {"closed": False}


def test_the_game_can_be_reached_through_the_other_routes(ways: Ways) -> None:
    begun = call(ways, begin(ways), "new_game", game="breakout", seed=5)["structuredContent"]
    state = ways.ask("GET", "/state", X_Atari_Session=begun["session_id"]).body
    assert (state["game_name"], state["seed"]) == ("breakout", 5)


def test_a_notification_is_accepted_with_an_empty_reply(ways: Ways) -> None:
    reply = ways.ask("POST", "/mcp", TOLD)
    assert (reply.status, reply.body) == (202, "")
    assert ways.ask("POST", "/mcp", [TOLD, TOLD]).status == 202


def test_a_stream_cannot_be_requested_with_get(ways: Ways) -> None:
    reply = ways.ask("GET", "/mcp", Accept="text/event-stream")
    assert (reply.status, reply.headers["allow"]) == (405, "DELETE, POST")


@pytest.mark.parametrize(
    ("method", "headers", "reason"),
    [
        ("POST", {"MCP_Protocol_Version": "1999-01-01"}, "must be one of 2025-11-25"),
        ("POST", {"Mcp_Session_Id": "short"}, "16 to 128 visible"),
        ("POST", {"Mcp_Session_Id": "x" * 129}, "16 to 128 visible"),
        ("DELETE", {"Mcp_Session_Id": "a b" * 8}, "16 to 128 visible"),
        ("DELETE", {}, "expected the header Mcp-Session-Id"),
    ],
)
def test_invalid_headers_are_refused(
    ways: Ways, method: str, headers: dict[str, str], reason: str
) -> None:
    reply = ways.ask(method, "/mcp", PING, **headers)
    assert reply.status == 400
    assert reason in reply.body["detail"]


def test_the_version_of_initialize_is_negotiated_whatever_its_header(ways: Ways) -> None:
    for version in ("2026-06-18", "latest", "1999-01-01"):
        assert begin(ways, MCP_Protocol_Version=version)
    refused = ways.ask("POST", "/mcp", PING, MCP_Protocol_Version="2026-06-18")
    assert refused.status == 400
    for other in ([PING | {"method": "initialize"}], "initialize", None):
        assert ways.ask("POST", "/mcp", other, MCP_Protocol_Version="2026-06-18").status == 400


def test_batches_are_answered_only_in_the_version_that_has_them(ways: Ways) -> None:
    assert len(ways.ask("POST", "/mcp", [PING, PING]).body) == 2
    later = ways.ask("POST", "/mcp", [PING], MCP_Protocol_Version="2025-06-18")
    assert later.body["error"]["code"] == -32600


def test_the_access_rules_of_the_server_apply(start: Start) -> None:
    ways = start(token="secret", mode="production", allow_hosts=("mine.example",))

    def status(method: str = "POST", **headers: str) -> int:
        return ways.ask(method, "/mcp", PING, Mcp_Session_Id="k" * 16, **headers).status

    bearer = "Bearer secret"
    assert status() == status("DELETE") == 401
    assert status(Authorization=bearer) == status("DELETE", Authorization=bearer) == 200
    assert status(Authorization=bearer, Host="evil.example") == 421
    assert status(Authorization=bearer, Host="mine.example") == 200
    page = {"Authorization": bearer, "Origin": "https://evil.example"}
    assert status(**page) == status("DELETE", **page) == 403


def test_a_page_of_an_allowed_origin_can_keep_a_session(start: Start) -> None:
    ways = start(allow_origins=("https://page.example",))
    asked = {"Origin": "https://page.example", "Access_Control_Request_Method": "DELETE"}
    reply: Reply = ways.ask("OPTIONS", "/mcp", **asked)
    assert reply.status == 200
    for name in ("Mcp-Session-Id", "MCP-Protocol-Version"):
        assert name in reply.headers["access-control-allow-headers"]
    assert "Mcp-Session-Id" in reply.headers["access-control-expose-headers"]
