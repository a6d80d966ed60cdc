"""The policies that play one action throughout: `noop` and `repeat:ACTION`."""

from dataclasses import dataclass

from atari_cli.actions import ACTION_NAMES, action_code
from atari_cli.model import AtariObservation, Policy


@dataclass
class RepeatSource:
    """One action at every step.

    Attributes:
        action: The action's name.

    Raises:
        InvalidAction: If no action has that name.
    """

    name: str
    action: str
    deterministic: bool | None = True

    def __post_init__(self) -> None:
        self.action = ACTION_NAMES[action_code(self.action)]

    def load(self) -> Policy:
        """Return the policy."""
        action = self.action

        def repeat(observation: AtariObservation) -> str:
            return action

        return repeat
