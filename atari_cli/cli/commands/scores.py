"""`atari scores`: the best games that were played on this machine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from atari_cli.cli.options import Json, complete_games

if TYPE_CHECKING:
    from atari_cli.play.saved.high_scores import Score, Variation


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(scores)


def scores(
    game: Annotated[
        str | None,
        typer.Argument(
            help="A game in any spelling.", show_default="all games", autocompletion=complete_games
        ),
    ] = None,
    mode: Annotated[int | None, typer.Option(help="Only this mode.", show_default="all")] = None,
    difficulty: Annotated[
        int | None, typer.Option(help="Only this difficulty.", show_default="all")
    ] = None,
    json: Json = False,
) -> None:
    """Show the best ten games of each game, mode and difficulty played by `atari play`."""
    from atari_cli.cli.output import note, print_json
    from atari_cli.config import data_folder
    from atari_cli.play.saved.high_scores import Board, as_json

    wanted = _wanted(game, mode, difficulty)
    board = Board(data_folder())
    found = {
        variation: best
        for variation, best in board.all().items()
        if all(part in (None, value) for part, value in zip(wanted, variation, strict=True))
    }
    if board.note:
        note(board.note)
    if json:
        print_json(as_json(found))
    elif not found:
        command = f"atari play {wanted[0] or ''}".rstrip()
        note(f"no high scores here yet; `{command}` makes them")
    else:
        for variation, best in found.items():
            _print_scores(variation, best)


def _wanted(
    game: str | None, mode: int | None, difficulty: int | None
) -> tuple[str | None, int | None, int | None]:
    """Return what is looked for, None for all; InvalidSetting if the game does not have it."""
    from atari_cli.games import find_game

    if game is None:
        return None, mode, difficulty
    found = find_game(game)
    found.choose_mode(mode)
    found.choose_difficulty(difficulty)
    return found.id, mode, difficulty


def _print_scores(variation: "Variation", scores: "Sequence[Score]") -> None:
    from atari_cli.cli.output import make_table, print_table
    from atari_cli.errors import UnknownGame
    from atari_cli.games import find_game
    from atari_cli.play.saved.high_scores import played_time

    try:
        fps = find_game(variation.game).fps
    except UnknownGame:  # of another version of ale_py
        fps = 60
    columns = ("", "score ", "time ", "date", "player", "recording")
    rows = [
        (
            rank,
            f"{score.score:.10g}",
            played_time(score.frames, fps),
            score.date[:10],
            score.player,
            score.recording,
        )
        for rank, score in enumerate(scores, start=1)
    ]
    print(f"{variation.game}, mode {variation.mode}, difficulty {variation.difficulty}")
    print_table(make_table(columns, rows))
