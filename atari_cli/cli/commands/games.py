"""`atari games`: the catalogue."""

from typing import Annotated

import typer

from atari_cli.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(games)


def games(
    query: Annotated[
        str, typer.Argument(help="Part of a name, title or publisher.", show_default="all games")
    ] = "",
    json: Json = False,
) -> None:
    """List the games, or those that match a query."""
    from atari_cli.cli.output import make_table, print_json, print_table
    from atari_cli.errors import UnknownGame
    from atari_cli.games import find_game, search_games

    found = search_games(query)
    if not found:
        find_game(query)  # says which games come nearest
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
    print_table(make_table(columns, rows))
