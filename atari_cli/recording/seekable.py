"""Playing a recording again so that any of its steps can be reached, forwards and back."""

from collections.abc import Callable, Iterator
from typing import Final

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import ReplayMismatch
from atari_cli.model import StepResult
from atari_cli.recording.format.schema import Episode, progress

LEAST_FRAMES: Final = 100
"""Frames that `play_to` plays even when there is no time; they take some milliseconds."""

Play = Callable[[int, int, float], StepResult]
"""Plays one step: its action as an ALE code, who chose it, and the strength of a paddle."""


class SeekableReplay:
    """A recording that is played again in an environment and can go to any of its steps.

    The environment counts the steps. Those that it has played so far must be the recording's.

    Args:
        episode: The recording.
        environment: Where it is played, in an episode that began with the recording's seed; going
            back needs one that can rewind.
        play: Plays a step in that environment.
        start: Frames from the boot to the first step.
    """

    def __init__(
        self, episode: Episode, environment: AtariEnvironment, play: Play, start: int
    ) -> None:
        self._episode, self._environment = episode, environment
        self._play, self._start = play, start

    @property
    def step(self) -> int:
        """How many steps have been played."""
        return self._environment.summary().steps

    def __iter__(self) -> Iterator[StepResult]:
        """Play the remaining steps, or up to the game's end, and yield the result of each."""
        first, is_over = self._progress()
        for step in range(first, 0 if is_over else self._episode.steps):
            result = self._play_step(step)
            yield result
            if result.done:
                return

    def play_next(self) -> StepResult:
        """Play the next step and return its result.

        Raises:
            ReplayMismatch: If the game has ended.
        """
        step, is_over = self._progress()
        if is_over:
            raise ReplayMismatch(step + 1, ("actions",))
        return self._play_step(step)

    def play_to(self, step: int, has_time: Callable[[], bool] = lambda: True) -> bool:
        """Play up to a step or to the game's end.

        Args:
            step: The step.
            has_time: Whether there is time for more; `LEAST_FRAMES` are played in any case.

        Returns:
            Whether the step was reached or the game has ended; if not, call this again.
        """
        first, is_over = self._progress()
        if is_over:
            return True
        least = self._environment.emulator.frames + LEAST_FRAMES
        for played in range(first, step):
            if self._play_step(played).done:
                return True
            if not has_time() and self._environment.emulator.frames >= least:
                return played + 1 == step
        return True

    def go_back(self, step: int) -> StepResult:
        """Go back to an earlier step, 0 for the start, and return its result."""
        # Every step but an episode's last has all of its frames.
        frames = self._start + step * self._environment.config.frameskip
        return self._environment.go_back(progress(self._episode.arrays, step, frames))

    def _progress(self) -> tuple[int, bool]:
        """Return the steps played, and whether the game has ended."""
        summary = self._environment.summary()
        return summary.steps, summary.terminated or summary.truncated

    def _play_step(self, step: int) -> StepResult:
        code, strength = _input(self._episode, step, self._environment.emulator.frames)
        return self._play(code, int(self._episode.arrays["actors"][step]), strength)


def _input(episode: Episode, step: int, frame: int) -> tuple[int, float]:
    """Return the ALE code of a step and its strength, which is that of its first frame."""
    code = int(episode.arrays["actions"][step])
    strengths = episode.arrays.get("strengths")
    if strengths is None or episode.config.repeat_action_probability:
        return code, 1.0
    return code, float(strengths[frame]) if frame < len(strengths) else 1.0
