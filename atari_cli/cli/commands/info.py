"""`atari info`: the facts about a game, with its first screen."""

import sys
from typing import TYPE_CHECKING, Final

from atari_cli.cli.options import GameArgument, JsonOption, environment_config
from atari_cli.cli.output import print_json, print_table

if TYPE_CHECKING:
    from atari_cli.games import Game

_NO_MODE: Final = {"mode": None, "difficulty": None}
"""The variables of these must not keep anyone from looking up which there are."""


def info(game: GameArgument = None, json: JsonOption = False) -> None:
    """Show a game's actions, modes and scores.

    In a terminal with 24-bit colour, its first screen too.
    """
    from atari_cli.games import find_game

    found = find_game(environment_config({"game": game}, _NO_MODE).game)
    if json:
        print_json(found.as_json())
        return
    _print_picture(found)
    _print_facts(found)


def _print_picture(game: "Game") -> None:
    """Print the first screen if stdout is a terminal that can show it."""
    from os import environ
    from shutil import get_terminal_size

    from atari_cli.emulator import Emulator
    from atari_cli.pictures.half_blocks import render_picture, supports_truecolor

    if sys.stdout.isatty() and "NO_COLOR" not in environ and supports_truecolor(environ):
        print(
            render_picture(
                Emulator(game).screen_rgb(), columns=min(60, get_terminal_size().columns)
            )
        )


def _print_facts(game: "Game") -> None:
    from atari_cli.actions import describe

    edition = ", ".join(str(part) for part in (game.publisher, game.year) if part)
    rows = [
        ("game", game.id),
        ("title", game.title),
        ("edition", edition),
        ("Gymnasium", game.gymnasium_id),
        ("ROM", f"MD5 {game.md5}"),
        ("actions", describe(game.minimal_actions)),
        ("modes", ", ".join(map(str, game.modes))),
        ("difficulties", ", ".join(map(str, game.difficulties))),
        ("screen", f"{game.width} × {game.height}, {game.tv}, {game.fps} frames/s"),
        ("lives", game.lives or "not counted"),
        ("controller", "paddle" if game.uses_paddles else "joystick"),
        ("players", "1" if game.players == 1 else f"1; {game.players} on the console"),
        ("random score", "–" if game.random_score is None else game.random_score),
        ("human score", "–" if game.human_score is None else game.human_score),
    ]
    print_table(("", ""), rows, show_header=False)
