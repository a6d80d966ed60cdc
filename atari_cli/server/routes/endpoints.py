"""What is answered on each path: one function each, and their table at the end."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict

from atari_cli.errors import InvalidSetting
from atari_cli.server.mcp.over_http import call_mcp, end_mcp
from atari_cli.server.routes import recordings, static_files
from atari_cli.server.routes.negotiation import encoder
from atari_cli.server.routes.openapi import openapi
from atari_cli.server.routes.task_api import ENVIRONMENT, SPLITS, find_task, tasks, with_task
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.episode_log import Keeping
from atari_cli.server.sessions.metrics import CONTENT_TYPE
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.messages import (
    SESSION_HEADER,
    TAB_HEADER,
    WATCH_HEADER,
    Problem,
    Request,
    Response,
    tab_owner,
)
from atari_cli.version import __version__
from atari_cli.wire.json_text import from_json, state_json, to_json
from atari_cli.wire.models import (
    Action,
    Observation,
    ResetRequest,
    Settings,
    State,
    StepRequest,
    read_settings,
)

Model = TypeVar("Model", bound=BaseModel)


class SplitRequest(BaseModel):
    """The body of a question about a split."""

    model_config = ConfigDict(extra="forbid")

    split: str
    start: int | None = None
    stop: int | None = None


class TaskRequest(BaseModel):
    """The body of POST /{name}/task."""

    model_config = ConfigDict(extra="forbid")

    split: str
    index: int


def health(context: Context, request: Request) -> Response:
    """Say whether the server works."""
    if context.is_stopping:
        return _json({"status": "unhealthy"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return _json({"status": "healthy"})


def metadata(context: Context, request: Request) -> Response:
    """Describe the environment."""
    return _json(
        {
            "name": ENVIRONMENT,
            "description": "104 Atari 2600 games through the Arcade Learning Environment",
            "readme_content": static_files.readme(),
            "version": __version__,
            "author": "the atari project",
            "documentation_url": None,
        }
    )


def schema(context: Context, request: Request) -> Response:
    """Return the JSON Schemas of actions, observations and states."""
    return _json(
        {
            "action": Action.model_json_schema(),
            "observation": Observation.model_json_schema(),
            "state": State.model_json_schema(),
        }
    )


def metrics(context: Context, request: Request) -> Response:
    """Return what Prometheus collects."""
    text = context.metrics.text(context.sessions)
    return Response(HTTPStatus.OK, text.encode(), CONTENT_TYPE)


def reset(context: Context, request: Request) -> Response:
    """Start an episode of the caller's session."""
    body = _read(request, ResetRequest)
    session = _session(context, request)
    if request.path == "/web/reset":
        session.kept = session.kept or Keeping()
    settings, ignored = read_settings(with_task(body.model_dump(exclude_none=True)))
    encode = encoder(request, session, ignored)
    return _played(session.reset(encode, body.seed, body.episode_id, settings), session)


def step(context: Context, request: Request) -> Response:
    """Play an action in the caller's session."""
    body = _read(request, StepRequest)
    session = _session(context, request)
    encode = encoder(request, session)
    with context.metrics.steps():
        response = session.step(encode, body.action.action_id)
    return _played(response, session)


def state(context: Context, request: Request) -> Response:
    """Return the state of the caller's session."""
    session = _session(context, request)
    return _played(Response(HTTPStatus.OK, state_json(session.state())), session)


def download(context: Context, request: Request, kind: str) -> Response:
    """Return the running episode of the caller's session as a file."""
    return recordings.download(_session(context, request), kind)


def create_session(context: Context, request: Request) -> Response:
    """Make a session with the settings of the body."""
    settings, _ = read_settings(_read(request, Settings).model_dump(exclude_none=True))
    session = context.sessions.open(settings)
    document = {"session_id": session.id, "watch": session.watch_key}
    return _json(document, HTTPStatus.CREATED, _header(session))


def list_sessions(context: Context, request: Request) -> Response:
    """List the sessions, without what would let one take them over."""
    rows = [{"session": session.id[:4] + "…"} for session in context.sessions.all()]
    return _json({"active": len(rows), "max": context.sessions.most, "sessions": rows})


def delete_session(context: Context, request: Request, identity: str) -> Response:
    """End a session."""
    context.sessions.close(context.sessions.get(identity))
    return _json({"session_id": identity, "closed": True})


def describe(context: Context, request: Request) -> Response:
    """Return the OpenAPI document."""
    return _json(openapi(context.config))


def list_environments(context: Context, request: Request) -> Response:
    """Return the environments of this server."""
    return _json([ENVIRONMENT])


def list_splits(context: Context, request: Request, name: str) -> Response:
    """Return the lists of tasks that there are."""
    _check_environment(name)
    return _json([{"name": split, "type": "train"} for split in SPLITS])


def ask_tasks(context: Context, request: Request, name: str, what: str) -> Response:
    """Answer the questions of the Task API about one split."""
    _check_environment(name)
    if what == "task":
        one = _read(request, TaskRequest)
        try:
            return _json({"task": find_task(one.split, one.index)})
        except InvalidSetting:
            raise Problem(HTTPStatus.BAD_REQUEST, "Invalid task index") from None
    body = _read(request, SplitRequest)
    found = tasks(body.split)
    if what == "num_tasks":
        return _json({"num_tasks": len(found)})
    if what == "task_range":
        return _json({"tasks": found[body.start : body.stop]})
    return _json({"tasks": found, "env_name": ENVIRONMENT})


ROUTES: Final[tuple[tuple[str, str, Callable[..., Response]], ...]] = (
    ("GET", "/health", health),
    ("GET", "/metadata", metadata),
    ("GET", "/schema", schema),
    ("GET", "/metrics", metrics),
    ("POST", "/reset", reset),
    ("POST", "/step", step),
    ("GET", "/state", state),
    ("POST", "/sessions", create_session),
    ("GET", "/sessions", list_sessions),
    ("DELETE", "/sessions/(?P<identity>[^/]+)", delete_session),
    ("POST", "/mcp", call_mcp),
    ("DELETE", "/mcp", end_mcp),
    ("GET", "/openapi.json", describe),
    ("GET", "/docs", static_files.docs),
    ("GET", "/docs/(?P<name>[a-z]+[.][a-z]+)", static_files.docs),
    ("GET", "/list_environments", list_environments),
    ("GET", "/(?P<name>[^/]+)/splits", list_splits),
    ("POST", "/(?P<name>[^/]+)/(?P<what>tasks|num_tasks|task|task_range)", ask_tasks),
    ("GET", "/", static_files.to_web),
    ("GET", "/web", static_files.to_web),
    ("GET", "/web/", static_files.web),
    ("GET", "/web/games[.]json", static_files.games),
    ("GET", "/web/pictures/(?P<name>[a-z0-9_]+)[.]png", static_files.picture),
    ("POST", "/web/login", static_files.login),
    ("POST", "/web/reset", reset),
    ("GET", "/web/episode[.](?P<kind>npz|mp4)", download),
    ("POST", recordings.PATH, recordings.replay),
    ("POST", "/web/step", step),
    ("GET", "/web/state", state),
    ("GET", "/web/metadata", metadata),
    ("GET", "/web/(?P<name>[a-z0-9_-]+[.][a-z]+)", static_files.web),
)
"""Method, path as a regular expression, and what answers."""


def _read(request: Request, model: type[Model]) -> Model:
    """Return the body as a model; an empty one is an object without keys."""
    try:
        document = from_json(request.body) if request.body.strip() else {}
    except ValueError as error:
        found = {"type": "json_invalid", "loc": ["body"], "msg": f"JSON decode error: {error}"}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, [{**found, "input": {}}]) from None
    return model.model_validate(document)


def _session(context: Context, request: Request) -> Session:
    """Return the session that the request names, else the caller's default session."""
    identity = request.headers.get(SESSION_HEADER.lower())
    if identity is not None:
        return context.sessions.get(identity)
    owner = request.owner
    if request.path.startswith("/web/"):
        owner = tab_owner(owner, request.headers.get(TAB_HEADER.lower(), ""))
    return context.sessions.default(owner)


def _played(response: Response, session: Session) -> Response:
    return response._replace(headers=(*response.headers, *_header(session)))


def _header(session: Session) -> tuple[tuple[str, str], ...]:
    return ((SESSION_HEADER, session.id), (WATCH_HEADER, session.watch_key))


def _json(
    document: object,
    status: HTTPStatus = HTTPStatus.OK,
    headers: tuple[tuple[str, str], ...] = (),
) -> Response:
    return Response(status, to_json(document), headers=headers)


def _check_environment(name: str) -> None:
    if name.lower() != ENVIRONMENT:
        raise Problem(HTTPStatus.NOT_FOUND, f"unknown environment {name[:100]!r}")
