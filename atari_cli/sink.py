"""Sinks: listeners to episodes that change nothing, such as a recorder or a progress bar."""

from dataclasses import dataclass

from atari_cli.environment import AtariEnvironment
from atari_cli.model import EpisodeSummary, StepResult


@dataclass(frozen=True, slots=True)
class EpisodeStart:
    """An episode that was reset and in which no step was played yet.

    Attributes:
        episode: Index of the episode in its run.
        run_seed: The seed of the run; the episode's own is `environment.state.seed`.
        policy: The policy as the user spelled it.
        environment: The environment of the episode; for reading only.
        result: The result of the reset.
    """

    episode: int
    run_seed: int
    policy: str
    environment: AtariEnvironment
    result: StepResult


class Sink:
    """Notified of each episode's start, steps and end; the methods of this class do nothing.

    With several workers, `begin` and `step` happen in other processes and are not called.

    Attributes:
        needs_frames: Whether the environment must keep every frame of a step for this sink.
        needs_sound: Whether these frames must have sound, which the policy does not hear.
    """

    needs_frames = False
    needs_sound = False

    def begin(self, start: EpisodeStart) -> None:
        """Called when an episode was reset."""

    def step(self, action: int, result: StepResult) -> None:
        """Called after each step.

        Args:
            action: The action as an ALE code.
            result: The result of the step.
        """

    def advance(self, steps: int) -> None:
        """Called about ten times a second with the number of steps played since, in any process."""

    def complete(self, summary: EpisodeSummary) -> None:
        """Called as soon as an episode has ended on its own, in the order in which they end.

        With a budget of steps, one that was played ahead may be cut or dropped in the end.
        """

    def end(self, summary: EpisodeSummary) -> None:
        """Called when an episode has ended or was cut, in the order of the episodes.

        If a failed policy or Ctrl-C interrupted it, the next `begin` or `close` follows instead.
        """

    def close(self) -> None:
        """Called at the end of the run."""
