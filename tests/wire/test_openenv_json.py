"""OpenEnv's replies are the JSON that its clients expect."""

import json

import pytest

from atari_cli import AtariEnvironment
from atari_cli.wire import openenv_json as texts
from atari_cli.wire.openenv_json import _Rows, result_json, state_json


@pytest.mark.parametrize("obs_type", ["rgb", "grayscale", "ram"])
def test_a_result_has_the_form_that_openenv_sends(obs_type: str) -> None:
    environment = AtariEnvironment("pong", obs_type=obs_type)
    environment.reset(seed=5)
    result = environment.step(2)
    document = json.loads(b"".join(result_json(result, environment.state, 100, ["colour"])))
    metadata = {
        "game_name": "pong",
        "action_meanings": ["NOOP", "FIRE", "RIGHT", "LEFT", "RIGHTFIRE", "LEFTFIRE"],
        "terminated": False,
        "truncated": False,
        "seed": 5,
        "ignored": ["colour"],
    }
    assert document == {
        "observation": {
            "screen": result.observation.pixels.reshape(-1).tolist(),
            "screen_shape": list(result.observation.screen_shape),
            "legal_actions": [0, 1, 2, 3, 4, 5],
            "lives": 0,
            "episode_frame_number": 4,
            "frame_number": 104,
            "metadata": metadata,
        },
        "reward": 0.0,
        "done": False,
        "metadata": metadata,
    }


@pytest.mark.parametrize("game", ["pong", "ms_pacman", "pacman"])
def test_the_screens_of_a_game_are_complete_and_compact(game: str) -> None:
    environment = AtariEnvironment(game)
    result = environment.reset(seed=5)
    for action in range(20):
        text = b"".join(result_json(result, environment.state))
        shown = json.loads(text)["observation"]["screen"]
        assert shown == result.observation.pixels.reshape(-1).tolist()
        assert b" " not in text.partition(b"]")[0]
        result = environment.step(action % 3)


def test_the_number_of_rows_kept_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_MOST_ROWS", 3)
    rows = _Rows(None)
    for number in range(10):
        assert rows[bytes((number, 255))] == b"%d,255," % number
        assert len(rows) <= 3


def test_a_state_is_an_object_of_its_fields() -> None:
    environment = AtariEnvironment("pong")
    environment.reset(seed=5, episode_id="first")
    state = json.loads(state_json(environment.state))
    assert (state["episode_id"], state["step_count"], state["frameskip"]) == ("first", 0, 4)
