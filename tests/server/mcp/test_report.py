"""Reports about a game, as data and as text."""

import re

import pytest

from benchmarks.serve.model_text import BEFORE, characters_of
from tests.server.mcp.conftest import Player


def test_rewards_are_reported_step_by_step(player: Player) -> None:
    player("new_game", game="pong", seed=1)
    played = player("press", actions=[{"action": "RIGHT", "steps": 110}])
    assert [event["reward"] for event in played["events"]] == [-1.0, -1.0]
    assert played["reward"] == played["score"] == -2.0
    first = played["events"][0]["step"]
    text = player.text("press", actions=[{"action": "NOOP", "steps": 60}])
    assert f"step {first}: -1" not in text
    assert ": -1\n" in text
    assert text.startswith("60 steps to 170: score -4 (-2)\nstep ")
    assert "lives" not in text


def test_values_that_presses_do_not_change_are_reported_only_by_status(player: Player) -> None:
    begun = player("new_game", game="pong", frameskip=1)
    same = {"frameskip", "actions", "saved"}
    assert same.isdisjoint(player("press", actions=[{"action": "NOOP"}]))
    status = player("status")
    assert {key: status[key] for key in same} == {key: begun[key] for key in same}
    assert "RIGHTFIRE, LEFTFIRE; a step is a frame" in player.text("status")


def test_a_lost_life_is_reported(player: Player) -> None:
    player("new_game", game="breakout", seed=1)
    text = player.text("press", actions=[{"action": "FIRE", "steps": 30}])
    assert text.startswith("30 steps to 30: score 0, lives 4\nstep 25: lives 4\n")


def test_the_last_of_many_events_are_only_counted(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atari_cli.server.mcp.report.MOST_EVENTS", 2)
    player("new_game", game="pong", seed=1)
    played = player("press", actions=[{"action": "RIGHT", "steps": 200}])
    assert [event["step"] for event in played["events"]] == [64, 99]
    assert played["events_left_out"] == -played["score"] - 2 > 0
    assert "more such steps" in player.text("press", actions=[{"action": "RIGHT", "steps": 200}])


def test_changed_regions_of_the_screen_are_reported(player: Player) -> None:
    player("new_game", game="breakout", seed=1)
    player("press", actions=[{"action": "NOOP", "steps": 4}])
    still = player("press", actions=[{"action": "NOOP", "steps": 2}])
    assert (still["changed_percent"], still["moves"], still["changes"]) == (0.0, [], [])
    moved = player("press", actions=[{"action": "LEFT", "steps": 2}])
    assert moved["changes"] == []
    (paddle,) = moved["moves"]
    assert (paddle["x"], paddle["y"], paddle["right"], paddle["down"]) == (65, 189, -34, 0)
    assert 0.0 < moved["changed_percent"] < 1.0


def test_the_text_of_a_press_has_only_what_is_new(player: Player) -> None:
    player("new_game", game="breakout", seed=1)
    assert player.text("press", actions=["NOOP"]).endswith("nothing changed on the screen")
    served = player.text("press", actions=[{"action": "FIRE", "steps": 4}])
    assert re.fullmatch(
        r"4 steps to 5: score 0, lives 5\nball_x \d+, ball_y \d+\nchanged: x .* red", served
    )
    flown = player.text("press", actions=["NOOP", "NOOP"])
    assert re.fullmatch(
        r"2 steps to 7: score 0, lives 5\nball_x \d+, ball_y \d+\nmoved: red to \d+,\d+ \(.*\)",
        flown,
    )
    lost = player.text("press", actions=[{"action": "NOOP", "steps": 40}], stop_on=["life"])
    assert ", lives 4, stopped by life\nno ball_x, no ball_y\n" in lost


def test_no_more_than_eight_moves_and_changes_are_reported(player: Player) -> None:
    player("new_game", game="freeway", seed=1)
    result = player.result("press", actions=[{"action": "NOOP", "steps": 5}])
    played = result["structuredContent"]
    assert len(played["moves"]) + len(played["changes"]) == 8
    assert result["content"][0]["text"].endswith(f"\nand {played['changes_left_out']} more")


def test_the_end_of_the_game_is_reported(player: Player) -> None:
    player("new_game", game="pong", seed=1, max_frames=40)
    cut = player("press", actions=[{"action": "NOOP", "steps": 20}])
    assert (cut["steps_played"], cut["frames"]) == (10, 40)
    assert (cut["terminated"], cut["truncated"]) == (False, True)
    assert ", cut:" in player.text("status")


def test_objects_on_the_screen_are_reported(player: Player) -> None:
    player("new_game", game="breakout", seed=1)
    player("press", actions=[{"action": "FIRE", "steps": 6}])
    sight = player("screen", scale=1)
    assert (sight["width"], sight["height"], sight["steps"]) == (160, 210, 6)
    assert any((item["y"], item["height"]) == (189, 4) for item in sight["objects"])
    assert "standing out from the rows\n- x " in player.text("screen")


def test_the_player_is_reported_separately_from_the_floor(player: Player) -> None:
    at = player("new_game", game="montezuma_revenge", seed=1)["memory"]["player_x"]
    red = [item for item in player("screen")["objects"] if item["colour"].startswith("red")]
    assert any(item["x"] <= at <= item["x"] + item["width"] and item["width"] < 10 for item in red)


def test_a_hundred_decisions_take_half_the_text_that_they_took() -> None:
    assert 0 < characters_of(stop_on=["life", "reward"]) <= BEFORE / 2
