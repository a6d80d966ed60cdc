"""Showing a run tick by tick: forwards at any speed, backwards, and what is on the screen."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf
from typing import Any

from atari_cli.config import PlayConfig
from atari_cli.errors import AtariError, PolicyFailed
from atari_cli.model import Bytes
from atari_cli.observation import PlayedFrame
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.pilot import Pilot
from atari_cli.play.player_settings import BEHIND_HELP, SLOW_TICKS, PlayerSettings
from atari_cli.play.saved.capture import Capture
from atari_cli.play.slow_work import SlowWork
from atari_cli.recording import HUMAN
from atari_cli.system.background import PATIENCE


class Playback:
    """Shows the frames of a run one per tick; a step of several frames is shown frame by frame.

    Args:
        run: The run.
        pilot: Plays the run's next step.
        config: How the run is shown.
        commands: What the session does at commands that are not about showing.
        patience: Seconds to wait for work on files before a picture is shown without its result.
        has_slider: Whether the run is a recording, with a position to show.

    Attributes:
        settings: The settings of the player.
        capture: Screenshots and videos of what is shown.
        slow_work: Work that may wait for a disk.
        sounds: The samples of the frames shown in this tick.
        tempo: Speed to which the game keeps in this tick, relative to the console.
    """

    def __init__(
        self,
        run: GameRun,
        pilot: Pilot,
        config: PlayConfig,
        commands: Mapping[Command, Callable[[], None]],
        patience: float = PATIENCE,
        has_slider: bool = False,
    ) -> None:
        self.settings = PlayerSettings(config, has_slider)
        self.capture = Capture(config.out, run.environment.game, config.zoom)
        self.slow_work = SlowWork(patience)
        self.sounds: list[Bytes] = []
        self.tempo = 0.0
        self._run, self._pilot = run, pilot
        self._commands = {
            **commands,
            Command.SCREENSHOT: self._photograph,
            Command.VIDEO: self._start_or_stop_video,
        }
        self._reported = ""
        self._face: dict[str, Any] = {}
        self.settle()

    @property
    def shows_last_frame(self) -> bool:
        """Whether every frame of the last step has been shown."""
        return not self._frames

    @property
    def frame(self) -> int:
        """Frames from the boot to the one that is shown."""
        return self._run.frames - len(self._frames)

    def must_wait(self) -> bool:
        """Return whether every frame has been shown and there is no step to play now."""
        return self.shows_last_frame and self._pilot.must_wait()

    def heeded(self, inputs: Inputs) -> Inputs:
        """Return the inputs that count after a tick's commands: none behind the help page."""
        return Inputs(focused=inputs.focused) if self.settings.help else inputs

    def begin_tick(self, inputs: Inputs, stops_without_focus: bool) -> None:
        """Begin a tick, in which nothing has been shown yet.

        Args:
            inputs: The player's inputs.
            stops_without_focus: Whether the game is paused while another window has the keyboard.
        """
        self.sounds, self.tempo = [], 0.0
        self.settings.tick(inputs, stops_without_focus)
        self._try(self.slow_work.look)

    def play(self, inputs: Inputs, has_time: Callable[[], bool], one: bool = False) -> bool:
        """Show the frames of a tick: usually one, in fast-forward as many as possible.

        Args:
            inputs: The player's inputs.
            has_time: Whether the tick has time left.
            one: Show exactly one frame, as in frame advance.

        Returns:
            Whether the last one was ready, which an agent that thinks or a video delays.
        """
        if one or Command.FAST_FORWARD not in inputs.held:
            self.tempo = 1 / SLOW_TICKS if self.settings.slow else 1.0
            self._run.environment.keep_frames = True
            return (one or self.settings.is_due()) and self._show_next(inputs)
        self.tempo = inf
        self._run.environment.keep_frames = self.capture.is_filming
        # A kill loses only frames that were not shown yet.
        with self._run.live.written_together():
            while is_shown := self._show_next(inputs):
                if not has_time() or self.must_wait():
                    break
        return is_shown

    def rewind(self, has_time: Callable[[], bool]) -> None:
        """Go back by a tick: one step at first, faster and faster the longer it lasts.

        Args:
            has_time: Whether the tick has time left. A game that replays its way back spends it on
                that, so that it plays on sooner.
        """
        steps = self.settings.rewind_steps(self._run.environment.game.fps)
        self._run.back_to(max(0, self._run.live.steps - steps))
        if has_time():
            self._run.arrive(has_time)
        if not self._run.live.steps:
            self.settings.say("the beginning")
        self.settle()

    def arrive(self, has_time: Callable[[], bool]) -> bool:
        """Return whether the run is where it went back to; if not, get closer and say how far.

        Args:
            has_time: Whether the tick has time left.
        """
        if self._run.arrive(has_time):
            return True
        self.settings.say(f"going back, {self._run.way_done:.0%}")
        return False

    def settle(self) -> None:
        """Show the run where it is now, after it went to another step."""
        self._frames: deque[PlayedFrame] = deque()
        self._frame: PlayedFrame | None = None

    def obey(self, command: Command) -> None:
        """Carry out a command; an error is a message for the player.

        Behind the help page most commands do nothing.

        Raises:
            PolicyFailed: If the agent fails.
        """
        if self.settings.help and command not in BEHIND_HELP:
            return
        if self.settings.obey(command) or command not in self._commands:
            return
        if self.slow_work.word and command is not Command.LEAVE:
            self.settings.say(f"still {self.slow_work.word}")
            return
        self._try(self._commands[command])

    def view(self, inputs: Inputs, **own: Any) -> View:
        """Return the view to show after a tick.

        Args:
            inputs: The player's inputs.
            own: Fields of the view that the session sets.
        """
        self._report_failure()
        settings = self.settings
        if not self._face or not self.slow_work.word:
            self._face = self._look()
        view = View(
            **self._face,
            tempo=self.tempo,
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

    def close(self) -> None:
        """Wait until all files are written, and finish the video if one is being made."""
        self.slow_work.close()
        self.capture.stop()

    def _try(self, act: Callable[[], None]) -> None:
        """Do something; an error, but that of an agent, is a message for the player."""
        try:
            act()
        except PolicyFailed:
            raise
        except AtariError as error:
            self.settings.say(str(error))

    def _look(self) -> dict[str, Any]:
        """Return the fields of a view that show the game."""
        run = self._run
        return {
            "game": run.environment.game,
            "screen": self._screen(),
            "score": run.score,
            "lives": run.environment.emulator.lives,
            "frame": self.frame,
            "code": run.last_action,
            "human": run.last_actor == HUMAN,
        }

    def _photograph(self) -> None:
        screen, frame = self._screen(), self.frame
        self.slow_work.run(
            lambda: self.capture.photograph(screen, frame),
            lambda path: self.settings.say(f"wrote {path}"),
        )

    def _start_or_stop_video(self) -> None:
        if self.capture.is_filming:
            self.settings.say("writing the video")
            self.slow_work.follow(self.capture.end(), self.settings.say)
        else:
            self.settings.say("filming; the same key ends the video")
            self.capture.start()

    def _show_next(self, inputs: Inputs) -> bool:
        """Show the next frame of the step, or play the next step and show its first.

        Returns False if there is none yet, because an agent thinks or a video is behind.
        """
        if self.capture.is_behind or not (self._frames or self._play_step(inputs)):
            return False
        self._frame = self._frames.popleft() if self._frames else None
        if self._frame is not None:
            if self._frame.audio is not None:
                self.sounds.append(self._frame.audio)
            self.capture.add(self._frame)
        return True

    def _play_step(self, inputs: Inputs) -> bool:
        """Play the next step and return whether it is decided."""
        is_decided = self._pilot.play(inputs)
        if is_decided:
            self._frames.extend(self._run.environment.frames)
        return is_decided

    def _screen(self) -> Bytes:
        # Without a kept frame the emulator has the screen: after a jump, and in fast-forward.
        return self._frame.screen if self._frame else self._run.screen

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
        self.capture.look()
        failure = self._run.live.failure or self.capture.failure
        if failure and failure != self._reported:
            self.settings.say(failure)
        self._reported = failure
