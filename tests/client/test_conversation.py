"""A client remembers its settings and the loss of an episode across connections."""

from typing import Any

import pytest

from atari_cli.client.conversation import Conversation
from atari_cli.errors import InvalidSetting, ResetNeeded, ServerError
from tests.client.conftest import error, observation, only


def asked(exchange: Any, **changes: Any) -> Any:
    """Return the data of the only frame that an exchange sends."""
    data = only(next(exchange))["data"]
    with pytest.raises(StopIteration):
        exchange.send(observation(**changes))
    return data


@pytest.fixture
def conversation() -> Conversation:
    begun = Conversation({}, 1 << 20)
    begun.open(None)
    return begun


def test_a_lost_episode_cannot_be_continued_before_a_reset(conversation: Conversation) -> None:
    asked(conversation.reset(None, None, {}))
    conversation.lose()
    conversation.open(None)
    for _ in range(2):
        with pytest.raises(ResetNeeded, match="reset"):
            next(conversation.step(0))
        with pytest.raises(ResetNeeded):
            next(conversation.step_many([0], "all"))
        for exchange in (conversation.state(), conversation.frame()):
            with pytest.raises(ResetNeeded):
                next(exchange)
        assert conversation.episode is None
    asked(conversation.reset(None, None, {}))
    assert conversation.episode is not None
    asked(conversation.step(0))


def test_an_episode_that_has_not_begun_is_not_lost(conversation: Conversation) -> None:
    for _ in range(2):
        conversation.lose()
    asked(conversation.step(0))


@pytest.mark.parametrize("kind", ["reset", "step", "step_many"])
def test_an_episode_whose_first_reply_never_arrived_is_lost(
    conversation: Conversation, kind: str
) -> None:
    talks = {
        "reset": conversation.reset(5, None, {"game": "breakout"}),
        "step": conversation.step(0),
        "step_many": conversation.step_many([0], "all"),
    }
    next(talks[kind])
    conversation.lose()
    talks[kind].close()
    conversation.open(None)
    with pytest.raises(ResetNeeded):
        next(conversation.step(0))


def test_a_refused_first_reset_loses_nothing(conversation: Conversation) -> None:
    exchange = conversation.reset(None, None, {"mode": 99})
    next(exchange)
    with pytest.raises(InvalidSetting):
        exchange.send(error("EXECUTION_ERROR"))
    conversation.lose()
    asked(conversation.step(0))


def test_settings_are_sent_again_on_a_new_connection(conversation: Conversation) -> None:
    asked(conversation.reset(1, "e", {"game_name": "breakout", "mode": 4, "frameskip": None}))
    assert asked(conversation.reset(None, None, {"obs_type": "ram"})) == {"obs_type": "ram"}
    conversation.lose()
    conversation.open(None)
    again = asked(conversation.reset(2, None, {}))
    assert again == {"seed": 2, "game": "breakout", "mode": 4, "obs_type": "ram"}


@pytest.mark.parametrize(
    ("game", "kept"),
    [("Breakout", {"game": "Breakout", "mode": 4}), ("pong", {"game": "pong"})],
)
def test_a_new_game_drops_the_mode_of_the_previous_game(
    conversation: Conversation, game: str, kept: dict[str, Any]
) -> None:
    asked(conversation.reset(None, None, {"game": "breakout", "mode": 4}))
    asked(conversation.reset(None, None, {"game": game}))
    conversation.lose()
    assert asked(conversation.reset(None, None, {})) == kept


def test_a_step_before_the_first_reset_begins_with_the_clients_settings() -> None:
    conversation = Conversation({"game": "breakout"}, 1)
    exchange = conversation.step(0)
    assert only(next(exchange)) == {"type": "reset", "data": {"game": "breakout"}}
    assert only(exchange.send(observation()))["type"] == "step"


def test_ignored_settings_are_named_in_a_warning_and_forgotten(conversation: Conversation) -> None:
    with pytest.warns(UserWarning, match="ignores colour of this reset"):
        asked(
            conversation.reset(None, None, {"colour": 1, "mode": 0}),
            metadata={"ignored": ["colour"]},
        )
    conversation.lose()
    assert asked(conversation.reset(None, None, {})) == {"mode": 0}


def test_several_sessions_in_a_message_require_our_dialect(conversation: Conversation) -> None:
    with pytest.raises(ServerError, match=r"atari\.v1"):
        next(conversation.step_sessions({conversation: [0]}, "all"))
    conversation.open("atari.v1")
    assert conversation.is_ours
    with pytest.raises(ResetNeeded, match="before its first batch"):
        next(conversation.step_sessions({conversation: [0]}, "all"))


def test_observations_must_be_all_or_last(conversation: Conversation) -> None:
    with pytest.raises(InvalidSetting, match="all, last"):
        next(conversation.step_many([0], "first"))
