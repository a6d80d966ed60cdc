"""`atari.v1`: requests, replies and invalid replies."""

import json
from typing import Any

import pytest

from atari_cli.client.dialects.atari_v1 import AtariV1Dialect
from atari_cli.client.dialects.dialect import Exchange
from atari_cli.errors import (
    CapacityReached,
    InvalidAction,
    InvalidReply,
    ResetNeeded,
    UnknownSession,
)
from atari_cli.wire.atari_v1 import MOST_ACTIONS, pack_message
from tests.client.conftest import error, only

EPISODE = {
    "session_id": "own",
    "seed": 3,
    "game_name": "pong",
    "obs_type": "ram",
    "legal_actions": [0, 1],
    "action_meanings": ["NOOP", "FIRE"],
    "screen_shape": [128],
    "ignored": [],
}
ROW = {
    "reward": 1.0,
    "terminated": False,
    "truncated": False,
    "lives": 3,
    "episode_frame_number": 4,
    "frame_number": 8,
}


def joined(header: dict[str, Any], payload: Any, compress: bool) -> bytes:
    return b"".join(pack_message(header, payload, compress))


def one(number: int, **data: Any) -> bytes:
    header = {"type": "observation", "id": number, "data": {**ROW, **data}}
    return joined(header, (bytes(range(128)),), False)


def batches(number: int, *batches: Any, screens: int) -> bytes:
    header = {"type": "observations", "id": number, "data": {"lots": batches}}
    return joined(header, (bytes(range(128)) * screens,), True)


def batch(steps: int, screens: int, session: str = "own", **more: Any) -> dict[str, Any]:
    rows = {key: [value] * steps for key, value in ROW.items()}
    return {"session_id": session, "screens": screens, **rows, **more}


def end(exchange: Exchange[Any], reply: Any) -> Any:
    with pytest.raises(StopIteration) as stop:
        exchange.send(reply)
    return stop.value.value


@pytest.fixture
def dialect() -> AtariV1Dialect:
    """A connection on which an episode has begun."""
    begun = AtariV1Dialect(1 << 20)
    exchange = begun.reset({"seed": 3})
    assert only(next(exchange)) == {"type": "reset", "id": 1, "data": {"seed": 3}}
    assert end(exchange, one(1, episode=EPISODE)).observation.metadata["seed"] == 3
    return begun


def test_a_step_is_requested_with_an_id(dialect: AtariV1Dialect) -> None:
    exchange = dialect.step("FIRE")
    assert only(next(exchange)) == {"type": "step", "id": 2, "data": {"action_id": 1}}
    assert end(exchange, one(2)).observation.ram.tolist() == list(range(128))


def test_actions_that_do_not_fit_into_one_message_are_sent_in_several(
    dialect: AtariV1Dialect,
) -> None:
    exchange = dialect.step_many([0] * (MOST_ACTIONS + 1), last_only=True)
    asked = only(next(exchange))["data"]
    assert (len(asked["actions"]), asked["observations"]) == (MOST_ACTIONS, "last")
    more = only(exchange.send(batches(2, batch(MOST_ACTIONS, 1), screens=1)))
    assert more["data"]["actions"] == [0]
    assert len(end(exchange, batches(3, batch(1, 1), screens=1))) == MOST_ACTIONS + 1


def test_a_batch_is_split_to_read_one_part_while_the_next_is_played(
    dialect: AtariV1Dialect,
) -> None:
    exchange = dialect.step_many([0] * 40, last_only=False)
    ahead = [json.loads(text) for text in next(exchange)]
    assert [(text["id"], len(text["data"]["actions"])) for text in ahead] == [
        (2, 16),
        (3, 12),
        (4, 6),
        (5, 4),
    ]
    assert only(exchange.send(batches(2, batch(16, 16), screens=16)))["id"] == 6
    for number, size in ((3, 12), (4, 6), (5, 4)):
        assert exchange.send(batches(number, batch(size, size), screens=size)) == []
    assert len(end(exchange, batches(6, batch(2, 2), screens=2))) == 40


def test_steps_after_the_end_in_a_split_batch_are_dropped(dialect: AtariV1Dialect) -> None:
    exchange = dialect.step_many([0] * 64, last_only=False)
    next(exchange)
    ended = batch(2, 2, terminated=[False, True])
    assert exchange.send(batches(2, ended, screens=2)) == []
    for number in (3, 4):
        assert exchange.send(batches(number, batch(1, 1, terminated=[True]), screens=1)) == []
    results = end(exchange, batches(5, batch(1, 1, terminated=[True]), screens=1))
    assert [result.done for result in results] == [False, True]


def test_an_error_in_a_split_batch_is_raised_after_all_replies_are_read(
    dialect: AtariV1Dialect,
) -> None:
    exchange = dialect.step_many([0] * 16, last_only=False)
    next(exchange)
    failed = json.loads(error("SESSION_ERROR", "idle"))
    for number in (2, 3):
        assert exchange.send(json.dumps({**failed, "id": number})) == []
    with pytest.raises(UnknownSession, match="idle"):
        exchange.send(json.dumps({**failed, "id": 4}))


def test_batches_of_several_sessions_share_a_payload(dialect: AtariV1Dialect) -> None:
    exchange = dialect.step_sessions({"own": [0, 1], "other": [0]}, last_only=False)
    assert only(next(exchange))["data"] == {"sessions": {"own": [0, 1], "other": [0]}}
    other = {**EPISODE, "session_id": "other", "seed": 9}
    own, others = end(
        exchange, batches(2, batch(2, 2), batch(1, 1, "other", episode=other), screens=3)
    )
    assert [result.observation.metadata["seed"] for result in own + others] == [3, 3, 9]
    exchange = dialect.step_sessions({"other": [0]}, last_only=False)
    next(exchange)
    ((again,),) = end(exchange, batches(3, batch(1, 1, "other"), screens=1))
    assert again.observation.metadata["seed"] == 9


def test_a_failed_batch_raises_its_error(dialect: AtariV1Dialect) -> None:
    exchange = dialect.step_sessions({"gone": [0]}, last_only=False)
    next(exchange)
    failed = {"session_id": "gone", "error": {"code": "SESSION_ERROR", "message": "not any more"}}
    with pytest.raises(ResetNeeded, match="not any more"):
        exchange.send(batches(2, failed, screens=0))


def test_an_error_before_any_request_needs_no_id() -> None:
    exchange = AtariV1Dialect(1).reset({})
    next(exchange)
    with pytest.raises(CapacityReached):
        exchange.send(error("CAPACITY_REACHED", active_sessions=1, max_sessions=1))


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\xff\xff\xff\xff",
        "{",
        "[]",
        one(7),
        joined({"type": "frame", "id": 2, "data": {}}, (), False),
        joined({"type": "observation", "id": 2, "data": {}}, (bytes(128),), False),
        joined({"type": "observation", "id": 2, "data": ROW}, (b"short",), False),
    ],
)
def test_an_invalid_reply_is_an_error(dialect: AtariV1Dialect, reply: Any) -> None:
    exchange = dialect.step(0)
    next(exchange)
    with pytest.raises(InvalidReply):
        exchange.send(reply)


def test_an_action_outside_the_set_is_never_sent(dialect: AtariV1Dialect) -> None:
    with pytest.raises(InvalidAction, match="0 NOOP, 1 FIRE"):
        next(dialect.step(2))
    with pytest.raises(InvalidAction):
        next(dialect.step_many([0, 5], last_only=False))
