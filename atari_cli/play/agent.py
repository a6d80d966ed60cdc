"""The agent that plays while the human watches."""

from collections.abc import Sequence
from contextlib import ExitStack

from atari_cli.actions import action_index
from atari_cli.errors import InvalidAction, PolicyFailed
from atari_cli.model import AtariObservation, PolicySource
from atari_cli.rollout import ask, make_policy, reset_policy, seeded


class Agent:
    """A policy with its own action set, in an environment that has all 18 actions.

    Args:
        source: Where the policy comes from.
        codes: ALE codes of its action set.
        seed: Seed of the run.

    Attributes:
        name: The policy as the user spelled it.

    Raises:
        PolicyFailed: If it cannot be loaded; in the methods, if it raises or returns no action.
    """

    def __init__(self, source: PolicySource, codes: Sequence[int], seed: int = 0) -> None:
        self.name = source.name
        self._codes = tuple(codes)
        self._policy = make_policy(source, seed)
        self._seeding = ExitStack()
        self._game = 0

    def begin(self, seed: int, game: int) -> None:
        """Prepare for a game as a rollout does: the same seed gives the same game.

        Args:
            seed: The game's own seed.
            game: Index of the game in the run.
        """
        self.close()
        self._seeding.enter_context(seeded(seed))
        self._game = game
        reset_policy(self._policy, seed, game)

    def choose(self, observation: AtariObservation) -> int:
        """Return the ALE code of the chosen action."""
        seen = observation.with_actions(self._codes)
        action = ask(self._policy, seen, self._game)
        try:
            return self._codes[action_index(action, self._codes)]
        except InvalidAction as error:
            raise PolicyFailed(
                f"the policy returned an illegal action in episode {self._game}: {error}"
            ) from error

    def close(self) -> None:
        """Restore the random generators to their state before the game."""
        self._seeding.close()
