"""`atari games`: the catalogue."""

from typing import Annotated

import typer

from atari_cli.cli.options import JsonOption, described
from atari_cli.cli.output import print_json, print_table


def games(
    query: Annotated[
        str,
        typer.Argument(
            help=described("Part of a name, title or publisher.", "all games"), show_default=False
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """List all games, or those that match a query."""
    from atari_cli.errors import UnknownGame
    from atari_cli.games import find_game, search_games

    found = search_games(query)
    if not found:
        find_game(query)  # its error names the nearest games
        raise UnknownGame(f"no game matches {query!r}")
    if json:
        print_json([game.as_json() for game in found])
        return
    columns = ("game", "title", "year ", "actions ", "modes ", "lives ", "tv", "random ", "human ")
    rows = [
        (
            game.id,
            game.title,
            game.year,
            len(game.minimal_actions),
            len(game.modes),
            game.lives or "–",
            game.tv,
            game.random_score,
            game.human_score,
        )
        for game in found
    ]
    print_table(columns, rows, least=2)
