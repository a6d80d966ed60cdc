"""Episodes are played over HTTP as OpenEnv's contract requires."""

from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from tests.server.conftest import Start, Ways


def test_a_reply_contains_what_the_environment_returns(ways: Ways) -> None:
    given: dict[str, Any] = {"game": "breakout", "seed": 7, "obs_type": "ram"}
    given["repeat_action_probability"] = 0.25
    replies = [ways.ask("POST", "/reset", given | {"episode_id": "mine"}).body]
    replies += [ways.ask("POST", "/step", {"action": {"action_id": 1}}).body for _ in range(20)]
    settings = {name: value for name, value in given.items() if name != "seed"}
    with AtariEnvironment(EnvironmentConfig(**settings)) as environment:
        results = [environment.reset(seed=7), *(environment.step(1) for _ in range(20))]
        for reply, result in zip(replies, results, strict=True):
            observation = result.observation
            assert reply.keys() == {"observation", "reward", "done", "metadata"}
            assert reply["observation"].pop("metadata") == reply["metadata"]
            assert reply["observation"] == {
                "screen": observation.pixels.tolist(),
                "screen_shape": [128],
                "legal_actions": [0, 1, 2, 3],
                "lives": observation.lives,
                "episode_frame_number": observation.episode_frame_number,
                "frame_number": observation.frame_number,
            }
            assert (reply["reward"], reply["done"]) == (result.reward, result.done)
            assert reply["metadata"] == {
                "game_name": "breakout",
                "action_meanings": ["NOOP", "FIRE", "RIGHT", "LEFT"],
                "terminated": False,
                "truncated": False,
                "seed": 7,
            }
    assert ways.ask("GET", "/state").body["episode_id"] == "mine"


def test_screens_have_the_shape_of_their_type(ways: Ways) -> None:
    for obs_type, shape in (("rgb", [210, 160, 3]), ("grayscale", [210, 160]), ("ram", [128])):
        observation = ways.ask("POST", "/reset", {"obs_type": obs_type}).body["observation"]
        assert observation["screen_shape"] == shape
        length = 1
        for size in shape:
            length *= size
        assert len(observation["screen"]) == length


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"game": "pogn"}, "did you mean pong"),
        ({"mode": 77}, "pong has no mode 77; expected one of 0, 1"),
        ({"difficulty": 9}, "expected one of 0, 1, 2, 3"),
        ({"obs_type": "smell"}, "one of rgb, grayscale, ram"),
        ({"frameskip": 0}, "from 1 to 1000"),
        ({"repeat_action_probability": 1.5}, "from 0 to 1"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"seed": "x"}, "valid integer"),
        ({"episode_id": "x" * 256}, "at most 255"),
        ([], "valid dictionary"),
        ("text", "valid dictionary"),
    ],
)
def test_an_invalid_reset_is_422_and_changes_nothing(
    ways: Ways, document: object, expected: str
) -> None:
    ways.ask("POST", "/reset", {"seed": 1, "episode_id": "kept"})
    reply = ways.ask("POST", "/reset", document)
    assert reply.status == 422
    assert expected in reply.body["detail"][0]["msg"]
    assert reply.body["detail"][0]["loc"][0] == "body"
    assert ways.ask("GET", "/state").body["episode_id"] == "kept"


@pytest.mark.parametrize(
    ("document", "location"),
    [
        ({}, ["body", "action"]),
        ({"action": {}}, ["body", "action", "action_id"]),
        ({"action": {"action_id": 2.5}}, ["body", "action", "action_id"]),
        ({"action": {"action_id": None}}, ["body", "action", "action_id"]),
        ({"action": {"action_id": 0, "colour": 1}}, ["body", "action", "colour"]),
        ({"action": {"action_id": 99}}, ["body"]),
        ({"action": {"action_id": -1}}, ["body"]),
        ({"action": {"action_id": 0}, "timeout_s": 0}, ["body", "timeout_s"]),
    ],
)
def test_an_invalid_step_is_422_and_plays_nothing(
    ways: Ways, document: object, location: list[str]
) -> None:
    ways.ask("POST", "/reset")
    reply = ways.ask("POST", "/step", document)
    assert reply.status == 422
    assert reply.body["detail"][0]["loc"] == location
    assert ways.ask("GET", "/state").body["step_count"] == 0


@pytest.mark.parametrize("action", ["2", True, 2.0])
def test_numbers_are_read_as_leniently_as_by_upstream(ways: Ways, action: object) -> None:
    assert ways.ask("POST", "/step", {"action": {"action_id": action}}).status == 200


def test_invalid_json_is_422(ways: Ways) -> None:
    connection = ways.connection()
    connection.request("POST", "/step", b"{not json")
    response = connection.getresponse()
    assert response.status == 422
    assert b"json_invalid" in response.read()


def test_a_step_before_the_first_reset_begins_an_episode(ways: Ways) -> None:
    reply = ways.ask("POST", "/step", {"action": {"action_id": 0}})
    assert reply.body["observation"]["frame_number"] == 4


def test_a_step_after_the_end_repeats_the_last_observation(ways: Ways) -> None:
    ways.ask("POST", "/reset", {"max_frames": 8, "obs_type": "ram"})
    replies = [ways.ask("POST", "/step", {"action": {"action_id": 0}}).body for _ in range(4)]
    assert [reply["done"] for reply in replies] == [False, True, True, True]
    assert replies[1]["metadata"]["truncated"] is True
    assert replies[3]["observation"] == replies[1]["observation"]
    assert replies[3]["reward"] == 0


def test_unknown_reset_keys_are_named(ways: Ways) -> None:
    assert ways.ask("POST", "/reset", {"colour": "red"}).body["metadata"]["ignored"] == ["colour"]


def test_game_name_is_the_same_as_game(ways: Ways) -> None:
    reply = ways.ask("POST", "/reset", {"game_name": "freeway"})
    assert reply.body["metadata"]["game_name"] == "freeway"


def test_production_mode_has_no_steps_over_http(start: Start) -> None:
    ways = start(mode="production")
    for method, path in (("POST", "/reset"), ("POST", "/step"), ("GET", "/state")):
        assert ways.ask(method, path).status == 404
        assert path not in ways.ask("GET", "/openapi.json").body["paths"]
    assert ways.ask("GET", "/health").status == 200
