"""OpenEnv's Task API: a task is a game in one mode and difficulty, a split a list of such."""

from functools import cache
from typing import Final

from atari_cli.errors import InvalidSetting
from atari_cli.games import all_games
from atari_cli.wire.json_text import Json

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


def find_task(split: object, index: object) -> Json:
    """Return one task.

    Raises:
        InvalidSetting: If the split has no task of that index.
    """
    found = tasks(split) if isinstance(split, str) else ()
    if not isinstance(index, int) or not 0 <= index < len(found):
        known = f"0 to {len(found) - 1}" if found else f"a split of {', '.join(SPLITS)}"
        raise InvalidSetting(f"expected a task's index from {known}, got {split!r} {index!r}")
    return dict(found[index])


def with_task(values: Json) -> Json:
    """Return what a reset was given, with the settings of the task that it names, if it does."""
    if "split" not in values or "index" not in values:
        return values
    task = find_task(values["split"], values["index"])
    return task | {name: value for name, value in values.items() if name not in {"split", "index"}}
