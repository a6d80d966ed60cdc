"""A game played with tools."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imageio.v3 import imread

from atari_cli.config import LIMITS, EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.recording import load_recording
from atari_cli.server.mcp.tool import schema
from atari_cli.server.mcp.tools_play import MOST_STEPS, new_game, save_state
from atari_cli.server.sessions.saved_states import MOST_SAVED
from atari_cli.server.sessions.session import MOST_FRAMES
from tests.server.mcp.conftest import NewPlayer, Player
from tests.server.routes.test_recordings import recorded

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


@pytest.mark.parametrize(
    ("stop_on", "played", "stopped_by"),
    [
        ([], 122, None),
        (["life"], 25, "life"),
        ("reward, life", 25, "life"),
        (["change"], 1, "change"),
    ],
)
def test_pressing_stops_on_request(
    player: Player, stop_on: object, played: int, stopped_by: str | None
) -> None:
    player("new_game", game="breakout", seed=1)
    actions = [{"action": "FIRE", "steps": 300}]
    found = player("press", actions=actions, stop_on=stop_on)
    assert (found["steps_played"], found["stopped_by"]) == (played, stopped_by)
    assert found["lives"] == {None: 0, "life": 4, "change": 5}[stopped_by]
    player("new_game", game="breakout", seed=1)
    text = player.text("press", actions=actions, stop_on=stop_on)
    assert (f"stopped by {stopped_by}\n" in text) == bool(stopped_by)


def test_pressing_stops_on_a_reward_and_not_on_a_life_that_is_won(player: Player) -> None:
    player("new_game", game="pong", seed=1)
    found = player("press", actions=[{"action": "NOOP", "steps": 300}], stop_on=["reward", "life"])
    assert (found["reward"], found["stopped_by"], len(found["events"])) == (-1.0, "reward", 1)
    assert found["steps_played"] == found["events"][0]["step"]


@pytest.mark.parametrize(
    "written",
    [
        [{"action": "LEFT", "steps": 3}, {"action": "FIRE"}],
        '[{"action": "LEFT", "steps": 3}, {"action": "FIRE"}]',
        ["left", "LEFT", "LEFT", "fire"],
        "LEFT, LEFT, LEFT, FIRE",
        "LEFT\nLEFT\nLEFT\nFIRE\n",
        '["LEFT", "LEFT", "LEFT", "FIRE"]',
        ['{"action": "LEFT", "steps": 3}', "FIRE"],
        [{"action": "LEFT", "steps": "3"}, '["FIRE"]'],
    ],
)
def test_actions_are_read_as_models_write_them(player: Player, written: object) -> None:
    player("new_game", game="breakout", seed=1)
    played = player("press", actions=written)
    assert (played["steps_played"], played["memory"]["paddle_x"]) == (4, 30)


def test_a_single_action_is_read_without_a_list(player: Player) -> None:
    player("new_game", game="seaquest", seed=1)
    for single in (
        {"action": "UP RIGHT"},
        "up-right",
        '{"action": "UPRIGHT"}',
        ["UP + RIGHT"],
        "RIGHT UP",
    ):
        assert player("press", actions=single)["steps_played"] == 1
    assert "got 'RIGHT UPS'" in player.refused("press", actions="RIGHT UPS")


def test_looking_at_a_game_keeps_what_its_player_records(player: Player) -> None:
    session = player.sessions.get(player("new_game", game="pong")["session_id"])
    session.keep_episode()
    player("new_game", game="pong", seed=1)
    session.step(lambda result, state: None, 0)
    player("status")
    player("screen")
    player("save_state")
    kept = session.kept_episode()
    assert kept
    assert kept.steps == 1
    player("press", actions=RIGHT)
    assert session.kept_episode() is None


def test_a_replayed_recording_can_be_watched_and_not_played(player: Player, tmp_path: Path) -> None:
    session = player.sessions.replay(load_recording(recorded(tmp_path, steps=10)[0]))
    session.seek(4)
    calls: dict[str, dict[str, Any]] = {
        "press": {"actions": RIGHT},
        "new_game": {"game": "pong"},
        "save_state": {},
        "restore_state": {},
    }
    for tool, arguments in calls.items():
        refused = player.refused(tool, session_id=session.id, **arguments)
        assert "nothing else can be played" in refused
    assert player("status", session_id=session.id)["steps"] == session.at == 4
    assert player("screen", session_id=session.id)["steps"] == 4


def test_spectators_are_sent_the_game_that_begins_or_comes_back(player: Player) -> None:
    session = player.sessions.get(player("new_game", game="pong")["session_id"])
    seen: list[Any] = []
    session.spectate(seen.append)
    player("save_state")
    player("new_game", game="air_raid")
    player("restore_state")
    games = [(snapshot.state.game_name, snapshot.number) for snapshot in seen]
    assert games == [("pong", 1), ("air_raid", 2), ("pong", 3)]
    assert [snapshot.screen.shape[0] for snapshot in seen] == [210, 250, 210]


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
