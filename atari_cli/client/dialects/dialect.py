"""The interface of a dialect, and what all dialects share."""

import operator
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from atari_cli.client.received import ReceivedEpisode, ReceivedResult
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidAction
from atari_cli.model import AtariState
from atari_cli.wire.json_text import Json

Message = str | bytes
Result = TypeVar("Result")

Exchange = Generator[Sequence[bytes], Message, Result]
"""An exchange of messages: yields texts to send, is sent the next reply, returns a result.

Several texts are several requests, sent without waiting; their replies arrive in the same order.
"""


class Dialect(Protocol):
    """A dialect, with what it knows of one connection.

    Attributes:
        episode: The episode as the server described it; None before the first.
    """

    episode: ReceivedEpisode | None

    def reset(self, data: Json) -> Exchange[ReceivedResult]:
        """Start an episode."""

    def step(self, action: Any) -> Exchange[ReceivedResult]:
        """Play an action."""

    def step_many(self, actions: Sequence[Any], last_only: bool) -> Exchange[list[ReceivedResult]]:
        """Play actions up to the episode's end and return their results.

        Args:
            actions: The actions.
            last_only: Whether to receive only the screen of the last step.
        """

    def state(self) -> Exchange[AtariState]:
        """Ask for the state."""

    def frame(self) -> Exchange[bytes]:
        """Ask for the screen as a PNG file."""


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
    rest: Json = {"seed": None, "noop_max": 0, "max_frames": 0, "mode": None, "difficulty": None}
    rest |= {
        "game_name": EnvironmentConfig.game,
        "obs_type": EnvironmentConfig.obs_type,
        "full_action_space": EnvironmentConfig.full_action_space,
        "repeat_action_probability": EnvironmentConfig.repeat_action_probability,
        "frameskip": EnvironmentConfig.frameskip,
        "episode_id": None,
        "step_count": 0,
    }
    return AtariState(**{name: data.get(name, value) for name, value in rest.items()})
