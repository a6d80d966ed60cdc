"""MCP over standard input and output, line by line."""

import json
from io import BytesIO
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting
from atari_cli.server.mcp.stdio import MOST_BYTES, serve_mcp

PING = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'


def told(*lines: bytes) -> list[Any]:
    """Return the replies to lines."""
    sink = BytesIO()
    serve_mcp(EnvironmentConfig(), BytesIO(b"\n".join(lines)), sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_each_request_and_each_reply_is_one_line() -> None:
    pong = {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert told(PING, b"", PING, b"[" + PING + b"]\r") == [pong, pong, [pong]]


def test_a_notification_gets_no_reply() -> None:
    assert told(b'{"jsonrpc": "2.0", "method": "notifications/cancelled"}') == []


def test_invalid_lines_are_reported_and_later_ones_answered() -> None:
    first, second, third = told(b"{", b"\xff\xfe", PING)
    assert first["error"]["code"] == second["error"]["code"] == -32700
    assert third["result"] == {}


@pytest.mark.parametrize("extra", [0, 1, 5, MOST_BYTES, MOST_BYTES + 1])
def test_an_overlong_line_is_refused_as_a_whole(extra: int) -> None:
    first, second = told(b" " * (MOST_BYTES - len(PING)) + PING + b" " * extra, PING)
    assert ("error" in first) is (extra > 0)
    assert second["result"] == {}


def test_an_invalid_setting_is_reported_before_anything_else() -> None:
    with pytest.raises(InvalidSetting, match="no game is called"):
        serve_mcp(EnvironmentConfig(game="pomg"), BytesIO(), BytesIO())
