"""`scores`: the best games that were played on this machine."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from atari_cli.config import EnvironmentConfig, data_folder
from atari_cli.errors import RecordingError
from atari_cli.games import find_game
from atari_cli.play.saved.high_scores import HighScores, Score, Scores, Variation
from atari_cli.recording import load_header


def scores(
    game: str | None = None,
    mode: int | None = None,
    difficulty: int | None = None,
    *,
    folder: Path | None = None,
    moved: Callable[[str], object] = lambda note: None,
) -> Scores:
    """Return the best ten games of each game, mode and difficulty, as `play_game` stored them.

    Args:
        game: Only this game, in any spelling; None if all.
        mode: Only this mode; None if all.
        difficulty: Only this difficulty; None if all.
        folder: Folder of the scores; None if it is that of the user's data.
        moved: Called with a note if the file was damaged and has been moved aside.

    Returns:
        The scores of each variation that has any, the best first. A recording is named only if
        its file is still that of the game.

    Raises:
        UnknownGame: If no game has that name.
        InvalidSetting: If the game does not have the mode or difficulty.
        RecordingError: If the file cannot be read.
    """
    EnvironmentConfig(mode=mode, difficulty=difficulty)  # checks their types
    if game is not None:
        found = find_game(game)
        found.choose_mode(mode)
        found.choose_difficulty(difficulty)
        game = found.id
    board = HighScores(data_folder() if folder is None else folder)
    kept = {
        variation: [_with_its_recording(variation, score) for score in best]
        for variation, best in board.all().items()
        if game in (None, variation.game)
        and mode in (None, variation.mode)
        and difficulty in (None, variation.difficulty)
    }
    if board.note:
        moved(board.note)
    return kept


def _with_its_recording(variation: Variation, score: Score) -> Score:
    """Return a score without its recording if the file is gone or that of another game."""
    if score.recording is None:
        return score
    try:
        header = load_header(Path(score.recording))
    except RecordingError:
        return replace(score, recording=None)
    settings, totals = header["settings"], header["totals"]
    found = Variation(header["game"], settings["mode"], settings["difficulty"])
    is_it = found == variation and (totals["score"], totals["frames"], header["policy"]) == (
        score.score,
        score.frames,
        score.player,
    )
    return score if is_it else replace(score, recording=None)
