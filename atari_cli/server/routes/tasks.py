"""OpenEnv's Task API: a task is a game in one mode and difficulty, a split a list of tasks."""

from functools import cache, partial
from http import HTTPStatus
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, RootModel

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting
from atari_cli.games import all_games
from atari_cli.server.routes.route import ClosedModel, Parameter, Reply, Route
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import Problem, Response, json_response
from atari_cli.wire.descriptions import described_by
from atari_cli.wire.json_text import Json

ENVIRONMENT: Final = "atari_env"
SPLITS: Final = ("games", "modes")
_FIRST: Final[Json] = {"game": "adventure"}
_SPLIT_LIST: Final = [{"name": split, "type": "train"} for split in SPLITS]

Index = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""A whole number that JSON readers keep exactly."""


class SplitRequest(ClosedModel):
    """The name of a split."""

    split: str = Field(description="One of the names of `/{name}/splits`.", examples=["games"])


class RangeRequest(SplitRequest):
    """Some tasks of a split, from `start` to before `stop`, as a slice of Python."""

    start: Index | None = Field(
        default=None, description="Index of the first task; from the end if negative.", examples=[0]
    )
    stop: Index | None = Field(
        default=None, description="Index after the last task; null for all.", examples=[1]
    )


class TaskRequest(SplitRequest):
    """One task of a split."""

    index: Index = Field(description="Its index in the split, from 0.", examples=[0])


class Environments(RootModel[list[str]]):
    """Names of environments."""


class Split(ClosedModel):
    """A list of tasks."""

    name: str = Field(description="Its name.")
    type: str = Field(description="Its purpose: always `train`.")


class Splits(RootModel[list[Split]]):
    """The lists of tasks."""


class Task(ClosedModel):
    """A game, in one mode and difficulty or in those that it starts in by default."""

    model_config = ConfigDict(json_schema_extra=described_by(EnvironmentConfig))

    game: str = Field(description="The id of the game.")
    mode: int | None = None
    difficulty: int | None = None


class TaskRange(ClosedModel):
    """Some tasks of a split."""

    tasks: list[Task] = Field(description="The tasks.", examples=[[_FIRST]])


class Tasks(TaskRange):
    """The tasks of a split."""

    env_name: str = Field(description="The environment's name.", examples=[ENVIRONMENT])


class TaskCount(ClosedModel):
    """The number of tasks of a split."""

    num_tasks: int = Field(description="The number.", examples=[104])


class OneTask(ClosedModel):
    """A task of a split."""

    task: Task = Field(description="The task.", examples=[_FIRST])


_NAME: Final = Parameter("name", "path", example=ENVIRONMENT, choices=(ENVIRONMENT,))
_UNKNOWN: Final = {HTTPStatus.NOT_FOUND: "unknown environment 'none'"}
_INVALID: Final = {HTTPStatus.BAD_REQUEST: "Invalid task index"}
_task: Final = partial(Route, tag="Task API", parameters=(_NAME,), refusals=_UNKNOWN)


@Route("GET /list_environments", Reply(Environments, [ENVIRONMENT]), tag="Task API")
def list_environments(call: ApiCall[None]) -> Response:
    """List the environments."""
    return json_response([ENVIRONMENT])


@_task("GET /{name}/splits", Reply(Splits, _SPLIT_LIST))
def list_splits(call: ApiCall[None]) -> Response:
    """List the splits.

    `games` has every game, `modes` every mode and difficulty of each.
    """
    _check_environment(call)
    return json_response(_SPLIT_LIST)


@_task("POST /{name}/tasks", Reply(Tasks))
def list_tasks(call: ApiCall[SplitRequest]) -> Response:
    """List the tasks of a split."""
    _check_environment(call)
    return json_response({"tasks": tasks(call.body.split), "env_name": ENVIRONMENT})


@_task("POST /{name}/num_tasks", Reply(TaskCount))
def count_tasks(call: ApiCall[SplitRequest]) -> Response:
    """Count the tasks of a split."""
    _check_environment(call)
    return json_response({"num_tasks": len(tasks(call.body.split))})


@_task("POST /{name}/task_range", Reply(TaskRange))
def list_range(call: ApiCall[RangeRequest]) -> Response:
    """List some tasks of a split."""
    _check_environment(call)
    return json_response({"tasks": tasks(call.body.split)[call.body.start : call.body.stop]})


@_task("POST /{name}/task", Reply(OneTask), refusals=_UNKNOWN | _INVALID)
def get_task(call: ApiCall[TaskRequest]) -> Response:
    """Return one task of a split."""
    _check_environment(call)
    try:
        return json_response({"task": find_task(call.body.split, call.body.index)})
    except InvalidSetting:
        raise Problem(HTTPStatus.BAD_REQUEST, "Invalid task index") from None


TASKS: Final = (list_environments, list_splits, list_tasks, count_tasks, list_range, get_task)


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
