"""The policies that always play one action: `noop` and `repeat:ACTION`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from atari_cli.actions import ACTION_NAMES, action_index
from atari_cli.model import AtariObservation, Policy


@dataclass
class RepeatSource:
    """One action at every step.

    Attributes:
        name: The policy as the user spelled it.
        action: The action's name.
        deterministic: The policy draws nothing at random.
    """

    name: str
    action: str
    deterministic: bool | None = True

    @classmethod
    def of(cls, name: str, action: str, codes: Sequence[int]) -> Self:
        """Return the source of `repeat:ACTION`.

        Args:
            name: The policy as the user spelled it.
            action: The name of the action, in any case.
            codes: The action set as ALE codes.

        Raises:
            InvalidAction: If the action is not in the set.
        """
        return cls(name, ACTION_NAMES[codes[action_index(action, codes)]])

    def load(self) -> Policy:
        """Return the policy."""
        action = self.action

        def repeat(observation: AtariObservation) -> str:
            return action

        return repeat
