"""A session that replays a recording, whatever is held, and can go to any of its steps."""

from array import array
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from atari_cli.actions import NOOP, code_index
from atari_cli.emulator import Emulator, RewindingEmulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting
from atari_cli.games import Game
from atari_cli.model import Progress, StepResult
from atari_cli.recording import Episode, recorded_input
from atari_cli.server.sessions.emulator_pool import EmulatorPool, loading
from atari_cli.server.sessions.session import Encode, Reply, Session


class _RewindingPool(EmulatorPool):
    """Makes emulators that can go back, and keeps none."""

    def make(self, game: Game, mode: int | None, difficulty: int | None, sound: bool) -> Emulator:
        with loading:
            return RewindingEmulator(game, mode, difficulty, sound)

    def give_back(self, emulator: Emulator) -> None:
        return


class ReplaySession(Session):
    """A session whose episode was recorded.

    Args:
        identity: The session's id.
        episode: The recording.

    Attributes:
        episode: The recording.
    """

    _refusal = "a recording is replayed here: nothing else can be played"

    def __init__(self, identity: str, episode: Episode) -> None:
        config = replace(episode.config, sound=True, obs_type="rgb")
        super().__init__(identity, config, _RewindingPool(), None, ends_with_socket=True)
        self.episode = episode
        self._frames = array("I")  # before each step that was reached

    @property
    def at(self) -> int:
        """How many of its steps were played."""
        return max(0, len(self._frames) - 1)

    def hold(self, code: int, paddle: float | None, steps: int = 1) -> None:
        """Play the next steps of the recording, whatever is held."""
        with self._playing():
            environment = self._begun()
            self._go_on(environment, min(self.at + steps, self.episode.steps))
            self._notify()

    def step(self, encode: Encode[Reply], action: int) -> Reply:
        """Play the next step of the recording, whatever the action is."""
        self.hold(NOOP, None)
        return self.read(lambda view: encode(view.result, view.state))

    def tempo(self) -> float | None:
        """Return the seconds of the console that a step takes; None at the recording's end."""
        return super().tempo() if self.at < self.episode.steps else None

    def seek(self, step: int) -> None:
        """Go to the moment after a step, 0 for the start, and show it.

        Raises:
            InvalidSetting: If the recording has no such step.
        """
        if not 0 <= step <= self.episode.steps:
            raise InvalidSetting(f"expected a step from 0 to {self.episode.steps}, got {step}")
        with self._playing():
            environment = self._begun()
            if step < self.at:
                self._result = environment.go_back(self._progress(step))
                del self._frames[step + 1 :]
            self._go_on(environment, step)
            self._notify()

    def _go_on(self, environment: AtariEnvironment, step: int) -> None:
        """Play up to a step of the recording, or to the game's end."""
        codes = environment.action_codes
        while self.at < step and not self._ended():
            code, strength = recorded_input(self.episode, self.at, self._frames[-1])
            self._play(environment, code_index(code, codes), strength)
            self._frames.append(environment.emulator.frames)

    def _reset(
        self, seed: int | None, episode_id: str | None, settings: Mapping[str, Any]
    ) -> StepResult:
        result = super()._reset(self.episode.header["seed"], None, {})
        self._frames.append(self._open().emulator.frames)
        return result

    def _progress(self, step: int) -> Progress:
        actions, rewards = self.episode.arrays["actions"], self.episode.arrays["rewards"]
        return Progress(
            steps=step,
            frames=self._frames[step],
            score=float(rewards[:step].sum(dtype=float)),
            reward=float(rewards[step - 1]) if step else 0.0,
            last_action=int(actions[step - 1]) if step else NOOP,
        )
