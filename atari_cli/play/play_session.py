"""A session: games one after another, played by a human, an agent or both in turn."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from atari_cli.actions import ACTION_NAMES, NOOP
from atari_cli.config import PlayConfig
from atari_cli.errors import AtariError, PolicyFailed
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs, Row, View
from atari_cli.play.pilot import HumanAndAgent
from atari_cli.play.playback import Playback
from atari_cli.play.saved.shelf import FinishedGame, Shelf
from atari_cli.recording import Episode
from atari_cli.system.background import PATIENCE

if TYPE_CHECKING:
    from atari_cli.play.agent import Agent

AGENTS_PAUSE: Final = 180
"""Ticks between two games of an agent that nobody takes over."""

PLAYERS_PAUSE: Final = 60
"""Ticks after a game's end in which FIRE, still pressed from play, does not start the next."""


class _Ahead(NamedTuple):
    """An episode to follow up to a step, and the message to show then."""

    episode: Episode
    steps: int
    message: str


class PlaySession:
    """Games in play, from the first frame until the player leaves.

    Args:
        run: The game, at its start.
        config: How it is played.
        shelf: Where finished and saved games go.
        agent: An agent, which plays first; None without one.
        games: The session ends after this many games; None if only when the player leaves.
        patience: Seconds to wait for work on files before a picture is shown without its result.

    Attributes:
        has_ended: Whether the player left or the last game is over.
        settings: The settings of the player.
        capture: Screenshots and videos.

    Raises:
        PolicyFailed: If the agent cannot begin; the session is closed then.
    """

    def __init__(
        self,
        run: GameRun,
        config: PlayConfig,
        shelf: Shelf,
        agent: "Agent | None" = None,
        games: int | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.has_ended = False
        self._pilot = HumanAndAgent(run, agent, config.step)
        commands = {
            Command.LEAVE: self.leave,
            Command.NEW_GAME: self._begin_game,
            Command.SAVE: self._save,
            Command.LOAD: self._load,
            Command.TAKE_OVER: self._hand_over,
        }
        self._playback = Playback(run, self._pilot, config, commands, patience)
        self.settings, self.capture = self._playback.settings, self._playback.capture
        self._run, self._shelf = run, shelf
        self._records = config.record
        self._games_left = games
        self._over_ticks = 0
        self._owes_frame = False
        self._panel: Sequence[Row] = ()
        self._ahead: _Ahead | None = None
        try:
            self._pilot.begin_game()
        except PolicyFailed:
            self.close()
            raise

    def tick(self, inputs: Inputs, has_time: Callable[[], bool]) -> View:
        """Advance by one tick and return the view to show; see `loop.Tickable`.

        Args:
            inputs: The player's inputs.
            has_time: Whether the tick has time left for more than one frame.

        Raises:
            PolicyFailed: If the agent fails.
        """
        self._playback.begin_tick(inputs, stops_without_focus=self._pilot.is_human)
        if Command.ADVANCE in inputs.commands and self._waits_at_steps:
            inputs = _decided_for_nothing(inputs)
        for command in inputs.commands:
            self._playback.obey(command)
        inputs = self._playback.heeded(inputs)
        if inputs.touched:
            self._pilot.is_human = True
        if not self.has_ended:
            self._go_on(inputs, has_time)
        return self._view(inputs)

    def follow(self, episode: Episode, steps: int, message: str) -> None:
        """Play an episode that this game began as, unseen, before anything else happens.

        Args:
            episode: The episode.
            steps: How many of its steps.
            message: The message to show when it is done.
        """
        self._ahead = _Ahead(episode, steps, message)
        self._playback.settle()

    def leave(self) -> None:
        """End the session after this tick."""
        self.has_ended = True

    def close(self) -> None:
        """Put the game away, and finish the video if one is being made."""
        self._pilot.close()
        self._playback.slow_work.close()
        self._shelf.put_away(self._run)
        self._playback.close()

    def _go_on(self, inputs: Inputs, has_time: Callable[[], bool]) -> None:
        """Go back or forwards by this tick."""
        if self._playback.slow_work.word:
            return
        is_pressed = Command.ADVANCE in inputs.commands or self._owes_frame
        self._owes_frame = False
        if self._ahead:
            self._catch_up(self._ahead, has_time)
        elif Command.REWIND in inputs.held:
            self._playback.rewind(has_time)
            self._lift_end()
        elif not self._playback.arrive(has_time):
            return
        elif self._run.is_over and self._playback.shows_last_frame:
            self._wait_for_next_game(inputs)
        elif is_pressed or not self.settings.paused:
            # In step mode only a new press decides; a key that is held down does not.
            waits = self._playback.must_wait()
            is_pressed = is_pressed or (waits and inputs.touched)
            if is_pressed or not waits:
                # An agent may need several ticks to decide the frame that was asked for.
                is_shown = self._playback.play(inputs, has_time, one=is_pressed)
                self._owes_frame = is_pressed and not is_shown

    @property
    def _waits_at_steps(self) -> bool:
        """Whether the game waits for the human's decision, rather than being paused."""
        return self._pilot.decides_each_step and not self.settings.paused

    def _catch_up(self, ahead: "_Ahead", has_time: Callable[[], bool]) -> None:
        """Play more of the episode to follow, while there is time."""
        if not self._playback.arrive(has_time):
            return
        self._ahead = None
        try:
            if self._run.catch_up(ahead.episode, ahead.steps, has_time):
                self.settings.say(ahead.message)
            else:
                self._ahead = ahead
                self.settings.say(f"loading, {self._run.live.steps / ahead.steps:.0%}")
        except AtariError as error:
            self.settings.say(str(error))
        self._playback.settle()

    def _lift_end(self) -> None:
        """Close the page that a game's end opened."""
        self._over_ticks, self._panel = 0, ()

    # Commands

    def _hand_over(self) -> None:
        self.settings.say(self._pilot.hand_over())

    def _save(self) -> None:
        slot, slots = self.settings.slot, self._shelf.slots
        if self._ahead:
            # Only the part loaded so far would be saved.
            self.settings.say("still loading; save when it is done")
            return
        if self._run.is_over:
            self.settings.say("the game is over: go back or start a new one to save")
            return

        def save() -> str:
            slots.save(slot, self._run.write)
            until = "" if self._shelf.is_kept else ", until you leave"
            return f"saved in slot {slot}{until}: {slots.describe(slot)}"

        self._playback.slow_work.run(save, self.settings.say, "saving")

    def _load(self) -> None:
        slot, slots = self.settings.slot, self._shelf.slots

        def load() -> _Ahead:
            episode = slots.load(slot, self._run.environment.config)
            message = f"loaded slot {slot}: {slots.describe(slot)}"
            if not self._run.is_past_of(episode):
                self._put_away()
            self._run.resume(episode)
            return _Ahead(episode, episode.steps, message)

        self._playback.slow_work.run(load, self._follow_slot, "loading")

    def _follow_slot(self, ahead: _Ahead) -> None:
        self._lift_end()
        self.follow(*ahead)

    # From game to game

    def _wait_for_next_game(self, inputs: Inputs) -> None:
        if not self._over_ticks:
            self._end_game()
        self._over_ticks += 1
        wants_more = inputs.touched and "FIRE" in ACTION_NAMES[inputs.code]
        is_due = not self._pilot.is_human and self._over_ticks > AGENTS_PAUSE
        if is_due or (wants_more and self._over_ticks > PLAYERS_PAUSE):
            self._over_ticks = 1  # if the next game cannot begin, try again after another pause
            self._playback.obey(Command.NEW_GAME)

    def _end_game(self) -> None:
        if self._games_left == 1:
            self.leave()
        self._playback.slow_work.run(
            lambda: self._shelf.ranking(self._run), self._show_end, "reading the scores"
        )

    def _show_end(self, ranking: Sequence[Row]) -> None:
        """Open the page of a game's end."""
        again = [("FIRE or F2 starts a new game",)] if self._pilot.is_human else []
        title = "GAME OVER" if self._run.result.terminated else "FRAME LIMIT REACHED"
        parts = filter(None, ([(title,)], ranking, again))
        self._panel = [row for part in parts for row in (("",), *part)][1:]

    def _begin_game(self) -> None:
        """Put this game away and begin the next, or leave if it was the last."""

        def begin() -> FinishedGame | None:
            played = self._put_away()
            self._run.begin_next()
            return played

        self._playback.slow_work.run(begin, self._has_begun, "writing the game")

    def _has_begun(self, played: FinishedGame | None) -> None:
        """Play the game that has begun, after the one that was played."""
        self._ahead = None
        if self._games_left is not None and played:
            self._games_left -= 1
        self._playback.settle()
        self._lift_end()
        self._pilot.begin_game()
        if played:
            self.settings.say(
                played.failure or (f"wrote {played.file}" if played.file else "a new game")
            )
        if self._games_left == 0:
            self.leave()

    def _put_away(self) -> FinishedGame | None:
        """Put the game away before another takes its place.

        Raises:
            RecordingError: If its file cannot be written; it is still in play then.
        """
        self._run.finish()
        return self._shelf.put_away(self._run)

    def _view(self, inputs: Inputs) -> View:
        own: dict[str, str] = {}
        if self._playback.slow_work.word:
            own["status"] = self._playback.slow_work.word
        elif self._over_ticks:
            own["status"] = "game over"
        elif self._waits_at_steps:
            own["status"] = "step"
        elif self._pilot.is_thinking and not self.settings.paused:
            own["status"] = "thinking"
        return self._playback.view(
            inputs,
            pilot=self._pilot.name,
            panel=self._panel,
            recording=self._records and not self._run.live.failure,
            **own,
        )


def _decided_for_nothing(inputs: Inputs) -> Inputs:
    """Return inputs in which the frame advance key counts as a decision for NOOP."""
    others = tuple(other for other in inputs.commands if other is not Command.ADVANCE)
    return replace(inputs, code=NOOP, commands=others, touched=True)
