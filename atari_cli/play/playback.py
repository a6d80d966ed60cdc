"""What shows a run tick by tick: forwards in any speed, backwards, and what is on the screen."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from atari_cli.config import PlayConfig
from atari_cli.model import Bytes
from atari_cli.observation import PlayedFrame
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.loop import FAST_TICKS
from atari_cli.play.player_settings import SLOW_TICKS, PlayerSettings
from atari_cli.play.saved.capture import Capture
from atari_cli.recording import HUMAN

_SMOOTHING: Final = 0.9
"""How much of the speed that is shown in fast-forward is that of the tick before."""


class Playback:
    """Shows the frames of a run one per tick; a step of several frames is shown frame by frame.

    Args:
        run: The run.
        config: How it is shown.
        decide: Plays the run's next step.
        must_wait: Whether there is no next frame to show now.

    Attributes:
        run: The run.
        dials: What the player has set.
        capture: What the player keeps of the screen.
        sounds: The samples of the frames that this tick has shown.
        speed: Speed of the game in this tick over that of the console.
    """

    def __init__(
        self,
        run: GameRun,
        config: PlayConfig,
        decide: Callable[[Inputs], None],
        must_wait: Callable[[], bool],
    ) -> None:
        self.run = run
        self.dials = PlayerSettings(config)
        self.capture = Capture(config.out, run.environment.game, config.zoom)
        self.sounds: list[Bytes] = []
        self.speed = 0.0
        self._decide, self._must_wait = decide, must_wait
        self._fast_speed = 1.0
        self._told = ""
        self.settle()

    @property
    def shows_last_frame(self) -> bool:
        """Whether every frame of the last step was shown."""
        return not self._frames

    @property
    def frame(self) -> int:
        """Frames since the boot up to the one that is shown."""
        return self.run.environment.emulator.frames - len(self._frames)

    def begin_tick(self, inputs: Inputs, stops_without_focus: bool) -> None:
        """Let a tick begin, in which nothing was shown yet."""
        self.sounds, self.speed = [], 0.0
        self.dials.tick(inputs, stops_without_focus)

    def play(self, inputs: Inputs, has_time: Callable[[], bool], one: bool = False) -> None:
        """Show the frames of a tick: one, none in slow motion, as many as go in fast-forward.

        Args:
            inputs: What the player does.
            has_time: Whether the tick has time left.
            one: Show exactly one frame, as in frame advance.
        """
        if one or Command.FAST_FORWARD not in inputs.held:
            if one or self.dials.is_due():
                self.run.environment.keep_frames = True
                self._show_next(inputs)
            self.speed = 1 / SLOW_TICKS if self.dials.slow else 1.0
            return
        self.run.environment.keep_frames = self.capture.is_filming
        before = self.run.environment.emulator.frames
        self._show_next(inputs)
        while has_time() and not self._must_wait():
            self._show_next(inputs)
        speed = (self.run.environment.emulator.frames - before) / FAST_TICKS
        self._fast_speed = _SMOOTHING * self._fast_speed + (1 - _SMOOTHING) * speed
        self.speed = self._fast_speed

    def rewind(self) -> None:
        """Go back by a tick: one step at first, faster and faster the longer it lasts."""
        steps = self.dials.rewind_steps(self.run.environment.game.fps)
        self.run.back_to(max(0, self.run.live.steps - steps))
        if not self.run.live.steps:
            self.dials.say("the beginning")
        self.settle()

    def settle(self) -> None:
        """Show the moment at which the run was put."""
        self._frames: deque[PlayedFrame] = deque()
        self._frame: PlayedFrame | None = None

    def obey(self, command: Command) -> bool:
        """Do what a command asks of dials and capture; return whether it did ask anything.

        Raises:
            RecordingError: If a picture cannot be written.
            MissingDependency: If there is no ffmpeg for a video.
        """
        match command:
            case Command.SCREENSHOT:
                self.dials.say(f"wrote {self.capture.photograph(self._screen(), self.frame)}")
            case Command.VIDEO if self.capture.is_filming:
                self.capture.stop()
                self.dials.say(self.capture.failure or f"wrote {self.capture.written[-1]}")
            case Command.VIDEO:
                self.capture.start()
                self.dials.say("filming; the same key ends the video")
            case _:
                return self.dials.obey(command)
        return True

    def view(self, inputs: Inputs, **own: Any) -> View:
        """Return what is to be shown after a tick.

        Args:
            inputs: What the player does.
            own: What the session knows better, as fields of a View.
        """
        self._tell_failure()
        dials, run = self.dials, self.run
        view = View(
            game=run.environment.game,
            screen=self._screen(),
            score=run.score,
            lives=run.environment.emulator.lives,
            frame=self.frame,
            code=run.environment.last_action,
            human=run.last_actor == HUMAN,
            speed=self.speed,
            status=self._status(inputs),
            message=dials.message,
            help=dials.help,
            hud=dials.hud,
            filming=self.capture.is_filming,
            slot=dials.slot,
            muted=dials.muted,
            volume=dials.volume,
            sounds=self.sounds,
        )
        return replace(view, **own)

    def _show_next(self, inputs: Inputs) -> None:
        """Show the next frame of the step, or play the next step and show its first."""
        if not self._frames:
            self._decide(inputs)
            self._frames.extend(self.run.environment.frames)
        self._frame = self._frames.popleft() if self._frames else None
        if self._frame is not None:
            if self._frame.audio is not None:
                self.sounds.append(self._frame.audio)
            self.capture.add(self._frame)

    def _screen(self) -> Bytes:
        # Without a frame the emulator itself shows it: after a jump, and in fast-forward.
        return self._frame.screen if self._frame else self.run.environment.emulator.screen()

    def _status(self, inputs: Inputs) -> str:
        if Command.REWIND in inputs.held:
            return "rewind"
        if self.dials.paused:
            return "paused"
        if Command.FAST_FORWARD in inputs.held:
            return "fast"
        return "slow" if self.dials.slow else ""

    def _tell_failure(self) -> None:
        """Say once what went wrong beside the game, which goes on."""
        failure = self.run.live.failure or self.capture.failure
        if failure and failure != self._told:
            self.dials.say(failure)
        self._told = failure
