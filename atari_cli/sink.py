"""Sinks: what listens to episodes without changing them, such as a recorder or a progress bar."""

from dataclasses import dataclass

from atari_cli.environment import AtariEnvironment
from atari_cli.model import EpisodeSummary, StepResult


@dataclass(frozen=True, slots=True)
class EpisodeStart:
    """What a sink is told when an episode was reset and no step was played yet.

    Attributes:
        episode: Index of the episode in its run.
        run_seed: The seed of the run; the episode's own is `environment.state.seed`.
        policy: The policy as the user spelled it.
        environment: The environment that the episode is played in; for reading only.
        result: The result of the reset.
    """

    episode: int
    run_seed: int
    policy: str
    environment: AtariEnvironment
    result: StepResult


class Sink:
    """Is told of each episode's start, steps and end, and is closed; does nothing by itself.

    With several workers, `begin` and `step` happen in other processes and are not told.

    Attributes:
        needs_frames: Whether the environment must keep every frame of a step for this sink.
    """

    needs_frames = False

    def begin(self, start: EpisodeStart) -> None:
        """An episode was reset."""

    def step(self, action: int, result: StepResult) -> None:
        """An action, given as an ALE code, was played."""

    def advance(self, steps: int) -> None:
        """So many more steps were played, in whichever process; told some ten times a second."""

    def end(self, summary: EpisodeSummary) -> None:
        """An episode has ended or was cut; told in the order of the episodes.

        One that the policy or Ctrl-C broke off gets none: the next `begin` or `close` follows.
        """

    def close(self) -> None:
        """Nothing more will come."""
