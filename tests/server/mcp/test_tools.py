"""The tools describe themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from atari_cli.server.mcp.tools import TOOLS
from tests.server.mcp.conftest import Player

ROOT = Path(__file__).parent.parent.parent.parent
NAMES = {
    *("list_games", "game_info", "new_game", "press"),
    *("screen", "status", "save_state", "restore_state"),
}


@pytest.fixture
def listed(player: Player) -> dict[str, Any]:
    return {tool["name"]: tool for tool in player.ask("tools/list")["result"]["tools"]}


def undescribed(schema: Any) -> Iterator[str]:
    """Yield the properties in a schema that have no description."""
    if isinstance(schema, dict):
        for name, described in schema.get("properties", {}).items():
            if not described.get("description"):
                yield name
            yield from undescribed(described)
        yield from undescribed(schema.get("items"))


def test_the_tools_have_the_expected_names(listed: dict[str, Any]) -> None:
    assert listed.keys() == TOOLS.keys() == NAMES


def test_each_tool_describes_itself_its_arguments_and_its_result(listed: dict[str, Any]) -> None:
    for tool in listed.values():
        assert tool["title"]
        assert tool["description"].endswith(".")
        for kind in ("inputSchema", "outputSchema"):
            assert tool[kind]["type"] == "object"
            assert "$ref" not in json.dumps(tool[kind])
            assert not list(undescribed(tool[kind]))


def test_each_tool_is_documented(listed: dict[str, Any]) -> None:
    documented = (ROOT / "docs" / "mcp.md").read_text("utf-8")
    for name, tool in listed.items():
        assert f"`{name}`" in documented
        own = tool["inputSchema"]["properties"].keys()
        assert all(f"`{argument}`" in documented for argument in own)


def test_only_tools_that_change_nothing_are_marked_as_read_only(listed: dict[str, Any]) -> None:
    reading = {name for name, tool in listed.items() if tool["annotations"]["readOnlyHint"]}
    assert reading == {"list_games", "game_info", "screen", "status"}
