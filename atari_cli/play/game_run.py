"""One game in play: an environment that can go back, and the recording of its episode."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atari_cli.actions import code_index
from atari_cli.config import EnvironmentConfig, RecordConfig
from atari_cli.emulator import RewindingEmulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import RecordingError, ReplayMismatch
from atari_cli.model import StepResult
from atari_cli.recording import HUMAN, POLICY, Episode, LiveEpisode, SeekableReplay
from atari_cli.seeding import episode_seed
from atari_cli.sink import EpisodeStart
from atari_cli.system.signals import Uninterrupted


class GameRun:
    """A game that is played step by step and can go back to any step.

    The episode is always one continuous run: when the player goes back to a step, the later steps
    are discarded.

    Args:
        config: The settings; the environment has all actions of the joystick.
        files: Where each game is recorded; None to record nothing.
        policy: The first player, as named in the header: `human` or a policy.
        seed: Seed of the run; that of game k follows from (seed, k) alone, as in a rollout.
        first: A recording; its game is begun instead of the first of the run.

    Attributes:
        environment: The environment.
        live: The episode so far.
        result: The result of the last reset, step or `back_to`.
        number: Index of the game in the run.
    """

    result: StepResult
    live: LiveEpisode

    def __init__(
        self,
        config: EnvironmentConfig,
        files: RecordConfig | None = None,
        policy: str = "human",
        seed: int = 0,
        first: Episode | None = None,
    ) -> None:
        config = replace(config, full_action_space=True, sound=True)
        self.environment = AtariEnvironment(
            config, make_emulator=RewindingEmulator, keep_frames=True
        )
        self.number = 0
        self._files = files
        self._has_begun = False
        self._policy = policy
        self._seed = seed
        self._begin(first)
        self._has_begun = True

    @property
    def is_over(self) -> bool:
        """Whether the game has ended."""
        return self.result.done

    @property
    def score(self) -> float:
        """Sum of the rewards so far."""
        return self.environment.summary().score

    @property
    def last_actor(self) -> int:
        """The actor of the last action; before the first, that of the first player."""
        actor = self.live.arrays.last_actor
        return actor if actor is not None else HUMAN if self._policy == "human" else POLICY

    @property
    def player(self) -> str:
        """The names of all who have played: `human`, a policy, or `human, POLICY`."""
        actors = self.live.episode().arrays["actors"]
        humans = ["human"] if (actors == HUMAN).any() else []
        agents = self._agents if (actors == POLICY).any() else []
        return ", ".join([*humans, *agents])

    def begin_next(self) -> None:
        """Start the next game of the run; finish this one first.

        If its file cannot be created, the game is not recorded, and `live.failure` says why.
        """
        self.number += 1
        self._begin()

    def step(self, code: int, actor: int, strength: float = 1.0) -> StepResult:
        """Play an action for `frameskip` frames and return the result.

        Args:
            code: ALE code; one that the game does not have is NOOP.
            actor: `POLICY` or `HUMAN`.
            strength: Speed of a paddle.
        """
        index = code_index(code, self.environment.action_codes)
        # Drop the observation first: the environment copies one that is still referenced.
        del self.result
        with Uninterrupted():
            self.result = self.environment.step(index, strength)
            self.live.step(self.environment.last_action, actor, self.result)
        return self.result

    def back_to(self, step: int) -> None:
        """Go back to a step, 0 for the start, and discard the later steps."""
        if step < self.live.steps:
            with Uninterrupted():
                self.result = self.environment.go_back(self.live.arrays.progress(step))
                self.live.cut(step)

    def resume(self, episode: Episode) -> None:
        """Go to the last step that this game has in common with an episode; then call `catch_up`.

        An episode of another game starts a new game: finish this one first, as before `begin_next`.

        Args:
            episode: A recording with the same settings.
        """
        if not self.is_past_of(episode):
            self._begin(episode)
        self.back_to(self._common_steps(episode))

    def catch_up(
        self, episode: Episode, steps: int, has_time: Callable[[], bool] = lambda: True
    ) -> bool:
        """Play more of an episode, without showing it.

        Args:
            episode: The episode; the steps of this game must be its first steps.
            steps: The step to reach.
            has_time: Whether there is time for more; some steps are played in any case.

        Returns:
            Whether the step was reached; if not, call this again.

        Raises:
            ReplayMismatch: If the game differs from the episode; it then stays where it differs.
        """
        self.environment.keep_frames = False
        if not self._replay(episode).play_to(steps, has_time):
            return False
        if self.live.steps < steps:
            raise ReplayMismatch(self.live.steps + 1, ("actions",))
        if self.live.arrays.state_hash != episode.arrays["hashes"][steps]:
            raise ReplayMismatch(steps, ("hashes",))
        return True

    def play_next(self, episode: Episode) -> None:
        """Play the next step of an episode.

        Args:
            episode: The episode; the steps of this game must be its first steps.

        Raises:
            ReplayMismatch: If the game has ended.
        """
        self._replay(episode).play_next()

    def is_past_of(self, episode: Episode) -> bool:
        """Return whether an episode is an earlier part of the game in play."""
        mine = self.live.header
        return all(mine[name] == episode.header[name] for name in ("seed", "created"))

    def write(self, path: Path) -> None:
        """Write the game so far to a file, as `LiveEpisode.write` does."""
        self._sign()
        self.live.write(path)

    def finish(self) -> Path | None:
        """Write the game's recording and return its path; None without steps or without `files`.

        Raises:
            RecordingError: If it cannot be written; the message says what can be recovered.
        """
        self._sign()
        return next(iter(self.live.finish()), None)

    def _sign(self) -> None:
        """Set who has played in the header."""
        if self.live.steps:
            self.live.header["policy"] = self.player

    def _begin(self, first: Episode | None = None) -> None:
        """Begin the run's next game, or that of a recording: same seed and time of creation."""
        header: dict[str, Any] = (
            first.header if first else {"seed": episode_seed(self._seed, self.number)}
        )
        created, policy = header.get("created"), header.get("policy", "human")
        self.result = self.environment.reset(seed=header["seed"])
        players = dict.fromkeys(f"{self._policy}, {policy}".split(", "))
        self._agents = [name for name in players if name != "human"]
        start = EpisodeStart(self.number, self._seed, self._policy, self.environment, self.result)
        try:
            self.live = LiveEpisode(start, self._files, created)
        except RecordingError as error:
            # Fail at the start of a session; later, a full disk must not end it.
            if not self._has_begun:
                raise
            self.live = LiveEpisode(start, None, created)
            self.live.failure = f"{error}; this game is not recorded"

    def _replay(self, episode: Episode) -> SeekableReplay:
        start = self.live.arrays.frames(0)
        return SeekableReplay(episode, self.environment, self.step, start)

    def _common_steps(self, episode: Episode) -> int:
        """Return how many first steps an episode and this one have in common."""
        mine, theirs = self.live.episode().arrays, episode.arrays
        same = min(_common(mine[name], theirs[name]) for name in ("actions", "actors"))
        if "strengths" not in theirs:
            return same
        frames = _common(mine["strengths"], theirs["strengths"])
        noops = self.live.arrays.frames(0)
        return min(same, max(0, frames - noops) // self.environment.config.frameskip)


def _common(mine: NDArray[Any], theirs: NDArray[Any]) -> int:
    """Return how many first values two arrays have in common."""
    length = min(len(mine), len(theirs))
    differs = np.flatnonzero(mine[:length] != theirs[:length])
    return int(differs[0]) if len(differs) else length
