"""Recording your own loop: an environment that writes each of its episodes to a file."""

from pathlib import Path
from typing import Any, Self

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import ResetNeeded
from atari_cli.model import AtariAction, StepResult
from atari_cli.recording.format.schema import POLICY
from atari_cli.recording.live_episode import LiveEpisode
from atari_cli.sink import EpisodeStart
from atari_cli.system.signals import Uninterrupted
from atari_cli.validation import as_path, check_seed, check_type


class RecordedEnvironment:
    """Wraps an environment and records every episode played through it.

    Each episode becomes `<out>/<game>-<policy>-s<run seed>-<nnn>.npz`, with the first number that
    no other recording has. From its reset on, its inputs are in a journal, so that `recover` can
    finish it if the process is killed. An episode that is left before its end is kept as a
    truncated recording; an episode without a step leaves no file.

    The files hold inputs and proofs but no screens, a few bytes per step: `verify` accepts them,
    and `add_screens` and `render_video` make screens and videos of the episodes that turn out to
    be interesting.

    Args:
        environment: The environment to play in. While an episode is recorded, reset and step it
            only through this object.
        out: Folder of the recordings; it is made if missing.
        policy: Name of what plays, for the file names and headers.
        run_seed: Seed of the run, for the file names and headers; each episode's own seed is
            given to `reset`.

    Attributes:
        environment: The wrapped environment.
        written: The finished recordings, in order.

    Raises:
        InvalidSetting: If a value is outside its range or has another type.
    """

    def __init__(
        self,
        environment: AtariEnvironment,
        out: Path | str = RecordConfig.out,
        *,
        policy: str = "agent",
        run_seed: int = 0,
    ) -> None:
        check_type("environment", environment, AtariEnvironment)
        self.environment = environment
        self.written: list[Path] = []
        self._files = RecordConfig(out=as_path("out", out), video=False, screens=False)
        check_type("policy", policy, str)
        self._policy = policy
        self._run_seed = check_seed("run_seed", run_seed)
        self._episodes = 0
        self._live: LiveEpisode | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, **settings: Any
    ) -> StepResult:
        """Finish the recording of the running episode, if any, and start the next.

        Args:
            seed: The episode's seed, as in `AtariEnvironment.reset`.
            episode_id: Name of the episode; None generates one.
            settings: Settings by name; they stay in force for later resets.

        Returns:
            The first observation, with reward 0.

        Raises:
            InvalidSetting: If the seed or a setting is outside its range; nothing changes then.
            RecordingError: If a recording cannot be written.
        """
        with Uninterrupted():
            result = self.environment.reset(seed, episode_id, **settings)
            self._finish()
            start = EpisodeStart(
                self._episodes, self._run_seed, self._policy, self.environment, result
            )
            self._live = LiveEpisode(start, self._files)
            self._episodes += 1
        return result

    def step(self, action: AtariAction | int | str, strength: float = 1.0) -> StepResult:
        """Play and record one step; the episode's last step finishes its recording.

        Args:
            action: An index into the action set, an action's name, or an AtariAction.
            strength: Speed of a paddle, as in `AtariEnvironment.step`.

        Returns:
            The result of the environment's step.

        Raises:
            InvalidAction: If the action is not in the action set, or the strength is not allowed.
            ResetNeeded: Before the first reset and after the episode's end.
            RecordingError: If the recording cannot be written at the episode's end; the message
                says what `recover` can bring back.
        """
        if self._live is None:
            raise ResetNeeded("no episode is being recorded; call reset() to start one")
        with Uninterrupted():  # a step is played and recorded, or neither
            result = self.environment.step(action, strength)
            self._live.step(self.environment.last_action, POLICY, result)
            if result.done:
                self._finish()
        return result

    @property
    def failure(self) -> str | None:
        """Why the journal of the running episode can no longer be written; None if it can."""
        return self._live.failure if self._live else None

    def close(self) -> None:
        """Finish the recording of the running episode and close the environment.

        Calling it again does nothing, or tries once more to write a recording that failed.

        Raises:
            RecordingError: If the recording cannot be written.
        """
        try:
            self._finish()
        finally:
            self.environment.close()

    def _finish(self) -> None:
        if self._live is None:
            return
        self.written += self._live.finish()
        self._live = None
