"""Models of the JSON that routes reply, but for those of an episode, which are OpenEnv's."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from atari_cli.wire.json_text import Json


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Refusal(_Closed):
    """Why a request was refused: a text, or a list of what is wrong with its body."""

    detail: str | list[Json]


class Health(_Closed):
    """Whether the server works."""

    status: Literal["healthy", "unhealthy", "degraded"]


class Metadata(_Closed):
    """A description of the environment."""

    name: str
    description: str
    readme_content: str | None
    version: str | None
    author: str | None
    documentation_url: str | None


class Schemas(_Closed):
    """JSON Schemas of OpenEnv's models."""

    action: Json
    observation: Json
    state: Json


class NewSession(_Closed):
    """The keys to a new session: its id, and the one that lets others watch it."""

    session_id: str
    watch: str


class ListedSession(_Closed):
    """A session as others see it: the beginning of its id."""

    session: str


class SessionList(_Closed):
    """The open sessions, and how many there may be."""

    active: int
    max: int
    sessions: list[ListedSession]


class EndedSession(_Closed):
    """A session that was ended."""

    session_id: str
    closed: bool


class EndedGame(_Closed):
    """Whether an MCP session had a game, which was ended."""

    closed: bool


class RpcReply(BaseModel):
    """A reply of JSON-RPC 2.0, with `result` or `error`."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    jsonrpc: Literal["2.0"]
    id: str | int | float | None


class McpReply(RootModel[RpcReply | list[RpcReply]]):
    """The reply to a message, or to each message of a batch."""


class Document(BaseModel):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    openapi: str
    info: Json
    paths: Json
    components: Json


class Environments(RootModel[list[str]]):
    """Names of environments."""


class Split(_Closed):
    """A list of tasks."""

    name: str
    type: str


class Splits(RootModel[list[Split]]):
    """The lists of tasks."""


class Task(_Closed):
    """A game, in one mode and difficulty or in those that it starts in by default."""

    game: str
    mode: int | None = None
    difficulty: int | None = None


class Tasks(_Closed):
    """The tasks of a split."""

    tasks: list[Task]
    env_name: str


class TaskCount(_Closed):
    """The number of tasks of a split."""

    num_tasks: int


class TaskRange(_Closed):
    """Some tasks of a split."""

    tasks: list[Task]


class OneTask(_Closed):
    """A task of a split."""

    task: Task


class ListedGame(_Closed):
    """A game for the page."""

    id: str
    title: str
    year: int | None
    publisher: str | None
    actions: list[str]
    controller: Literal["joystick", "paddle"]
    modes: list[int]
    difficulties: list[int]
    default_mode: int
    default_difficulty: int
    lives: int
    fps: int
    height: int


class Games(_Closed):
    """Every game, and the fields of the form in which their settings are chosen."""

    games: list[ListedGame]
    settings: list[Json]


class NewReplay(_Closed):
    """A session that replays a recording, and what it replays."""

    session_id: str
    watch: str
    game_name: str
    title: str
    steps: int
    policy: str | None
    totals: Json
