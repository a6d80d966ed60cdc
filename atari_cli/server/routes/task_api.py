"""OpenEnv's Task API: a task is a game in one mode and difficulty, a split a list of tasks."""

from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.errors import InvalidSetting
from atari_cli.games import all_games
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import Problem, Response, json_response
from atari_cli.wire.json_text import Json

ENVIRONMENT: Final = "atari_env"
SPLITS: Final = ("games", "modes")


Index = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""A whole number that JSON readers keep exactly."""


class SplitRequest(BaseModel):
    """The name of a split."""

    model_config = ConfigDict(extra="forbid")

    split: str


class RangeRequest(SplitRequest):
    """Some tasks of a split, from `start` to before `stop`, as a slice of Python."""

    start: Index | None = None
    stop: Index | None = None


class TaskRequest(SplitRequest):
    """One task of a split."""

    index: Index


def list_environments(call: ApiCall[None]) -> Response:
    """List the environments."""
    return json_response([ENVIRONMENT])


def list_splits(call: ApiCall[None]) -> Response:
    """List the splits."""
    _check_environment(call)
    return json_response([{"name": split, "type": "train"} for split in SPLITS])


def list_tasks(call: ApiCall[SplitRequest]) -> Response:
    """List the tasks of a split."""
    _check_environment(call)
    return json_response({"tasks": tasks(call.body.split), "env_name": ENVIRONMENT})


def count_tasks(call: ApiCall[SplitRequest]) -> Response:
    """Count the tasks of a split."""
    _check_environment(call)
    return json_response({"num_tasks": len(tasks(call.body.split))})


def list_range(call: ApiCall[RangeRequest]) -> Response:
    """List some tasks of a split."""
    _check_environment(call)
    return json_response({"tasks": tasks(call.body.split)[call.body.start : call.body.stop]})


def get_task(call: ApiCall[TaskRequest]) -> Response:
    """Return one task of a split."""
    _check_environment(call)
    try:
        return json_response({"task": find_task(call.body.split, call.body.index)})
    except InvalidSetting:
        raise Problem(HTTPStatus.BAD_REQUEST, "Invalid task index") from None


@cache
def tasks(split: str) -> tuple[Json, ...]:
    """Return the tasks of a split; none if it is not known.

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

    Args:
        split: The name of its split.
        index: Its index in the split.

    Raises:
        InvalidSetting: If the split has no task with that index.
    """
    found = tasks(split) if isinstance(split, str) else ()
    if not isinstance(index, int) or not 0 <= index < len(found):
        known = f"0 to {len(found) - 1}" if found else f"a split of {', '.join(SPLITS)}"
        raise InvalidSetting(f"expected a task's index from {known}, got {split!r} {index!r}")
    return dict(found[index])


def with_task(values: Json) -> Json:
    """Return the values of a reset, with the settings of the task if they name one."""
    if "split" not in values or "index" not in values:
        return values
    task = find_task(values["split"], values["index"])
    return task | {name: value for name, value in values.items() if name not in {"split", "index"}}


def _check_environment(call: ApiCall[Any]) -> None:
    name = call.variables["name"]
    if name.lower() != ENVIRONMENT:
        raise Problem(HTTPStatus.NOT_FOUND, f"unknown environment {name[:100]!r}")
