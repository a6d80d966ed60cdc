"""A session that replays a recording, whatever the held input, and can go to any of its steps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, Final

from atari_cli.actions import NOOP, code_index
from atari_cli.emulator import WITHOUT_KEYFRAMES, RewindingEmulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting
from atari_cli.model import AtariState, StepResult
from atari_cli.recording import Episode, SeekableReplay
from atari_cli.server.sessions.loading import make_emulator
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.view import AnyReply, Encode

SLICE_SECONDS: Final = 0.1
"""How long a seek holds the session before others have their turn, its end among them."""


class ReplaySession(Session):
    """A session whose episode was recorded.

    Args:
        identity: The session's id.
        episode: The recording.
        metrics: Where its steps are counted.

    Attributes:
        episode: The recording.
    """

    _refusal = "a recording is replayed here: nothing else can be played"

    def __init__(self, identity: str, episode: Episode, metrics: Metrics) -> None:
        config = replace(episode.config, sound=True, obs_type="rgb")
        make = partial(make_emulator, kind=RewindingEmulator)
        super().__init__(identity, config, metrics, ends_with_socket=True, make_emulator=make)
        self.episode = episode
        self._replay: SeekableReplay | None = None  # from the reset on
        self._is_seeking = False

    @property
    def at(self) -> int:
        """How many of its steps have been played."""
        return self._replay.step if self._replay else 0

    def hold(self, code: int, paddle: float | None, steps: int = 1) -> None:
        """Play the next steps of the recording, whatever the held input.

        Args:
            code: Ignored.
            paddle: Ignored.
            steps: Number of steps.
        """
        with self._playing(itself=True):
            replay = self._begun_replay()
            if not self._is_seeking:
                replay.play_to(min(replay.step + steps, self.episode.steps))
                self._notify()

    def step(self, encode: Encode[AnyReply], action: int) -> AnyReply:
        """Play the next step of the recording and return the reply that `encode` makes of it.

        Args:
            encode: Makes a reply of a result and the recording's first state.
            action: Ignored.
        """
        self.hold(NOOP, None)
        with self._held():
            _, state = self._begun()
            _, result = self._running()
            return encode(result, state)

    def tempo(self) -> float | None:
        """Return the seconds of the console that a step takes; None at the recording's end."""
        return super().tempo() if self.at < self.episode.steps else None

    def seek(self, step: int, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Go to a step, 0 for the start, and notify the spectators.

        Args:
            step: The step.
            is_wanted: Asked many times a second; the seek ends where it is once it is not.

        Raises:
            InvalidSetting: If the recording has no such step.
            UnknownSession: If the session ends meanwhile.
        """
        self.check_step(step)
        with self._playing(itself=True):
            self._go_back(step)
            self._is_seeking = True
        try:
            while not self._play_on(step) and is_wanted():
                pass
        finally:
            self._is_seeking = False

    def _go_back(self, step: int) -> None:
        """Go back to a step, if it has been played."""
        replay = self._begun_replay()
        if step >= replay.step:
            return
        if self.episode.game.id in WITHOUT_KEYFRAMES:
            # From the boot, which takes long; the way from there can be interrupted.
            environment, state = self._begun()
            self._result = None
            self._result = environment.reset(state.seed, state.episode_id)
            self._is_over = False
            self._replay = self._from_start(environment)
        else:
            self._result = replay.go_back(step)
            self._is_over = self._result.done

    def _play_on(self, step: int) -> bool:
        """Play for a while towards a step, and return whether it is reached."""
        with self._playing(itself=True):
            due = monotonic() + SLICE_SECONDS
            has_come = self._begun_replay().play_to(step, lambda: monotonic() < due)
            if has_come:
                self._notify()
            return has_come

    def check_step(self, step: int) -> None:
        """Raise InvalidSetting if the recording has no such step."""
        if not 0 <= step <= self.episode.steps:
            raise InvalidSetting(f"expected a step from 0 to {self.episode.steps}, got {step}")

    def _begun_replay(self) -> SeekableReplay:
        self._begun()
        assert self._replay
        return self._replay

    def _reset(
        self, seed: int | None, episode_id: str | None, settings: Mapping[str, Any]
    ) -> tuple[StepResult, AtariState]:
        begun = super()._reset(self.episode.header["seed"], None, {})
        self._replay = self._from_start(self._open())
        return begun

    def _from_start(self, environment: AtariEnvironment) -> SeekableReplay:
        """Return the replay in an environment that was just reset."""

        def play(code: int, actor: int, strength: float) -> StepResult:
            return self._play(environment, code_index(code, environment.action_codes), strength)

        frames = environment.emulator.frames
        return SeekableReplay(self.episode, environment, play, frames)
