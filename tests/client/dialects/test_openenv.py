"""Plain OpenEnv: the messages of its official client, and the replies of any server."""

import json
from typing import Any

import pytest

from atari_cli.client.dialects.dialect import Exchange
from atari_cli.client.dialects.openenv import OpenEnvDialect
from atari_cli.errors import InvalidReply, ServerError
from atari_cli.model import AtariAction
from tests.client.conftest import error, observation, only


def drive(exchange: Exchange[Any], *replies: Any) -> tuple[list[Any], Any]:
    """Return the requests that an exchange sends, and its result."""
    sent = [only(next(exchange))]
    for reply in replies[:-1]:
        sent.append(only(exchange.send(reply)))
    with pytest.raises(StopIteration) as end:
        exchange.send(replies[-1])
    return sent, end.value.value


def test_many_steps_may_come_from_a_generator() -> None:
    exchange = OpenEnvDialect().step_many((action for action in (0, 1)), False)  # type: ignore[arg-type]
    sent, results = drive(exchange, observation(), observation())
    assert [each["data"]["action_id"] for each in sent] == [0, 1]
    assert len(results) == 2


def test_messages_are_those_of_the_official_client() -> None:
    dialect = OpenEnvDialect()
    sent, _ = drive(dialect.reset({"seed": 1}), observation())
    assert sent == [{"type": "reset", "data": {"seed": 1}}]
    sent, _ = drive(dialect.step(AtariAction(1, game_name="breakout")), observation())
    data = {"action_id": 1, "game_name": "breakout", "obs_type": "rgb", "full_action_space": False}
    assert sent == [{"type": "step", "data": data}]
    sent, state = drive(dialect.state(), '{"type":"state","data":{"step_count":1}}')
    assert sent == [{"type": "state"}]
    assert state.step_count == 1


def test_an_observation_without_metadata_is_read() -> None:
    _, result = drive(OpenEnvDialect().reset({}), observation(done=True))
    assert (result.reward, result.terminated, result.truncated) == (0.0, True, False)
    assert result.observation.ram.tolist() == list(range(128))
    assert result.observation.metadata["action_meanings"] == []


@pytest.mark.parametrize("where", ["observation", "next to it"])
def test_metadata_is_read_from_both_places(where: str) -> None:
    metadata = {"game_name": "breakout", "truncated": True, "terminated": False, "more": 1}
    reply = json.loads(observation(done=True))
    holder = reply["data"]["observation"] if where == "observation" else reply["data"]
    holder["metadata"] = metadata
    _, result = drive(OpenEnvDialect().reset({}), json.dumps(reply))
    assert (result.terminated, result.truncated, result.done) == (False, True, True)
    assert result.observation.metadata["more"] == 1


def test_step_many_sends_one_message_per_step_until_the_episode_ends() -> None:
    dialect = OpenEnvDialect()
    drive(dialect.reset({}), observation())
    sent, results = drive(
        dialect.step_many([0, 1, 0], False), observation(), observation(done=True)
    )
    assert [frame["data"]["action_id"] for frame in sent] == [0, 1]
    assert len(results) == 2


@pytest.mark.parametrize(
    "reply",
    [
        b"\0\0",
        "{",
        "[]",
        "{}",
        '{"type":"state"}',
        '{"type":"observation"}',
        '{"type":"observation","data":{"observation":null,"done":false}}',
        observation(observation={"screen": [256], "screen_shape": [1], "legal_actions": []}),
        observation(observation={"screen": [1], "screen_shape": [2], "legal_actions": []}),
    ],
)
def test_an_invalid_reply_is_an_error(reply: Any) -> None:
    exchange = OpenEnvDialect().reset({})
    next(exchange)
    with pytest.raises(InvalidReply, match="the server"):
        exchange.send(reply)


def test_errors_are_raised_with_the_servers_message() -> None:
    exchange = OpenEnvDialect().step(5)
    next(exchange)
    with pytest.raises(ServerError, match="the server refuses the step: because"):
        exchange.send(error("EXECUTION_ERROR"))


def test_pictures_are_not_available() -> None:
    with pytest.raises(ServerError, match="plain OpenEnv"):
        next(OpenEnvDialect().frame())
