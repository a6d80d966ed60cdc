"""The running episode of a session that a person plays, kept so that it can be downloaded."""

from typing import Final

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import ResetNeeded
from atari_cli.model import StepResult
from atari_cli.recording import HUMAN, Episode, LiveEpisode
from atari_cli.sink import EpisodeStart

MOST_STEPS: Final = 216_000
"""An hour frame by frame: 5 MB of memory."""


class EpisodeLog:
    """Keeps the inputs and the outcome of an episode, step by step; at most an hour of it."""

    def __init__(self) -> None:
        self._live: LiveEpisode | None = None

    def begin(self, environment: AtariEnvironment, result: StepResult) -> None:
        """Begin with an episode that was just reset, and forget the one before.

        Args:
            environment: Its environment.
            result: The result of the reset.
        """
        seed = environment.summary().seed
        self._live = LiveEpisode(EpisodeStart(0, seed, "human", environment, result), None)

    def step(self, code: int, result: StepResult) -> None:
        """Add the step that was just played.

        Args:
            code: ALE code of its action.
            result: Its result.
        """
        if self._live and self._live.steps < MOST_STEPS:
            self._live.step(code, HUMAN, result)

    def episode(self) -> Episode:
        """Return a copy of the episode so far.

        Raises:
            ResetNeeded: If it has no step.
        """
        if self._live is None or not self._live.steps:
            raise ResetNeeded("no step was played yet: there is no episode to save")
        return self._live.episode()
