"""`atari scores`: the best games played on this machine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from atari_cli.cli.options import JsonOption, complete_games, described, optional
from atari_cli.cli.output import note, print_json, print_table

if TYPE_CHECKING:
    from atari_cli.play.saved.high_scores import Score, Variation


def scores(
    game: Annotated[
        str | None,
        typer.Argument(
            help=described("A game in any spelling.", "all games"),
            show_default=False,
            autocompletion=complete_games,
        ),
    ] = None,
    mode: Annotated[int | None, optional("Only this mode.", "all")] = None,
    difficulty: Annotated[int | None, optional("Only this difficulty.", "all")] = None,
    json: JsonOption = False,
) -> None:
    """Show the high scores of `atari play`.

    The best ten games of each game, mode and difficulty that were played to their end with
    `atari play`.
    """
    from atari_cli.api.scores import scores as best_scores
    from atari_cli.games import find_game
    from atari_cli.play.saved.high_scores import as_json

    found = best_scores(game, mode, difficulty, moved=note)
    if json:
        print_json(as_json(found))
    elif not found:
        command = f"atari play {find_game(game).id}" if game else "atari play"
        note(f"no high scores here yet; `{command}` makes them")
    else:
        for variation, best in found.items():
            _print_scores(variation, best)


def _print_scores(variation: "Variation", scores: "Sequence[Score]") -> None:
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
            score.day,
            score.player,
            score.recording,
        )
        for rank, score in enumerate(scores, start=1)
    ]
    print(f"{variation.game}, mode {variation.mode}, difficulty {variation.difficulty}")
    print_table(columns, rows)
