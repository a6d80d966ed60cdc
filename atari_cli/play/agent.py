"""The agent that plays while the human watches."""

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from typing import Final

from atari_cli.actions import action_index
from atari_cli.errors import InvalidAction, PolicyFailed
from atari_cli.model import AtariObservation, PolicySource
from atari_cli.rollout import ask, chosen, make_policy, reset_policy, seeded
from atari_cli.system.background import PATIENCE, Background, is_done

_FAREWELL: Final = 1.0
"""Seconds to wait for a policy that still thinks when nobody needs its answer."""


class Agent:
    """A policy with its own action set, in an environment that has all 18 actions.

    It thinks in its own thread, so that pictures and keys never wait for it.

    Args:
        source: Where the policy comes from.
        codes: ALE codes of its action set.
        seed: Seed of the run.
        patience: Seconds that `choose` waits for the policy.

    Attributes:
        name: The policy as the user spelled it.

    Raises:
        PolicyFailed: If it cannot be loaded; in the methods, if it raises or returns no action.
    """

    def __init__(
        self,
        source: PolicySource,
        codes: Sequence[int],
        seed: int = 0,
        patience: float = PATIENCE,
    ) -> None:
        self.name = source.name
        self._codes = tuple(codes)
        self._patience = patience
        self._policy = make_policy(source, seed)
        self._thinking = Background("agent")
        self._seeding = ExitStack()
        self._begun: Future[None] | None = None
        self._seen: AtariObservation | None = None
        self._answer: Future[int] | None = None

    def begin(self, seed: int, game: int) -> None:
        """Prepare for a game as a rollout does: the same seed gives the same game.

        Args:
            seed: The game's own seed.
            game: Index of the game in the run.
        """
        self._begun = self._thinking.start(partial(self._begin, seed, game))
        self._has_begun()

    def choose(self, observation: AtariObservation) -> int | None:
        """Return the ALE code of the chosen action; None while the policy still thinks.

        An answer to an observation other than the one given last is discarded.

        Args:
            observation: What it sees, with copies of its arrays.
        """
        if not self._has_begun():
            return None
        if self._answer is None or self._seen is not observation:
            self._seen = observation
            self._answer = self._thinking.start(partial(self._choose, observation))
        if not is_done(self._answer, self._patience):
            return None
        answer, self._answer, self._seen = self._answer, None, None
        return answer.result()

    def close(self) -> None:
        """Restore the random generators to their state before the game."""
        is_done(self._thinking.start(self._seeding.close), _FAREWELL)
        self._thinking.close()

    def _has_begun(self) -> bool:
        """Return whether the policy is ready for the game."""
        if self._begun and is_done(self._begun, self._patience):
            begun, self._begun = self._begun, None
            begun.result()
        return self._begun is None

    def _begin(self, seed: int, game: int) -> None:
        self._seeding.close()
        self._seeding.enter_context(seeded(seed))
        self._game = game
        reset_policy(self._policy, seed, game)

    def _choose(self, observation: AtariObservation) -> int:
        seen = observation.with_actions(self._codes)
        action = chosen(ask(self._policy, seen, self._game))
        try:
            return self._codes[action_index(action, self._codes)]
        except InvalidAction as error:
            raise PolicyFailed(
                f"the policy returned an illegal action in episode {self._game}: {error}"
            ) from error
