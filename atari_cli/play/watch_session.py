"""Watching a recording, forwards, backwards and from any step, until the viewer takes over."""

from collections.abc import Callable

from atari_cli.actions import ACTION_NAMES
from atari_cli.config import PlayConfig
from atari_cli.errors import ReplayMismatch
from atari_cli.play.controls.watching import SEEK_SECONDS
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.pilot import RecordedPilot
from atari_cli.play.playback import Playback
from atari_cli.recording import Episode


class WatchSession:
    """A recording that is played again and that the viewer can take over at any step.

    Args:
        episode: The recording.
        run: The run in which it is played again, at its start.
        config: How it is shown.
        first_step: The step to begin with.

    Attributes:
        has_ended: Whether the viewer left or took over, or the recording is at its end.
        is_taken_over: Whether the viewer wants to play from here.
        settings: The settings of the viewer.
        capture: Screenshots and videos.
    """

    def __init__(
        self, episode: Episode, run: GameRun, config: PlayConfig, first_step: int = 0
    ) -> None:
        self.has_ended = self.is_taken_over = False
        commands = {Command.LEAVE: self.leave, Command.TAKE_OVER: self._take_over}
        self._playback = Playback(
            run, RecordedPilot(run, episode), config, commands, has_slider=True
        )
        self.settings, self.capture = self._playback.settings, self._playback.capture
        self._episode, self._run = episode, run
        self._target: int | None = first_step or None

    def tick(self, inputs: Inputs, has_time: Callable[[], bool]) -> View:
        """Advance by one tick and return the view to show; see `loop.Tickable`.

        Args:
            inputs: The viewer's inputs.
            has_time: Whether the tick has time left for more than one frame.
        """
        self._playback.begin_tick(inputs, stops_without_focus=False)
        for command in inputs.commands:
            self._playback.obey(command)
        inputs = self._playback.heeded(inputs)
        self._aim(inputs)
        if not self.has_ended:
            self._go_on(inputs, has_time)
        policy = self._episode.header["policy"]
        position = (self.step, self._episode.steps) if self.settings.slider else None
        return self._playback.view(inputs, pilot=policy, watching=True, position=position)

    def leave(self) -> None:
        """End the session after this tick."""
        self.has_ended = True

    def close(self) -> None:
        """Wait for the files, and finish the video if one is being made."""
        self._playback.close()

    def _go_on(self, inputs: Inputs, has_time: Callable[[], bool]) -> None:
        """Seek, go back, or go forwards by this tick."""
        one = Command.ADVANCE in inputs.commands
        if self._target is not None:
            self._seek(self._target, has_time)
        elif Command.REWIND in inputs.held:
            self._playback.rewind(has_time)
        elif not self._playback.arrive(has_time):
            return
        elif not self._playback.must_wait() and (one or not self.settings.paused):
            self._playback.play(inputs, has_time, one)
        elif not self.settings.paused:
            self.leave()

    @property
    def step(self) -> int:
        """The current step, from 0 at the start."""
        return self._run.live.steps

    def _take_over(self) -> None:
        # A viewer who has left in this tick takes nothing over.
        self.is_taken_over = not (self._run.is_over or self.has_ended)
        self.has_ended = self.has_ended or self.is_taken_over

    def _aim(self, inputs: Inputs) -> None:
        """Set the step to go to from slider and joystick; FIRE pauses, as in video players."""
        if inputs.seek is not None:
            self._target = round(inputs.seek * self._episode.steps)
        if not inputs.touched:
            return
        action = ACTION_NAMES[inputs.code]
        if "FIRE" in action:
            self.settings.obey(Command.PAUSE)
        way = ("RIGHT" in action) - ("LEFT" in action)
        frames = SEEK_SECONDS * self._run.environment.game.fps
        steps = way * max(1, frames // self._run.environment.config.frameskip)
        here = self.step if self._target is None else self._target
        if steps:
            self._target = min(self._episode.steps, max(0, here + steps))

    def _seek(self, target: int, has_time: Callable[[], bool]) -> None:
        """Go to a step; a distant one takes several ticks."""
        self._run.back_to(target)
        if not self._playback.arrive(has_time):
            return
        try:
            if self._run.catch_up(self._episode, target, has_time):
                self._target = None
        except ReplayMismatch as error:
            self._target = None
            self.settings.say(str(error))
        self._playback.settle()
