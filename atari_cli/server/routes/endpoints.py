"""Handlers of the environment, its episodes and its sessions."""

from http import HTTPStatus

from pydantic import BaseModel

from atari_cli.server.routes import recordings, static_files
from atari_cli.server.routes.negotiation import encoder
from atari_cli.server.routes.task_api import ENVIRONMENT, with_task
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.metrics import CONTENT_TYPE
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.messages import (
    SESSION_HEADER,
    TAB_HEADER,
    WATCH_HEADER,
    Request,
    Response,
    json_response,
    tab_owner,
)
from atari_cli.version import __version__
from atari_cli.wire.json_text import state_json
from atari_cli.wire.models import (
    Action,
    Observation,
    ResetRequest,
    Settings,
    State,
    StepRequest,
    read_settings,
)


def health(context: Context, request: Request) -> Response:
    """Report whether the server works."""
    if context.is_stopping:
        return json_response({"status": "unhealthy"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return json_response({"status": "healthy"})


def metadata(context: Context, request: Request) -> Response:
    """Describe the environment."""
    return json_response(
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
    models: dict[str, type[BaseModel]]
    models = {"action": Action, "observation": Observation, "state": State}
    return json_response({name: model.model_json_schema() for name, model in models.items()})


def metrics(context: Context, request: Request) -> Response:
    """Return the figures that Prometheus collects."""
    text = context.metrics.text(context.sessions)
    return Response(HTTPStatus.OK, text.encode(), CONTENT_TYPE)


def reset(context: Context, request: Request, body: ResetRequest) -> Response:
    """Start an episode of the caller's session."""
    session = _session(context, request)
    if request.path == "/web/reset":
        session.keep_episode()
    settings, ignored = read_settings(with_task(body.model_dump(exclude_none=True)))
    encode = encoder(request, session, ignored)
    return _played(session.reset(encode, body.seed, body.episode_id, settings), session)


def step(context: Context, request: Request, body: StepRequest) -> Response:
    """Play an action in the caller's session."""
    session = _session(context, request)
    encode = encoder(request, session)
    with context.metrics.steps():
        response = session.step(encode, body.action.action_id)
    return _played(response, session)


def state(context: Context, request: Request) -> Response:
    """Return the state of the caller's session."""
    session = _session(context, request)
    return _played(Response(HTTPStatus.OK, state_json(session.state())), session)


def download_npz(context: Context, request: Request) -> Response:
    """Return the running episode of the caller's session as a recording."""
    return recordings.download(_session(context, request), "npz")


def download_mp4(context: Context, request: Request) -> Response:
    """Return the running episode of the caller's session as a video."""
    return recordings.download(_session(context, request), "mp4")


def create_session(context: Context, request: Request, body: Settings) -> Response:
    """Open a session with the settings of the body."""
    settings, _ = read_settings(body.model_dump(exclude_none=True))
    session = context.sessions.open(settings)
    document = {"session_id": session.id, "watch": session.watch_key}
    return json_response(document, HTTPStatus.CREATED, _headers(session))


def list_sessions(context: Context, request: Request) -> Response:
    """List the sessions, without what would let one take them over."""
    rows = [{"session": session.id[:4] + "…"} for session in context.sessions.all()]
    return json_response({"active": len(rows), "max": context.sessions.most, "sessions": rows})


def delete_session(context: Context, request: Request, identity: str) -> Response:
    """End a session."""
    context.sessions.close(context.sessions.get(identity))
    return json_response({"session_id": identity, "closed": True})


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
    return response._replace(headers=(*response.headers, *_headers(session)))


def _headers(session: Session) -> tuple[tuple[str, str], ...]:
    return ((SESSION_HEADER, session.id), (WATCH_HEADER, session.watch_key))
