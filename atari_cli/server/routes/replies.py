"""The replies of the routes, each with an example, and the models of their JSON.

The models of episodes, which are OpenEnv's, are in `wire.models`.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, RootModel

from atari_cli.server.routes import endpoints, recordings, static_files
from atari_cli.server.routes.negotiation import PNG
from atari_cli.server.routes.route import Reply
from atari_cli.server.routes.task_api import ENVIRONMENT, SPLITS
from atari_cli.server.sessions import metrics
from atari_cli.server.transport.messages import SESSION_HEADER, WATCH_HEADER
from atari_cli.wire.atari_v1 import MEDIA_TYPE
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import State, StepResponse


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Refusal(_Closed):
    """Why a request was refused: a text, or a list of what is wrong with its body."""

    detail: str | list[Json]


class Health(_Closed):
    """Whether the server works."""

    status: Literal["healthy", "unhealthy", "degraded"]


HEALTHY: Final = Reply(Health, {"status": "healthy"})
UNHEALTHY: Final = Reply(
    Health,
    {"status": "unhealthy"},
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    description="The server is stopping",
)


class Metadata(_Closed):
    """A description of the environment."""

    name: str
    description: str
    readme_content: str | None
    version: str | None
    author: str | None
    documentation_url: str | None


METADATA: Final = Reply(Metadata, endpoints.ABOUT)


class Schemas(_Closed):
    """JSON Schemas of OpenEnv's models."""

    action: Json
    observation: Json
    state: Json


SCHEMAS: Final = Reply(Schemas, {"action": {}, "observation": {}, "state": {}})
METRICS: Final = Reply(None, "atari_env_steps_total 0.0\n", media=(metrics.CONTENT_TYPE,))

_KEYS: Final = (SESSION_HEADER, WATCH_HEADER)
_METADATA: Final[Json] = {
    "game_name": "breakout",
    "action_meanings": ["NOOP", "FIRE", "RIGHT", "LEFT"],
    "terminated": False,
    "truncated": False,
    "seed": 1,
}
_OBSERVATION: Final[Json] = {
    "screen": [0, 0, 0],
    "screen_shape": [210, 160, 3],
    "legal_actions": [0, 1, 2, 3],
    "lives": 5,
    "episode_frame_number": 0,
    "frame_number": 0,
    "metadata": _METADATA,
}
RESULT: Final = Reply(
    StepResponse,
    {"observation": _OBSERVATION, "reward": 0.0, "done": False, "metadata": _METADATA},
    media=(MEDIA_TYPE, PNG),
    headers=_KEYS,
    description="The observation; the example has the first of 33,600 pixels",
)
STATE: Final = Reply(State, State().model_dump(), headers=_KEYS)


class NewSession(_Closed):
    """The keys to a new session: its id, and the one that lets others watch it."""

    session_id: str
    watch: str


_END: Final[Json] = {
    "operationId": "delete_sessions_identity",
    "parameters": {"identity": "$response.body#/session_id"},
}
NEW_SESSION: Final = Reply(
    NewSession,
    {"session_id": "k3zD…", "watch": "Vq7e…"},
    status=HTTPStatus.CREATED,
    headers=_KEYS,
    links={"end": _END},
)


class ListedSession(_Closed):
    """A session as others see it: the beginning of its id."""

    session: str


class SessionList(_Closed):
    """The open sessions, and how many there may be."""

    active: int
    max: int
    sessions: list[ListedSession]


SESSIONS: Final = Reply(SessionList, {"active": 1, "max": 256, "sessions": [{"session": "k3zD…"}]})


class EndedSession(_Closed):
    """A session that was ended."""

    session_id: str
    closed: bool


ENDED_SESSION: Final = Reply(EndedSession, {"session_id": "k3zD…", "closed": True})


class EndedGame(_Closed):
    """Whether an MCP session had a game, which was ended."""

    closed: bool


ENDED_GAME: Final = Reply(EndedGame, {"closed": False})


class RpcReply(BaseModel):
    """A reply of JSON-RPC 2.0, with `result` or `error`."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    jsonrpc: Literal["2.0"]
    id: str | int | float | None


class McpReply(RootModel[RpcReply | list[RpcReply]]):
    """The reply to a message, or to each message of a batch."""


MCP_REPLY: Final = Reply(McpReply, {"jsonrpc": "2.0", "id": 1, "result": {}})
NO_MCP_REPLY: Final = Reply(
    status=HTTPStatus.ACCEPTED, description="A notification was received: no reply"
)


class Document(BaseModel):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    openapi: str
    info: Json
    paths: Json
    components: Json


DOCUMENT: Final = Reply(Document, {"openapi": "3.1.0", "info": {}, "paths": {}, "components": {}})


class Environments(RootModel[list[str]]):
    """Names of environments."""


ENVIRONMENTS: Final = Reply(Environments, [ENVIRONMENT])


class Split(_Closed):
    """A list of tasks."""

    name: str
    type: str


class Splits(RootModel[list[Split]]):
    """The lists of tasks."""


SPLIT_LIST: Final = Reply(Splits, [{"name": split, "type": "train"} for split in SPLITS])


class Task(_Closed):
    """A game, in one mode and difficulty or in those that it starts in by default."""

    game: str
    mode: int | None = None
    difficulty: int | None = None


class Tasks(_Closed):
    """The tasks of a split."""

    tasks: list[Task]
    env_name: str


_FIRST: Final[Json] = {"game": "adventure"}
TASKS: Final = Reply(Tasks, {"tasks": [_FIRST], "env_name": ENVIRONMENT})


class TaskCount(_Closed):
    """The number of tasks of a split."""

    num_tasks: int


TASK_COUNT: Final = Reply(TaskCount, {"num_tasks": 104})


class TaskRange(_Closed):
    """Some tasks of a split."""

    tasks: list[Task]


TASK_RANGE: Final = Reply(TaskRange, {"tasks": [_FIRST]})


class OneTask(_Closed):
    """A task of a split."""

    task: Task


ONE_TASK: Final = Reply(OneTask, {"task": _FIRST})


class Games(_Closed):
    """Every game, and the fields of the form in which their settings are chosen."""

    games: list[static_files.PageGame]
    settings: list[Json]


_CACHED: Final = ("ETag", "Cache-Control")
GAMES: Final = Reply(Games, static_files.EXAMPLE, headers=_CACHED)
UNCHANGED: Final = Reply(
    status=HTTPStatus.NOT_MODIFIED,
    headers=_CACHED,
    description="The browser has it: `If-None-Match` names its `ETag`",
)
HTML: Final = Reply(media=(static_files.TYPES["html"],), headers=_CACHED, description="The page")
FILE: Final = Reply(
    None,
    "…",
    media=tuple(static_files.TYPES.values()),
    headers=_CACHED,
    description="The file",
)
PICTURE: Final = Reply(media=(PNG,), headers=_CACHED, description="A picture")
TO_WEB: Final = Reply(
    status=HTTPStatus.TEMPORARY_REDIRECT,
    headers=("Location",),
    description="`Location` is `/web/`",
)
COOKIE: Final = Reply(status=HTTPStatus.NO_CONTENT, description="The cookie, if there is a token")
RECORDING: Final = Reply(
    media=(recordings.CONTENT_TYPE,),
    headers=("Content-Disposition", "Cache-Control"),
    description="A file like those of `atari record`",
)
VIDEO: Final = replace(RECORDING, media=(recordings.VIDEO_TYPE,), description="MP4")


class NewReplay(_Closed):
    """A session that replays a recording, and what it replays."""

    session_id: str
    watch: str
    game_name: str
    title: str
    steps: int
    policy: str | None
    totals: Json


NEW_REPLAY: Final = Reply(
    NewReplay,
    {
        "session_id": "k3zD…",
        "watch": "Vq7e…",
        "game_name": "pong",
        "title": "Video Olympics",
        "steps": 1200,
        "policy": "human",
        "totals": {"frames": 1200, "score": -3.0, "steps": 1200},
    },
    status=HTTPStatus.CREATED,
    headers=(WATCH_HEADER,),
)
