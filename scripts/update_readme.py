"""Write the tables of README.md that follow from the code: actions, settings, popular games.

    python scripts/update_readme.py            write them
    python scripts/update_readme.py --check    write nothing; exit 1 if one is out of date

Each table stands between `<!-- NAME: … -->` and `<!-- /NAME -->`.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Final

import typer

from atari_cli.actions import ACTION_NAMES
from atari_cli.cli.app import app
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting
from atari_cli.games import Game, find_game

README: Final = Path(__file__).resolve().parent.parent / "README.md"
INDEXED: Final = ("pong", "breakout", "ms_pacman")
"""Games whose own indices stand in the table of actions."""

POPULAR: Final = (
    *("asteroids", "boxing", "breakout", "enduro", "freeway", "montezuma_revenge", "ms_pacman"),
    *("pacman", "pitfall", "pong", "qbert", "seaquest", "space_invaders"),
)


def main() -> int:
    """Write or check the tables; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    before = README.read_text(encoding="utf-8")
    after = with_tables(before)
    if parser.parse_args().check:
        print("README.md is " + ("up to date" if before == after else "out of date"))
        return int(before != after)
    README.write_text(after, encoding="utf-8")
    return 0


def with_tables(readme: str) -> str:
    """Return the text of README.md with every table as it should be."""
    for name, rows in TABLES.items():
        pattern = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        content = "\n".join(table(rows()))
        readme, count = pattern.subn(
            lambda match, content=content: f"{match[1]}{content}\n{match[2]}", readme
        )
        if count != 1:
            raise SystemExit(f"README.md has {count} places for {name}, expected 1")
    return readme


def table(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table; the first row is its head."""
    head, *body = rows
    for row in (head, ["---"] * len(head), *body):
        yield "| " + " | ".join(map(str, row)) + " |"


def action_rows() -> Iterator[Sequence[object]]:
    """Yield the 18 actions, and the index that each has in some minimal sets."""
    yield ("code", "action", "stick", "button", *(f"index in `{game}`" for game in INDEXED))
    for code, name in enumerate(ACTION_NAMES):
        minimal = [find_game(game).minimal_actions for game in INDEXED]
        indices = [codes.index(code) if code in codes else "" for codes in minimal]
        direction = re.sub(r"(UP|DOWN)(?=.)", r"\1-", name.removesuffix("FIRE")).lower()
        stick = "centre" if direction in ("noop", "") else direction
        yield (code, f"`{name}`", stick, "pressed" if "FIRE" in name else "", *indices)


def setting_rows() -> Iterator[Sequence[object]]:
    """Yield the settings of an environment with their names everywhere, defaults and ranges."""
    yield ("setting", "option", "variable", "default", "range")
    for setting in fields(EnvironmentConfig):
        variable = setting.metadata["variable"]
        yield (
            f"`{setting.name}`",
            option(setting.name),
            f"`{variable}`" if variable else "–",
            "the game's" if setting.default is None else f"`{setting.default}`".lower(),
            value_range(setting),
        )


def option(setting: str) -> str:
    """Return how `atari rollout` spells a setting; a dash if it has no option."""
    group: Any = typer.main.get_command(app)
    parameters = group.get_command(typer.Context(group), "rollout").params
    for parameter in parameters:
        if setting.startswith(parameter.name):
            if parameter.param_type_name == "argument":
                return "the argument `GAME`"
            return " ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    return "–"


def value_range(setting: Field[Any]) -> str:
    """Return the range of a setting in the words of its own error message."""
    try:
        setting.metadata["check"](setting.name, object())
    except InvalidSetting as error:
        return str(error).partition(" must be ")[2].partition(", got ")[0]
    raise SystemExit(f"{setting.name} takes any object")


def game_rows() -> Iterator[Sequence[object]]:
    """Yield what the catalogue has on the popular games."""
    yield ("game", "minimal actions", "lives", "modes", "difficulties", "notes")
    for game in map(find_game, POPULAR):
        yield (
            f"`{game.id}`",
            action_set(game),
            game.lives or "not counted",
            numbers(game.modes),
            numbers(game.difficulties),
            "; ".join(notes(game)),
        )


def action_set(game: Game) -> str:
    """Return the names of a game's minimal actions, in the order of their indices."""
    if len(game.minimal_actions) == len(ACTION_NAMES):
        return "all 18"
    return " ".join(ACTION_NAMES[code] for code in game.minimal_actions)


def numbers(values: Sequence[int]) -> str:
    """Return numbers as text, the middle of many left out."""
    if len(values) <= 4:
        return ", ".join(map(str, values))
    return f"{values[0]}, {values[1]} … {values[-1]} ({len(values)})"


def notes(game: Game) -> Iterator[str]:
    """Yield what is unusual about a game, and its published scores."""
    if game.uses_paddles:
        yield "paddle"
    if game.tv == "PAL":
        yield f"PAL, {game.fps} frames/s"
    if game.height != 210:
        yield f"{game.height} lines"
    if game.title.casefold()[0] != game.id[0]:
        yield f"cartridge: {game.title}"
    if game.human_score is not None:
        yield f"random {game.random_score:g}, human {game.human_score:g}"


TABLES: Final[dict[str, Callable[[], Iterator[Sequence[object]]]]] = {
    "actions": action_rows,
    "settings": setting_rows,
    "games": game_rows,
}

if __name__ == "__main__":
    sys.exit(main())
