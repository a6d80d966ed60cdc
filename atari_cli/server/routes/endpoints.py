"""Handlers of the environment, its episodes and its sessions."""

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from atari_cli.server.routes import recordings, static_files
from atari_cli.server.routes.film import ELSEWHERE
from atari_cli.server.routes.negotiation import ENCODINGS, PNG, encoder
from atari_cli.server.routes.route import FULL, Access, ClosedModel, Parameter, Reply, Route
from atari_cli.server.routes.task_api import ENVIRONMENT, with_task
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.sessions.metrics import CONTENT_TYPE
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.messages import (
    SESSION_HEADER,
    TAB,
    TAB_HEADER,
    WATCH_HEADER,
    Problem,
    Response,
    json_response,
    tab_owner,
)
from atari_cli.version import __version__
from atari_cli.wire.atari_v1 import MEDIA_TYPE
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import (
    Action,
    Observation,
    ResetRequest,
    Settings,
    State,
    StepRequest,
    StepResponse,
    read_settings,
)
from atari_cli.wire.openenv import state_json


class Health(ClosedModel):
    """Whether the server works."""

    status: Literal["healthy", "unhealthy", "degraded"] = Field(examples=["healthy"])


class Metadata(ClosedModel):
    """A description of the environment."""

    name: str
    description: str
    readme_content: str | None
    version: str | None
    author: str | None
    documentation_url: str | None


class Schemas(ClosedModel):
    """JSON Schemas of OpenEnv's models."""

    action: Json = Field(examples=[{}])
    observation: Json = Field(examples=[{}])
    state: Json = Field(examples=[{}])


class NewSession(ClosedModel):
    """The keys to a new session: its id, and the one that lets others watch it."""

    session_id: str = Field(examples=["k3zD…"])
    watch: str = Field(examples=["Vq7e…"])


class ListedSession(ClosedModel):
    """A session as others see it: the beginning of its id."""

    session: str


class SessionList(ClosedModel):
    """The open sessions, and how many there may be."""

    active: int = Field(examples=[1])
    max: int = Field(examples=[256])
    sessions: list[ListedSession] = Field(examples=[[{"session": "k3zD…"}]])


class EndedSession(ClosedModel):
    """A session that was ended."""

    session_id: str = Field(examples=["k3zD…"])
    closed: bool = Field(examples=[True])


_ABOUT: Final[Json] = {
    "name": ENVIRONMENT,
    "description": "104 Atari 2600 games through the Arcade Learning Environment",
    "readme_content": "# atari\n…",
    "version": __version__,
    "author": "the atari project",
    "documentation_url": None,
}
_UNHEALTHY: Final = Reply(
    Health,
    {"status": "unhealthy"},
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    description="The server is stopping",
)

_environment: Final = partial(Route, tag="Environment")


@_environment("GET /health", Reply(Health), others=(_UNHEALTHY,), access=Access.ANYONE)
def health(call: ApiCall[None]) -> Response:
    """Report whether the server works."""
    if call.context.is_stopping:
        return json_response(_UNHEALTHY.example, _UNHEALTHY.status)
    return json_response({"status": "healthy"})


@_environment("GET /metadata", Reply(Metadata, _ABOUT))
def metadata(call: ApiCall[None]) -> Response:
    """Describe the environment."""
    return json_response({**_ABOUT, "readme_content": static_files.readme()})


@_environment("GET /schema", Reply(Schemas))
def schema(call: ApiCall[None]) -> Response:
    """Return the JSON Schemas of action, observation and state."""
    models: dict[str, type[BaseModel]]
    models = {"action": Action, "observation": Observation, "state": State}
    return json_response({name: model.model_json_schema() for name, model in models.items()})


@_environment("GET /metrics", Reply(None, "atari_env_steps_total 0.0\n", media=(CONTENT_TYPE,)))
def metrics(call: ApiCall[None]) -> Response:
    """Return figures for Prometheus."""
    text = call.context.metrics.text()
    return Response(HTTPStatus.OK, text.encode(), CONTENT_TYPE)


ENVIRONMENT_ROUTES: Final = (health, metadata, schema, metrics)

_SESSION: Final = Parameter(
    SESSION_HEADER, "header", "The session; without it, the caller's default session."
)
_ENCODING: Final = Parameter(
    "encoding",
    "query",
    "The encoding of the reply; without it, `Accept` decides.",
    choices=ENCODINGS,
)
_COMPRESSION: Final = Parameter(
    "compression",
    "query",
    "`zlib` or `none` for the screens of `atari.v1`; `none` by default on one machine.",
)
_KEYS: Final = (SESSION_HEADER, WATCH_HEADER)
_NO_CLIENT: Final = (
    "the proxy sends no X-Forwarded-For, which distinguishes its clients: "
    "open a session with POST /sessions and name it in X-Atari-Session"
)
_LOST: Final = {HTTPStatus.NOT_FOUND: "Unknown session_id: none"}
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
_RESULT: Final = Reply(
    StepResponse,
    {"observation": _OBSERVATION, "reward": 0.0, "done": False, "metadata": _METADATA},
    media=(MEDIA_TYPE, PNG),
    headers=_KEYS,
    description="The observation; the example has the first of 33,600 pixels",
)
_episode: Final = partial(
    Route,
    tag="Episodes",
    parameters=(_SESSION, _ENCODING, _COMPRESSION),
    refusals=_LOST | FULL | {HTTPStatus.BAD_REQUEST: _NO_CLIENT},
    in_production=False,
)


@_episode("POST /reset", _RESULT, example={"game": "breakout", "seed": 1})
def reset(call: ApiCall[ResetRequest]) -> Response:
    """Start an episode.

    Settings stay for later resets of the session; `split` and `index` of a task are accepted in
    their place.
    """
    session = _session_of(call)
    if call.request.path == "/web/reset":
        session.keep_episode()
    settings, ignored = read_settings(with_task(call.body.model_dump(exclude_none=True)))
    encode = encoder(call.request, session, ignored)
    return _played(session.reset(encode, call.body.seed, call.body.episode_id, settings), session)


@_episode("POST /step", _RESULT, example={"action": {"action_id": 1}})
def step(call: ApiCall[StepRequest]) -> Response:
    """Play an action.

    `action_id` is an index into the action set. A step before the first reset starts an episode;
    one after the end repeats the last observation.
    """
    session = _session_of(call)
    encode = encoder(call.request, session)
    return _played(session.step(encode, call.body.action.action_id), session)


@_episode("GET /state", Reply(State, State().model_dump(), headers=_KEYS), parameters=(_SESSION,))
def state(call: ApiCall[None]) -> Response:
    """Return the state of the episode."""
    session = _session_of(call)
    return _played(Response(HTTPStatus.OK, state_json(session.state())), session)


EPISODES: Final = (reset, step, state)

_END: Final[Json] = {
    "operationId": "delete_sessions_identity",
    "parameters": {"identity": "$response.body#/session_id"},
}
_session: Final = partial(Route, tag="Sessions")


@_session(
    "POST /sessions",
    Reply(NewSession, status=HTTPStatus.CREATED, headers=_KEYS, links={"end": _END}),
    example={"game": "pong", "frameskip": 2},
    refusals=FULL,
)
def create_session(call: ApiCall[Settings]) -> Response:
    """Open a session."""
    settings, _ = read_settings(call.body.model_dump(exclude_none=True))
    session = call.context.sessions.open(settings)
    document = {"session_id": session.id, "watch": session.watch_key}
    return json_response(document, HTTPStatus.CREATED, _headers(session))


@_session("GET /sessions", Reply(SessionList))
def list_sessions(call: ApiCall[None]) -> Response:
    """List the sessions.

    Only the beginning of each id, for an id gives control of its session.
    """
    rows = [{"session": session.id[:4] + "…"} for session in call.context.sessions.all()]
    return json_response({"active": len(rows), "max": call.context.sessions.most, "sessions": rows})


@_session(
    "DELETE /sessions/{identity}",
    Reply(EndedSession),
    parameters=(Parameter("identity", "path"),),
    refusals=_LOST,
)
def delete_session(call: ApiCall[None]) -> Response:
    """End a session."""
    identity = call.variables["identity"]
    call.context.sessions.close(call.context.sessions.get(identity))
    return json_response({"session_id": identity, "closed": True})


SESSIONS: Final = (create_session, list_sessions, delete_session)

_TAB: Final = Parameter(
    TAB_HEADER,
    "header",
    "The browser's tab, which has its own default session.",
    pattern=TAB,
)
_NO_TAB: Final = {HTTPStatus.BAD_REQUEST: "a tab's name has up to 64 letters and digits"}
_NOT_PLAYED: Final = {
    **_LOST,
    **FULL,
    **_NO_TAB,
    HTTPStatus.NOT_FOUND: "nothing is kept of a session that no person plays",
    HTTPStatus.CONFLICT: "no step was played",
}
_NO_VIDEO: Final = {
    HTTPStatus.NOT_IMPLEMENTED: f"this server has no video encoder: {ELSEWHERE}",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the video could not be made; the server's log says why",
}
_RECORDING: Final = Reply(
    media=(recordings.CONTENT_TYPE,),
    headers=("Content-Disposition", "Cache-Control"),
    description="A file like those of `atari record`",
)
_download: Final = partial(
    Route, tag="Page", parameters=(_SESSION, _TAB), refusals=_NOT_PLAYED, is_costly=True
)


def _by_tab(route: Route) -> Route:
    """Return the route that does the same for the session of a browser's tab."""
    return route.at(
        f"{route.method} /web{route.path}",
        tag="Page",
        description=f"As `{route.path}`, but each tab of a browser has its own session.",
        parameters=(*route.parameters, _TAB),
        refusals={**route.refusals, **_NO_TAB},
        in_production=True,
    )


@_download("GET /web/episode.npz", _RECORDING)
def download_npz(call: ApiCall[None]) -> Response:
    """Return the running episode as a recording.

    If it is played at a page or by `/web/step`, up to an hour of it.
    """
    return recordings.download(_session_of(call), "npz")


@_download(
    "GET /web/episode.mp4",
    replace(_RECORDING, media=(recordings.VIDEO_TYPE,), description="MP4"),
    refusals=_NOT_PLAYED | _NO_VIDEO,
)
def download_mp4(call: ApiCall[None]) -> Response:
    """Return the running episode as a video.

    The last ten minutes of it, with sound.
    """
    return recordings.download(_session_of(call), "mp4")


PAGE: Final = (
    *map(_by_tab, EPISODES),
    metadata.at("GET /web/metadata", tag="Page", description="As `/metadata`."),
    *(download_npz, download_mp4),
)


def _session_of(call: ApiCall[Any]) -> Session:
    """Return the session that the request names, else the caller's default session."""
    identity = call.request.headers.get(SESSION_HEADER.lower())
    if identity is not None:
        return call.context.sessions.get(identity)
    owner = call.request.owner
    if call.request.path.startswith("/web/"):
        owner = tab_owner(owner, call.request.headers.get(TAB_HEADER.lower(), ""))
    if owner is None:
        raise Problem(HTTPStatus.BAD_REQUEST, _NO_CLIENT)
    return call.context.sessions.default(owner)


def _played(response: Response, session: Session) -> Response:
    return response._replace(headers=(*response.headers, *_headers(session)))


def _headers(session: Session) -> tuple[tuple[str, str], ...]:
    return ((SESSION_HEADER, session.id), (WATCH_HEADER, session.watch_key))
