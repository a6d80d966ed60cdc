"""Routes of OpenEnv's Task API."""

from http import HTTPStatus
from typing import Final

from atari_cli.server.routes import replies, task_api
from atari_cli.server.routes.route import Body, Parameter, Reply, Route
from atari_cli.server.routes.task_api import ENVIRONMENT
from atari_cli.wire.json_text import Json

_NAME: Final = Parameter(
    name="name",
    place="path",
    example=ENVIRONMENT,
    choices=(ENVIRONMENT,),
    required=True,
)
_NO_ENVIRONMENT: Final = {HTTPStatus.NOT_FOUND: "unknown environment 'none'"}
_FIRST: Final[Json] = {"game": "adventure"}
TASK_ROUTES: Final = (
    Route(
        method="GET",
        path="/list_environments",
        handler=task_api.list_environments,
        tag="Task API",
        summary="List the environments",
        replies=(Reply(model=replies.Environments, example=[ENVIRONMENT]),),
    ),
    Route(
        method="GET",
        path="/{name}/splits",
        handler=task_api.list_splits,
        tag="Task API",
        summary="List the splits",
        description="`games` has every game, `modes` every mode and difficulty of each.",
        parameters=(_NAME,),
        replies=(
            Reply(
                model=replies.Splits,
                example=[{"name": split, "type": "train"} for split in task_api.SPLITS],
            ),
        ),
        refusals=_NO_ENVIRONMENT,
    ),
    Route(
        method="POST",
        path="/{name}/tasks",
        handler=task_api.list_tasks,
        tag="Task API",
        summary="List the tasks of a split",
        parameters=(_NAME,),
        body=Body(model=task_api.SplitRequest, example={"split": "games"}),
        replies=(
            Reply(
                model=replies.Tasks,
                example={"tasks": [_FIRST], "env_name": ENVIRONMENT},
            ),
        ),
        refusals=_NO_ENVIRONMENT,
    ),
    Route(
        method="POST",
        path="/{name}/num_tasks",
        handler=task_api.count_tasks,
        tag="Task API",
        summary="Count the tasks of a split",
        parameters=(_NAME,),
        body=Body(model=task_api.SplitRequest, example={"split": "games"}),
        replies=(Reply(model=replies.TaskCount, example={"num_tasks": 104}),),
        refusals=_NO_ENVIRONMENT,
    ),
    Route(
        method="POST",
        path="/{name}/task_range",
        handler=task_api.list_range,
        tag="Task API",
        summary="List some tasks of a split",
        parameters=(_NAME,),
        body=Body(model=task_api.RangeRequest, example={"split": "games", "start": 0, "stop": 1}),
        replies=(Reply(model=replies.TaskRange, example={"tasks": [_FIRST]}),),
        refusals=_NO_ENVIRONMENT,
    ),
    Route(
        method="POST",
        path="/{name}/task",
        handler=task_api.get_task,
        tag="Task API",
        summary="One task of a split",
        parameters=(_NAME,),
        body=Body(model=task_api.TaskRequest, example={"split": "games", "index": 0}),
        replies=(Reply(model=replies.OneTask, example={"task": _FIRST}),),
        refusals={**_NO_ENVIRONMENT, HTTPStatus.BAD_REQUEST: "Invalid task index"},
    ),
)
