"""What the tools are, and what every call has in common."""

import json
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


def test_the_tools_are_these(listed: dict[str, Any]) -> None:
    assert listed.keys() == TOOLS.keys() == NAMES


def test_each_tool_says_what_it_is_takes_and_returns(listed: dict[str, Any]) -> None:
    for tool in listed.values():
        assert tool["title"]
        assert tool["description"].endswith(".")
        for kind in ("inputSchema", "outputSchema"):
            assert tool[kind]["type"] == "object"
            assert "$ref" not in json.dumps(tool[kind])
        for name, described in tool["inputSchema"]["properties"].items():
            assert described["description"], name


def test_each_tool_stands_in_the_documentation(listed: dict[str, Any]) -> None:
    documented = (ROOT / "docs" / "mcp.md").read_text("utf-8")
    for name, tool in listed.items():
        assert f"`{name}`" in documented
        own = tool["inputSchema"]["properties"].keys()
        assert all(f"`{argument}`" in documented for argument in own)


def test_only_tools_that_change_nothing_say_so(listed: dict[str, Any]) -> None:
    reading = {name for name, tool in listed.items() if tool["annotations"]["readOnlyHint"]}
    assert reading == {"list_games", "game_info", "screen", "status"}


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("list_games", {"serch": "x"}, "Extra inputs are not permitted, got 'x'; list_games takes"),
        (
            "list_games",
            {"max_actions": 0},
            "max_actions: Input should be greater than or equal to 1",
        ),
        ("list_games", {"search": "x" * 201}, "at most 200 characters"),
        ("game_info", {}, "game is missing; game_info takes game (A game in any spelling.)"),
        (
            "game_info",
            {"game": "pomg"},
            "pong, pooyan or pacman? list_games lists all",
        ),
        ("new_game", {"game": "pong", "seed": -1}, "seed: Input should be greater"),
        ("new_game", {"game": "combat"}, "needs two players"),
        ("press", {"actions": []}, "at least 1 item"),
        ("press", {"actions": "RIGHT"}, "actions: Input should be a valid list, got 'RIGHT'"),
        ("press", {"actions": ["UP"]}, "actions.0: Input should be an object, got 'UP'; press"),
        ("press", {"action": "UP", "steps": 1}, 'such as [{"action": "RIGHT", "steps": 10}'),
        ("press", {"actions": [{"action": "UP", "steps": 0}]}, "actions.0.steps: Input should be"),
        ("press", {"actions": [{"action": "UP"}] * 101}, "at most 100 items"),
        ("press", {"actions": [{"action": "UP"}]}, "call new_game first"),
        (
            "press",
            {"actions": [{"action": "UP"}], "session_id": "x"},
            "new_game without session_id",
        ),
        ("new_game", {"game": "pong", "session_id": ""}, "no session has this id"),
        ("screen", {"scale": 5}, "scale: Input should be less than or equal to 4"),
        ("save_state", {"name": ""}, "name: String should have at least 1 character"),
    ],
)
def test_a_wrong_call_is_a_result_of_one_line_that_says_what_was_expected(
    player: Player, tool: str, arguments: dict[str, Any], expected: str
) -> None:
    assert expected in player.refused(tool, **arguments)


def test_many_mistakes_make_a_short_line(player: Player) -> None:
    assert len(player.refused("press", actions=[{str(n): n} for n in range(100)])) < 500


def test_numbers_in_quotes_are_understood(player: Player) -> None:
    assert player("new_game", game="pong", seed="5", frameskip="2")["frameskip"] == 2
