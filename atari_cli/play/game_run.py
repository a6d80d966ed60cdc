"""One game in play: an environment that can go back, and the recording of its episode."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atari_cli.actions import code_index
from atari_cli.config import EnvironmentConfig, RecordConfig
from atari_cli.emulator import RewindingEmulator, WayBack
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import RecordingError, ReplayMismatch
from atari_cli.model import Bytes, Progress, StepResult
from atari_cli.play.kept_screens import KeptScreens
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
        kept_screens: The screens to go back to; None where the emulator has keyframes.
    """

    result: StepResult
    live: LiveEpisode
    kept_screens: KeptScreens | None
    _way: WayBack | None
    _there: Progress

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
            config, make_emulator=RewindingEmulator, keep_frames=True, is_audible=False
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
        return self._way is None and self.result.done

    @property
    def screen(self) -> Bytes:
        """The screen of the last step as palette indices, (height, 160) uint8."""
        return (
            self.kept_screens.last if self._way and self.kept_screens else self._emulator.screen()
        )

    @property
    def frames(self) -> int:
        """Frames from the boot to the last step."""
        return self._there.frames if self._way else self._emulator.frames

    @property
    def last_action(self) -> int:
        """ALE code of the last step's action; NOOP after a reset."""
        return self._there.last_action if self._way else self.environment.last_action

    @property
    def score(self) -> float:
        """Sum of the rewards so far."""
        return self._there.score if self._way else self.environment.summary().score

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
        self.arrive()
        index = code_index(code, self.environment.action_codes)
        # Drop the observation first: the environment copies one that is still referenced.
        del self.result
        with Uninterrupted():
            self.result = self.environment.step(index, strength)
            self.live.step(self.environment.last_action, actor, self.result)
            if self.kept_screens:
                self.kept_screens.add(self._emulator.screen())
        return self.result

    def back_to(self, step: int) -> None:
        """Go back to a step, 0 for the start, and discard the later steps.

        What the game shows is that step at once. Where the emulator has no keyframes it only gets
        there with `arrive`, which may take many seconds.
        """
        if step >= self.live.steps:
            return
        self.environment.keep_observation()
        with Uninterrupted():
            self.live.cut(step)
            self._there = self.live.arrays.progress(step)
            if self._way:
                self._way.shorten(self._there.frames)
            else:
                self._way = WayBack(self._emulator, self._there.frames)
            if self.kept_screens:
                self.kept_screens.cut(step + 1)
            else:
                self.arrive()

    def arrive(self, has_time: Callable[[], bool] = lambda: True) -> bool:
        """Get closer to the step that `back_to` went back to, and return whether it is reached.

        Args:
            has_time: Whether there is time for more; some frames are played in any case.
        """
        if self._way:
            with Uninterrupted():
                if not self._way.go_on(has_time):
                    return False
                self.result = self.environment.go_back(self._there)
                self._way = None
        return True

    @property
    def way_done(self) -> float:
        """How much of the way back is done, from 0.0 to 1.0."""
        return self._way.part if self._way else 1.0

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
        if not self.arrive(has_time):
            return False
        with self.live.written_together():
            is_there = self._replay(episode).play_to(steps, has_time)
        if not is_there:
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

    @property
    def _emulator(self) -> RewindingEmulator:
        emulator = self.environment.emulator
        assert isinstance(emulator, RewindingEmulator)
        return emulator

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
        self._way = None
        self.result = self.environment.reset(seed=header["seed"])
        quick = self._emulator.has_keyframes
        self.kept_screens = None if quick else KeptScreens(self._emulator.screen())
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
