"""The methods other than calls of tools."""

from typing import Final

import pytest

from atari_cli.server.mcp.caller import VERSIONS
from atari_cli.version import __version__
from tests.server.mcp.conftest import Player

RESERVED: Final = {"reset", "step", "state", "close"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_known_version_is_accepted(player: Player, version: str) -> None:
    result = player.ask("initialize", protocolVersion=version, capabilities={})["result"]
    assert result["protocolVersion"] == player.caller.version == version
    assert result["serverInfo"]["version"] == __version__
    assert result["capabilities"] == {"tools": {"listChanged": False}}


def test_an_unknown_version_is_answered_with_the_newest(player: Player) -> None:
    assert (
        player.ask("initialize", protocolVersion="1999-01-01")["result"]["protocolVersion"]
        == (VERSIONS[0])
    )


def test_the_instructions_name_every_tool_except_status(player: Player) -> None:
    told = player.ask("initialize", protocolVersion=VERSIONS[0])["result"]["instructions"]
    tools = {tool["name"] for tool in player.ask("tools/list")["result"]["tools"]}
    assert not tools & RESERVED
    assert {name for name in tools if name in told} == tools - {"status"}


def test_a_ping_gets_an_empty_result(player: Player) -> None:
    assert player.ask("ping")["result"] == {}


def test_the_session_may_be_named_as_openenv_does(player: Player) -> None:
    identity = player.sessions.open().id
    call = {"name": "new_game", "arguments": {"game": "pong"}, "session_id": identity}
    result = player.ask("tools/call", **call)["result"]
    assert result["structuredContent"]["session_id"] == identity
    assert len(player.sessions) == 1
    closed = player.ask("openenv/session/close", session_id=identity)["result"]
    assert closed == {"session_id": identity, "closed": True}
    assert len(player.sessions) == 0
