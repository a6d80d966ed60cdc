"""The parts that the dialects share: the shape of an exchange, actions and states."""

import operator
from collections.abc import Generator, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from atari_cli.client.received import ReceivedEpisode
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidAction
from atari_cli.model import AtariState

RawMessage = str | bytes
Result = TypeVar("Result")

Exchange = Generator[Sequence[bytes], RawMessage, Result]
"""An exchange of messages: yields texts to send, is sent the next reply, returns a result.

Several texts are several requests, sent without waiting; their replies arrive in the same order.
"""


def chosen_index(episode: ReceivedEpisode | None, action: Any) -> int:
    """Return the index to send for an action.

    Args:
        episode: The episode; None before the first, when the action set is unknown.
        action: An index, a name or an object with an `action_id`.

    Raises:
        InvalidAction: If it is not in the action set, or is a name and there is no episode.
    """
    action = getattr(action, "action_id", action)
    if episode is not None:
        return episode.index(action)
    if isinstance(action, str):
        raise InvalidAction(f"the names of actions are known after a reset; got {action!r}")
    try:
        return operator.index(action)
    except TypeError:
        raise InvalidAction(f"expected an action's index or name, got {action!r}") from None


def read_state(data: Mapping[str, Any]) -> AtariState:
    """Return a state as a server sent it, with OpenEnv's way of playing for fields it lacks."""
    own = {"episode_id": None, "step_count": 0, "seed": None, "noop_max": 0, "max_frames": 0}
    known = {**vars(EnvironmentConfig()), "game_name": EnvironmentConfig.game, **own, **data}
    return AtariState(**{field.name: known[field.name] for field in fields(AtariState)})
