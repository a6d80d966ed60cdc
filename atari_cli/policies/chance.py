"""The random policy."""

from dataclasses import dataclass

from atari_cli.model import AtariObservation, Policy
from atari_cli.seeding import POLICY, Stream


@dataclass
class RandomSource:
    """Actions drawn uniformly from the action set.

    Attributes:
        name: The policy as the user spelled it.
        deterministic: The policy draws at random.
    """

    name: str
    deterministic: bool | None = False

    def load(self) -> Policy:
        """Return the policy, seeded with 0."""
        return RandomPolicy()


class RandomPolicy:
    """Draws each action as raw PCG64 output modulo the size of the action set.

    The 18 actions at most divide 2**64 with a bias below 2**-59 for each action.
    """

    def __init__(self) -> None:
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Start the policy's stream of this seed."""
        self._draw = Stream(seed, POLICY).draw

    def __call__(self, observation: AtariObservation) -> int:
        """Return the index of the next action drawn."""
        return self._draw() % len(observation.legal_actions)
