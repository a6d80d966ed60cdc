"""Opening and closing a session: however it ends, the game's file is written."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from atari_cli.config import EnvironmentConfig, PlayConfig, RecordConfig, data_folder
from atari_cli.errors import InvalidSetting, PolicyFailed
from atari_cli.games import Game, find_game
from atari_cli.model import PolicySource
from atari_cli.play.controls.keymap import Keymap, load_keymap
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, FrontEnd
from atari_cli.play.loop import run_loop
from atari_cli.play.play_session import PlaySession
from atari_cli.play.saved.shelf import FinishedGame, Shelf
from atari_cli.play.watch_session import WatchSession
from atari_cli.recording import Recording
from atari_cli.system.pacing import Pacer
from atari_cli.system.signals import ENDING, captured
from atari_cli.validation import check_type, whole_number

OpenFrontEnd = Callable[[Game, PlayConfig, Keymap], FrontEnd]
"""Opens a window or a terminal: the class `Window` or `TextScreen`."""

_ENDING_SIGNALS: Final = [signal.SIGINT, *ENDING]

_NOT_KEPT: Final = (
    "saved games and scores were not kept, because no home folder is known: set HOME, or "
    "ATARI_DATA_DIR"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a session.

    Attributes:
        played: The games, in order.
        videos: The videos, in order.
        note: Failures besides the games, such as of sound or a video; None without any.
        failure: The error if the agent failed while it played; None otherwise.
    """

    played: Sequence[FinishedGame]
    videos: Sequence[Path]
    note: str | None
    failure: PolicyFailed | None = None


def play(
    environment: EnvironmentConfig,
    config: PlayConfig,
    open_front_end: OpenFrontEnd,
    source: PolicySource | None = None,
    seed: int = 0,
    games: int | None = None,
) -> Outcome:
    """Play games until the player leaves, and return the outcome.

    Args:
        environment: The settings; `full_action_space` applies to the agent, the human has all 18.
        config: How the game is shown and what is recorded.
        open_front_end: Opens the window or terminal.
        source: An agent's policy; None without an agent.
        seed: Seed of the run; that of game k follows from (seed, k) alone.
        games: The session ends after this many games; None if only when the player leaves.

    Raises:
        AtariError: If there is no screen, a setting is invalid or the agent cannot begin.
    """
    check_type("config", config, PlayConfig)
    if games is not None:
        whole_number(1, 10**9)("episodes", games)
    given, config = config.out, _with_absolute_out(config)
    game = find_game(environment.game)
    codes = game.action_set(environment.full_action_space)
    agent = None
    if source:
        # Imported here, since it brings the rollouts, which take time to load.
        from atari_cli.play.agent import Agent

        agent = Agent(source, codes, seed)
    policy = source.name if source else "human"
    keymap = load_keymap(config.keys)
    with _shelf(game, config) as shelf, open_front_end(game, config, keymap) as front_end:
        run = GameRun(environment, _files(config), policy, seed)
        session = PlaySession(run, config, shelf, agent, games)
        session.settings.say(_greeting(keymap))
        failure = None
        try:
            _drive(session, front_end, game)
        except PolicyFailed as error:
            failure = error
    outcome = _outcome(given, shelf, front_end, session, warning=run.live.warning)
    return replace(outcome, failure=failure)


def watch(
    recording: Recording,
    config: PlayConfig,
    open_front_end: OpenFrontEnd,
    first_step: int = 0,
) -> Outcome:
    """Show a recording and return the outcome; a viewer who takes over plays on, into a new file.

    Args:
        recording: The recording.
        config: How it is shown, and what is recorded of a game that is taken over.
        open_front_end: Opens the window or terminal.
        first_step: The step to start from.

    Raises:
        AtariError: If there is no screen, or the recording has no such step.
    """
    check_type("recording", recording, Recording)
    check_type("config", config, PlayConfig)
    whole_number(0, recording.steps)("first_step", first_step)
    given, config = config.out, _with_absolute_out(config)
    game = recording.game
    keymap = load_keymap(config.keys)
    with _shelf(game, config) as shelf, open_front_end(game, config, keymap) as front_end:
        watching = WatchSession(
            recording, GameRun(recording.config, first=recording), config, first_step
        )
        _drive(watching, front_end, game)
        if not watching.is_taken_over:
            return _outcome(given, shelf, front_end, watching)
        run = GameRun(recording.config, _files(config), first=recording)
        session = PlaySession(run, config, shelf)
        session.settings.set_like(watching.settings)
        session.follow(recording, watching.step, "you play")
        _drive(session, front_end, game)
    return _outcome(given, shelf, front_end, watching, session, warning=run.live.warning)


@contextmanager
def _shelf(game: Game, config: PlayConfig) -> Iterator[Shelf]:
    """Yield the shelf of a session; without a recording and a home, it lasts as long as that."""
    with ExitStack() as stack:
        try:
            shelf = Shelf(data_folder().absolute(), game)
        except InvalidSetting:
            if config.record:
                raise
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="atari-")))
            shelf = Shelf(folder, game, is_kept=False)
        yield shelf


def _with_absolute_out(config: PlayConfig) -> PlayConfig:
    """Return the settings with the whole path of the folder: an agent may change the directory."""
    return replace(config, out=config.out.absolute())


def _outcome(
    given: Path,
    shelf: Shelf,
    front_end: FrontEnd,
    *sessions: PlaySession | WatchSession,
    warning: str | None = None,
) -> Outcome:
    """Return the outcome of sessions.

    Args:
        given: The folder of the files, as the caller named it.
        shelf: The shelf of their games.
        front_end: Where they were shown.
        sessions: The sessions, in order.
        warning: What else the player should know.
    """
    played = [
        replace(game, file=given / game.file.name) if game.file else game for game in shelf.played
    ]
    videos = [given / path.name for session in sessions for path in session.capture.written]
    lost = None if shelf.is_kept else _NOT_KEPT
    notes = [warning, lost, front_end.note, *(session.capture.failure for session in sessions)]
    return Outcome(played, videos, "; ".join(filter(None, notes)) or None)


def _greeting(keymap: Keymap) -> str:
    """Return the message that a new player needs."""
    keys = keymap.keys_of(Command.HELP)
    return f"{keys[0].upper()} shows the keys" if keys else ""


def _files(config: PlayConfig) -> RecordConfig | None:
    return RecordConfig(out=config.out, video=False, screens=False) if config.record else None


def _drive(session: PlaySession | WatchSession, front_end: FrontEnd, game: Game) -> None:
    """Run a session, which Ctrl-C, SIGTERM and SIGHUP end.

    A second signal interrupts whatever keeps the session from ending, such as a hanging disk.
    """
    received: list[int] = []

    def handle(number: int, frame: object) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        session.leave()

    with captured(_ENDING_SIGNALS, handle), closing(session):
        run_loop(session, front_end, game.fps, Pacer())
