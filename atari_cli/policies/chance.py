"""The random policy."""

from atari_cli.model import AtariObservation
from atari_cli.seeding import CHOICES, Stream


class RandomPolicy:
    """Draws each action as raw PCG64 output modulo the size of the action set.

    The 18 actions at most divide 2**64 with a bias below 2**-59 for each action.
    """

    def __init__(self) -> None:
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Start the policy's stream of this seed."""
        self._draw = Stream(seed, CHOICES).draw

    def __call__(self, observation: AtariObservation) -> int:
        """Return the index of the next action drawn."""
        return self._draw() % len(observation.legal_actions)
