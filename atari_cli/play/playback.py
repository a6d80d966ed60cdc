"""Showing a run tick by tick: forwards at any speed, backwards, and what is on the screen."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from atari_cli.config import PlayConfig
from atari_cli.errors import AtariError, PolicyFailed
from atari_cli.model import Bytes
from atari_cli.observation import PlayedFrame
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.loop import FAST_TICKS
from atari_cli.play.pilot import Pilot
from atari_cli.play.player_settings import SLOW_TICKS, PlayerSettings
from atari_cli.play.saved.capture import Capture
from atari_cli.recording import HUMAN

_SMOOTHING: Final = 0.9
"""Weight of the tick before in the speed that fast-forward displays."""


class Playback:
    """Shows the frames of a run one per tick; a step of several frames is shown frame by frame.

    Args:
        run: The run.
        pilot: Plays the run's next step.
        config: How the run is shown.
        commands: What the session does at commands that are not about showing.

    Attributes:
        settings: The settings of the player.
        capture: Screenshots and videos of what is shown.
        sounds: The samples of the frames shown in this tick.
        speed: Speed of the game in this tick, relative to the console.
    """

    def __init__(
        self,
        run: GameRun,
        pilot: Pilot,
        config: PlayConfig,
        commands: Mapping[Command, Callable[[], None]],
    ) -> None:
        self.settings = PlayerSettings(config)
        self.capture = Capture(config.out, run.environment.game, config.zoom)
        self.sounds: list[Bytes] = []
        self.speed = 0.0
        self._run, self._pilot = run, pilot
        self._commands = {
            **commands,
            Command.SCREENSHOT: self._photograph,
            Command.VIDEO: self._start_or_stop_video,
        }
        self._fast_speed = 1.0
        self._reported = ""
        self.settle()

    @property
    def shows_last_frame(self) -> bool:
        """Whether every frame of the last step has been shown."""
        return not self._frames

    @property
    def frame(self) -> int:
        """Frames from the boot to the one that is shown."""
        return self._run.environment.emulator.frames - len(self._frames)

    def must_wait(self) -> bool:
        """Return whether every frame has been shown and there is no step to play now."""
        return self.shows_last_frame and self._pilot.must_wait()

    def begin_tick(self, inputs: Inputs, stops_without_focus: bool) -> None:
        """Begin a tick, in which nothing has been shown yet.

        Args:
            inputs: The player's inputs.
            stops_without_focus: Whether the game is paused while another window has the keyboard.
        """
        self.sounds, self.speed = [], 0.0
        self.settings.tick(inputs, stops_without_focus)

    def play(self, inputs: Inputs, has_time: Callable[[], bool], one: bool = False) -> None:
        """Show the frames of a tick: usually one, in fast-forward as many as possible.

        Args:
            inputs: The player's inputs.
            has_time: Whether the tick has time left.
            one: Show exactly one frame, as in frame advance.
        """
        if one or Command.FAST_FORWARD not in inputs.held:
            if one or self.settings.is_due():
                self._run.environment.keep_frames = True
                self._show_next(inputs)
            self.speed = 1 / SLOW_TICKS if self.settings.slow else 1.0
            return
        self._run.environment.keep_frames = self.capture.is_filming
        before = self._run.environment.emulator.frames
        self._show_next(inputs)
        while has_time() and not self.must_wait():
            self._show_next(inputs)
        speed = (self._run.environment.emulator.frames - before) / FAST_TICKS
        self._fast_speed = _SMOOTHING * self._fast_speed + (1 - _SMOOTHING) * speed
        self.speed = self._fast_speed

    def rewind(self) -> None:
        """Go back by a tick: one step at first, faster and faster the longer it lasts."""
        steps = self.settings.rewind_steps(self._run.environment.game.fps)
        self._run.back_to(max(0, self._run.live.steps - steps))
        if not self._run.live.steps:
            self.settings.say("the beginning")
        self.settle()

    def settle(self) -> None:
        """Show the run where it is now, after it went to another step."""
        self._frames: deque[PlayedFrame] = deque()
        self._frame: PlayedFrame | None = None

    def obey(self, command: Command) -> None:
        """Carry out a command; an error is a message for the player.

        Raises:
            PolicyFailed: If the agent fails.
        """
        try:
            if not self.settings.obey(command) and command in self._commands:
                self._commands[command]()
        except PolicyFailed:
            raise
        except AtariError as error:
            self.settings.say(str(error))

    def view(self, inputs: Inputs, **own: Any) -> View:
        """Return the view to show after a tick.

        Args:
            inputs: The player's inputs.
            own: Fields of the view that the session sets.
        """
        self._report_failure()
        settings, run = self.settings, self._run
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
            message=settings.message,
            help=settings.help,
            hud=settings.hud,
            filming=self.capture.is_filming,
            slot=settings.slot,
            muted=settings.muted,
            volume=settings.volume,
            sounds=self.sounds,
        )
        return replace(view, **own)

    def _photograph(self) -> None:
        path = self.capture.photograph(self._screen(), self.frame)
        self.settings.say(f"wrote {path}")

    def _start_or_stop_video(self) -> None:
        if self.capture.is_filming:
            self.capture.stop()
            self.settings.say(self.capture.failure or f"wrote {self.capture.written[-1]}")
        else:
            self.capture.start()
            self.settings.say("filming; the same key ends the video")

    def _show_next(self, inputs: Inputs) -> None:
        """Show the next frame of the step, or play the next step and show its first."""
        if not self._frames:
            self._pilot.play(inputs)
            self._frames.extend(self._run.environment.frames)
        self._frame = self._frames.popleft() if self._frames else None
        if self._frame is not None:
            if self._frame.audio is not None:
                self.sounds.append(self._frame.audio)
            self.capture.add(self._frame)

    def _screen(self) -> Bytes:
        # Without a kept frame the emulator has the screen: after a jump, and in fast-forward.
        return self._frame.screen if self._frame else self._run.environment.emulator.screen()

    def _status(self, inputs: Inputs) -> str:
        if Command.REWIND in inputs.held:
            return "rewind"
        if self.settings.paused:
            return "paused"
        if Command.FAST_FORWARD in inputs.held:
            return "fast"
        return "slow" if self.settings.slow else ""

    def _report_failure(self) -> None:
        """Report once that the recording or a video has failed; the game continues."""
        failure = self._run.live.failure or self.capture.failure
        if failure and failure != self._reported:
            self.settings.say(failure)
        self._reported = failure
