"""Putting games away: each game's file, its high score, and the slots."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from atari_cli.errors import AtariError
from atari_cli.games import Game
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Row
from atari_cli.play.saved.high_scores import HighScores, Score, Variation, ranked, score_rows
from atari_cli.play.saved.slots import Slots


@dataclass(frozen=True, slots=True)
class FinishedGame:
    """A game that was played.

    Attributes:
        score: Sum of the rewards.
        frames: Frames since the boot.
        seconds: How long that is on the console.
        player: Who played: `human`, a policy, or both.
        file: Its recording; None without one.
        failure: Why there is no recording although there should be one; empty otherwise.
    """

    score: float
    frames: int
    seconds: float
    player: str
    file: Path | None = None
    failure: str = ""


class Shelf:
    """Stores finished and saved games.

    Args:
        folder: The folder of the user's data.
        game: The game.
        is_kept: Whether the folder is still there when the program has ended.

    Attributes:
        is_kept: As given.
        slots: The save slots of the game.
        played: The games put away, in order.
    """

    def __init__(self, folder: Path, game: Game, is_kept: bool = True) -> None:
        self.is_kept = is_kept
        self.slots = Slots(folder, game)
        self.played: list[FinishedGame] = []
        self._board = HighScores(folder)

    def put_away(self, run: GameRun) -> FinishedGame | None:
        """Finish a game's file and add its high score; None if no step was played.

        This never raises: the result's `failure` says what could not be written.
        """
        if not run.live.steps:
            run.finish()
            return None
        file, failure = None, run.live.failure or ""
        totals = run.live.episode().header["totals"]
        seconds = totals["frames"] / run.environment.game.fps
        try:
            file = run.finish()
            failure = "" if file else failure
            if totals["terminated"]:
                self._board.add(_variation(run), _score(run, file))
        except AtariError as error:
            failure = str(error)
        played = FinishedGame(totals["score"], totals["frames"], seconds, run.player, file, failure)
        self.played.append(played)
        return played

    def ranking(self, run: GameRun) -> list[Row]:
        """Return the high scores as rows, including that of a game that has ended.

        The score is added only when the game is put away, since the player may still go back.
        """
        variation, score = _variation(run), _score(run, None)
        try:
            scores = self._board.best(variation)
        except AtariError as error:
            return [(str(error),)]
        if run.result.terminated:
            scores = ranked([*scores, score])
        rank = next((rank for rank, entry in enumerate(scores, 1) if entry is score), None)
        return score_rows(variation, scores, rank) if scores else []


def _variation(run: GameRun) -> Variation:
    emulator = run.environment.emulator
    return Variation(emulator.game.id, emulator.mode, emulator.difficulty)


def _score(run: GameRun, file: Path | None) -> Score:
    date = datetime.now(UTC).isoformat(timespec="seconds")
    recording = None if file is None else str(file.resolve())
    return Score(run.score, run.frames, date, run.player, recording)
