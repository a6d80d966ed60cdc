"""A game played with tools."""

from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from imageio.v3 import imread

from atari_cli.config import LIMITS, EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.server.mcp.tool import schema
from atari_cli.server.mcp.tools_play import MOST_STEPS, new_game, save_state
from atari_cli.server.sessions.saved_states import MOST_SAVED
from atari_cli.server.sessions.session import MOST_FRAMES
from tests.server.mcp.conftest import NewPlayer, Player

RIGHT = [{"action": "RIGHT", "steps": 5}]


def picture(result: dict[str, Any]) -> Any:
    """Return the pixels of a result's picture."""
    _, image = result["content"]
    assert (image["type"], image["mimeType"]) == ("image", "image/png")
    return imread(b64decode(image["data"]), extension=".png")


def test_the_game_equals_that_of_an_environment_with_the_same_seed(player: Player) -> None:
    player("new_game", game="breakout", seed=7, repeat_action_probability=0.25)
    presses = [("FIRE", 2), ("right", 5), ("LEFT", 10)]
    actions = [{"action": name, "steps": steps} for name, steps in presses]
    played = player("press", actions=actions)
    with AtariEnvironment("breakout", repeat_action_probability=0.25) as environment:
        environment.reset(seed=7)
        for name, steps in presses:
            results = [environment.step(name) for _ in range(steps)]
        pixels = results[-1].observation.pixels
    assert (played["steps"], played["frames"], played["seed"]) == (17, 68, 7)
    assert np.array_equal(picture(player.result("screen", scale=1)), pixels)


def test_a_picture_has_the_requested_size(player: Player) -> None:
    player("new_game", game="pong")
    assert picture(player.result("screen")).shape == (420, 320, 3)
    assert picture(player.result("screen", scale=4)).shape == (840, 640, 3)
    assert picture(player.result("press", actions=RIGHT, with_screen=True)).shape[0] == 420
    assert picture(player.result("new_game", game="pong", with_screen=True)).shape[0] == 420


def test_a_new_game_has_only_its_own_settings(new_player: NewPlayer) -> None:
    player = new_player(frameskip=3)
    first = player("new_game", game="pong", frameskip=2, mode=1, full_action_space=True)
    assert (first["frameskip"], len(first["actions"])) == (2, 18)
    second = player("new_game", game="breakout")
    assert (second["frameskip"], len(second["actions"])) == (3, 4)


def test_pressing_stops_at_the_end_of_the_game_and_is_then_refused(player: Player) -> None:
    player("new_game", game="pong", max_frames=40)
    assert player("press", actions=[{"action": "NOOP", "steps": 50}])["steps_played"] == 10
    assert player.refused("press", actions=RIGHT).startswith("the game is over: call new_game")
    assert player("status")["steps"] == 10
    assert player("screen")["steps"] == 10


def test_an_unknown_action_plays_nothing(player: Player) -> None:
    player("new_game", game="pong")
    wrong = player.refused("press", actions=[*RIGHT, {"action": "UP"}])
    assert wrong.startswith("pong is played with NOOP, FIRE, RIGHT, LEFT")
    assert player.refused("press", actions=[{"action": "JUMP"}]).startswith("pong is played with")
    assert player("status")["steps"] == 0
    player("new_game", game="pong", full_action_space=True)
    assert player("press", actions=[{"action": "UP"}])["steps"] == 1


def test_the_number_of_frames_in_one_call_is_limited(player: Player) -> None:
    player("new_game", game="pong", frameskip=1000)
    long = player.refused("press", actions=[{"action": "NOOP", "steps": 66}])
    assert long == "expected at most 65 steps in one call, got 66"
    assert player("status")["steps"] == 0


def test_steps_are_counted_in_the_metrics(player: Player) -> None:
    player("new_game", game="pong")
    player("press", actions=RIGHT)
    assert "\natari_env_steps_total 5.0\n" in player.sessions._metrics.text()


def test_a_saved_state_is_restored_exactly(player: Player) -> None:
    player("new_game", game="pong", seed=2)
    player("press", actions=RIGHT)
    saved = player("save_state", name="before")
    assert (saved["name"], saved["replaced"], saved["saved"]) == ("before", False, ["before"])
    before = picture(player.result("screen"))
    later = player("press", actions=[{"action": "LEFT", "steps": 20}])
    player("new_game", game="breakout")
    restored = player("restore_state", name="before")
    assert (restored["game"], restored["steps"], restored["seed"]) == ("pong", 5, 2)
    assert np.array_equal(picture(player.result("screen")), before)
    assert player("press", actions=[{"action": "LEFT", "steps": 20}]) == later


def test_a_restored_game_is_a_new_episode_to_others_in_the_session(player: Player) -> None:
    session = player.sessions.get(player("new_game", game="pong")["session_id"])
    player("save_state")
    before = session.episodes
    player("restore_state")
    assert session.episodes == before + 1


def test_a_finished_game_can_be_restored_to_an_earlier_state(player: Player) -> None:
    player("new_game", game="pong", max_frames=40)
    player("save_state")
    player("press", actions=[{"action": "NOOP", "steps": 50}])
    assert not player("restore_state")["truncated"]
    assert player("press", actions=RIGHT)["steps"] == 5


def test_replacing_a_saved_state_is_reported_and_their_number_is_limited(player: Player) -> None:
    player("new_game", game="pong")
    for number in range(MOST_SAVED):
        player("save_state", name=str(number))
    assert player("save_state", name="0")["replaced"]
    assert player.refused("save_state", name="one more").startswith("expected one of the 8 names")
    assert player.refused("restore_state", name="none").startswith("nothing is saved as 'none'")


def test_a_game_too_long_to_be_restored_cannot_be_saved(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atari_cli.server.sessions.saved_states.MOST_SAVED_FRAMES", 10)
    player("new_game", game="pong")
    player("press", actions=RIGHT)
    assert "up to its frame 10" in player.refused("save_state")


def test_tools_are_refused_before_the_first_game(player: Player) -> None:
    identity = player.sessions.open().id
    for tool in ("status", "screen", "save_state"):
        assert player.refused(tool, session_id=identity).endswith("call new_game first")
    assert player.refused("press", actions=RIGHT, session_id=identity).endswith("new_game first")


def test_the_hint_of_a_game_is_given_as_text_and_as_data(player: Player) -> None:
    begun = player("new_game", game="pong")
    assert begun["frames_per_second"] == 60
    assert begun["hint"].startswith("Your paddle is the right one")
    assert begun["hint"] in player.text("new_game", game="pong")
    assert player("new_game", game="adventure")["hint"] is None


def test_a_new_game_accepts_every_setting_of_a_game() -> None:
    settings = vars(EnvironmentConfig()).keys() - {"obs_type", "sound"}
    assert new_game.takes.model_fields.keys() - settings == {"session_id", "with_screen", "seed"}
    assert settings <= new_game.takes.model_fields.keys()


def test_a_tool_says_how_many_games_are_saved() -> None:
    assert f"up to {MOST_SAVED} times" in save_state.description


def test_the_longest_press_can_be_played() -> None:
    assert MOST_STEPS * EnvironmentConfig.frameskip <= MOST_FRAMES


def test_a_new_game_has_the_ranges_of_the_configuration() -> None:
    described = schema(new_game.takes)["properties"]
    for name in LIMITS:
        number = described[name]["anyOf"][0]
        assert (number["minimum"], number["maximum"]) == LIMITS[name]
