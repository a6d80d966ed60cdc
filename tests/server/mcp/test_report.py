"""Reports about a game, as data and as text."""

import pytest

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
    text = player.text("press", actions=[{"action": "FIRE", "steps": 60}])
    assert text.count(": lives 4\n") == 1
    assert "score 0, lives" in text


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
    assert (still["changed_percent"], still["changes"]) == (0.0, [])
    moved = player("press", actions=[{"action": "LEFT", "steps": 2}])
    assert {(part["y"], part["height"]) for part in moved["changes"]} == {(189, 4)}
    assert 0.0 < moved["changed_percent"] < 1.0


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
