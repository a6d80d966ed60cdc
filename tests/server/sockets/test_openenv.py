"""Each message on /ws gets exactly one reply in OpenEnv's form."""

import json
from typing import Any

import pytest

from atari_cli.wire.atari_v1 import SUBPROTOCOL
from tests.server.conftest import Ways, say

DEEP = "[" * 500 + "]" * 500


def test_an_episode_can_be_played_over_a_websocket(ways: Ways) -> None:
    with ways.talk() as socket:
        before = say(socket, "state")["data"]
        assert (before["episode_id"], before["step_count"]) == (None, 0)
        first = say(socket, "reset", seed=3, episode_id="e", game="breakout")
        assert first["type"] == "observation"
        assert first["data"]["reward"] == 0
        assert first["data"]["done"] is False
        step = say(socket, "step", action_id=1, game_name="pong", obs_type="rgb")
        assert step["data"]["observation"]["frame_number"] == 4
        assert step["data"]["metadata"]["game_name"] == "breakout"
        state = say(socket, "state")["data"]
        assert (state["episode_id"], state["step_count"], state["seed"]) == ("e", 1, 3)


def test_each_connection_has_its_own_game(ways: Ways) -> None:
    with ways.talk() as one, ways.talk() as other:
        say(one, "reset")
        say(one, "step", action_id=0)
        assert say(other, "step", action_id=0)["data"]["observation"]["frame_number"] == 4
        assert say(one, "step", action_id=0)["data"]["observation"]["frame_number"] == 8


def test_frame_numbers_continue_over_the_episodes_of_a_session(ways: Ways) -> None:
    def number(reply: dict[str, Any]) -> int:
        return int(reply["data"]["observation"]["frame_number"])

    with ways.talk() as socket:
        say(socket, "reset", seed=1)
        say(socket, "step", action_id=0)
        assert number(say(socket, "step", action_id=0)) == 8
        for settings in ({}, {"game": "breakout"}, {"mode": 4}, {"frameskip": 2}):
            before = number(say(socket, "step", action_id=0))
            say(socket, "reset", frameskip=0)
            assert number(say(socket, "reset", **settings)) == before


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "INVALID_JSON"),
        ('{"type": "dance"}', "UNKNOWN_TYPE"),
        ("{}", "UNKNOWN_TYPE"),
        ('{"type": 5}', "UNKNOWN_TYPE"),
        (f'{{"type": "step", "data": {{"action_id": {DEEP}}}}}', "INVALID_JSON"),
        (f'{{"type": "reset", "data": {{"obs_type": {DEEP}}}}}', "INVALID_JSON"),
        ("[]", "VALIDATION_ERROR"),
        ("5", "VALIDATION_ERROR"),
        ('{"type": "step", "data": {}}', "VALIDATION_ERROR"),
        ('{"type": "step", "data": {"action": {"action_id": 1}}}', "VALIDATION_ERROR"),
        ('{"type": "step", "data": {"action_id": 2.5}}', "VALIDATION_ERROR"),
        ('{"type": "step", "data": {"action_id": 1}, "id": 7}', "VALIDATION_ERROR"),
        ('{"type": "reset", "data": []}', "VALIDATION_ERROR"),
        ('{"type": "state", "data": {}}', "VALIDATION_ERROR"),
        ('{"type": "step", "data": {"action_id": 99}}', "EXECUTION_ERROR"),
        ('{"type": "reset", "data": {"game": "pogn"}}', "EXECUTION_ERROR"),
        ('{"type": "reset", "data": {"seed": -1}}', "EXECUTION_ERROR"),
        ('{"type": "reset", "data": {"game": 5}}', "EXECUTION_ERROR"),
        ('{"type": "reset", "data": {"frameskip": "many"}}', "EXECUTION_ERROR"),
    ],
)
def test_an_invalid_message_is_an_error_and_the_connection_stays_open(
    ways: Ways, frame: str, code: str
) -> None:
    with ways.talk() as socket:
        socket.send(frame)
        reply = json.loads(socket.recv(timeout=30))
        assert (reply["type"], reply["data"]["code"]) == ("error", code)
        assert "the server failed" not in reply["data"]["message"]
        if code == "VALIDATION_ERROR":
            assert reply["data"]["message"] == "Invalid message"
            assert {"type", "loc", "msg"} <= reply["data"]["errors"][0].keys()
        assert say(socket, "state")["data"]["step_count"] == 0


def test_an_execution_error_lists_the_valid_actions(ways: Ways) -> None:
    with ways.talk() as socket:
        message = say(socket, "step", action_id=6)["data"]["message"]
        assert message.startswith("expected an action from 0 NOOP, 1 FIRE, 2 RIGHT, 3 LEFT, 4 ")
        assert message.endswith("got 6")


def test_messages_may_be_sent_before_the_replies_to_earlier_ones(ways: Ways) -> None:
    with ways.talk() as socket:
        say(socket, "reset", obs_type="ram")
        for _ in range(50):
            socket.send(json.dumps({"type": "step", "data": {"action_id": 0}}))
        frames = [
            json.loads(socket.recv(timeout=30))["data"]["observation"]["frame_number"]
            for _ in range(50)
        ]
        assert frames == list(range(4, 204, 4))


def test_the_length_of_an_episode_id_is_limited_as_over_http(ways: Ways) -> None:
    versions: list[dict[str, Any]] = [{}, {"subprotocols": [SUBPROTOCOL]}]
    for options in versions:
        with ways.talk(**options) as socket:
            reply = say(socket, "reset", episode_id="x" * 256)["data"]
            assert reply["code"] == "EXECUTION_ERROR"
            assert "at most 255 characters, got 256" in reply["message"]
            assert say(socket, "state")["data"]["episode_id"] is None


def test_unknown_keys_are_named(ways: Ways) -> None:
    with ways.talk() as socket:
        assert say(socket, "reset", colour="red")["data"]["metadata"]["ignored"] == ["colour"]
