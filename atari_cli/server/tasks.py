"""OpenEnv's Task API: a task is a game in one mode and difficulty, a split a list of such."""

from functools import cache
from typing import Final

from atari_cli.games import all_games
from atari_cli.wire.text import Json

ENVIRONMENT: Final = "atari_env"
SPLITS: Final = ("games", "modes")


@cache
def tasks(split: str) -> tuple[Json, ...]:
    """Return the tasks of a split, none for one that there is not.

    `games` has every game as it starts by default, `modes` every mode and difficulty of each.
    """
    if split == "games":
        return tuple({"game": game.id} for game in all_games())
    if split == "modes":
        return tuple(
            {"game": game.id, "mode": mode, "difficulty": difficulty}
            for game in all_games()
            for mode in game.modes
            for difficulty in game.difficulties
        )
    return ()
