"""The behaviour that all calls of tools have in common."""

from typing import Any

import pytest
from pydantic import BaseModel

from atari_cli.server.mcp.tool import ToolReply
from tests.server.mcp.conftest import Player


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
            "did you mean pong? list_games lists all",
        ),
        ("new_game", {"game": "pong", "seed": -1}, "seed: Input should be greater"),
        ("new_game", {"game": "combat"}, "needs two players"),
        ("press", {"actions": []}, "actions: List should have at least 1 item"),
        ("press", {"actions": 5}, "actions.0: Input should be an object, got '5'; press takes"),
        ("press", {"actions": ""}, "at least 1 item"),
        ("press", {"actions": None}, "actions is missing"),
        ("press", {"actions": ["UP"], "stop_on": "death"}, "Input should be 'life', 'reward' or"),
        ("press", {"action": "UP", "steps": 1}, 'such as [{"action": "RIGHT", "steps": 10}'),
        ("press", {"actions": [{"action": "UP", "steps": 0}]}, "actions.0.steps: Input should be"),
        ("press", {"actions": [{"action": "UP"}] * 101}, "at most 100 items"),
        ("press", {"actions": [{"action": "UP"}]}, "call new_game first"),
        (
            "press",
            {"actions": [{"action": "UP"}], "session_id": "x"},
            "new_game without session_id",
        ),
        ("screen", {"scale": 5}, "scale: Input should be less than or equal to 4"),
        ("save_state", {"name": ""}, "name: String should have at least 1 character"),
    ],
)
def test_an_invalid_call_gets_one_line_that_says_what_was_expected(
    player: Player, tool: str, arguments: dict[str, Any], expected: str
) -> None:
    assert expected in player.refused(tool, **arguments)


def test_many_mistakes_give_a_short_line(player: Player) -> None:
    assert len(player.refused("press", actions=[{str(n): n} for n in range(100)])) < 500


def test_numbers_in_quotes_are_accepted(player: Player) -> None:
    assert player("new_game", game="pong", seed="5", frameskip="2")["frameskip"] == 2


def test_null_and_an_empty_session_id_mean_that_an_argument_is_left_out(player: Player) -> None:
    begun = player("new_game", game="pong", seed=None, with_screen=None, session_id="")
    assert player("status", session_id="")["session_id"] == begun["session_id"]
    assert len(player.result("screen", scale=None, session_id=None)["content"]) == 2


def test_all_arguments_may_be_one_text(player: Player) -> None:
    reply = player.ask("tools/call", name="new_game", arguments='{"game": "pong", "seed": 4}')
    assert reply["result"]["structuredContent"]["seed"] == 4
    for wrong in ("pong", "[]", "3"):
        assert "must be an object" in str(player.ask("tools/call", name="press", arguments=wrong))


class Sample(BaseModel):
    score: float

    def __str__(self) -> str:
        return "one"


def test_a_result_has_text_data_and_a_picture() -> None:
    assert ToolReply(Sample(score=1.0), b"PNG").result() == {
        "content": [
            {"type": "text", "text": "one"},
            {"type": "image", "data": "UE5H", "mimeType": "image/png"},
        ],
        "structuredContent": {"score": 1.0},
        "isError": False,
    }


def test_the_text_may_differ_from_the_structured_content() -> None:
    assert ToolReply(Sample(score=1.0), text="more").result()["content"] == [
        {"type": "text", "text": "more"}
    ]
