"""Handlers of the environment, its episodes and its sessions."""

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel

from atari_cli.server.routes import recordings, static_files
from atari_cli.server.routes.negotiation import encoder
from atari_cli.server.routes.task_api import ENVIRONMENT, with_task
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.sessions.metrics import CONTENT_TYPE
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.messages import (
    SESSION_HEADER,
    TAB_HEADER,
    WATCH_HEADER,
    Response,
    json_response,
    tab_owner,
)
from atari_cli.version import __version__
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import (
    Action,
    Observation,
    ResetRequest,
    Settings,
    State,
    StepRequest,
    read_settings,
)
from atari_cli.wire.openenv import state_json

ABOUT: Final[Json] = {
    "name": ENVIRONMENT,
    "description": "104 Atari 2600 games through the Arcade Learning Environment",
    "readme_content": "# atari\n…",
    "version": __version__,
    "author": "the atari project",
    "documentation_url": None,
}
"""A description of the environment, with the beginning of its README."""


def health(call: ApiCall[None]) -> Response:
    """Report whether the server works."""
    if call.context.is_stopping:
        return json_response({"status": "unhealthy"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return json_response({"status": "healthy"})


def metadata(call: ApiCall[None]) -> Response:
    """Describe the environment."""
    return json_response({**ABOUT, "readme_content": static_files.readme()})


def schema(call: ApiCall[None]) -> Response:
    """Return the JSON Schemas of action, observation and state."""
    models: dict[str, type[BaseModel]]
    models = {"action": Action, "observation": Observation, "state": State}
    return json_response({name: model.model_json_schema() for name, model in models.items()})


def metrics(call: ApiCall[None]) -> Response:
    """Return figures for Prometheus."""
    text = call.context.metrics.text(call.context.sessions)
    return Response(HTTPStatus.OK, text.encode(), CONTENT_TYPE)


def reset(call: ApiCall[ResetRequest]) -> Response:
    """Start an episode."""
    session = _session(call)
    if call.request.path == "/web/reset":
        session.keep_episode()
    settings, ignored = read_settings(with_task(call.body.model_dump(exclude_none=True)))
    encode = encoder(call.request, session, ignored)
    return _played(session.reset(encode, call.body.seed, call.body.episode_id, settings), session)


def step(call: ApiCall[StepRequest]) -> Response:
    """Play an action."""
    session = _session(call)
    encode = encoder(call.request, session)
    with call.context.metrics.steps():
        response = session.step(encode, call.body.action.action_id)
    return _played(response, session)


def state(call: ApiCall[None]) -> Response:
    """Return the state of the episode."""
    session = _session(call)
    return _played(Response(HTTPStatus.OK, state_json(session.state())), session)


def download_npz(call: ApiCall[None]) -> Response:
    """Return the running episode as a recording."""
    return recordings.download(_session(call), "npz")


def download_mp4(call: ApiCall[None]) -> Response:
    """Return the running episode as a video."""
    return recordings.download(_session(call), "mp4")


def create_session(call: ApiCall[Settings]) -> Response:
    """Open a session."""
    settings, _ = read_settings(call.body.model_dump(exclude_none=True))
    session = call.context.sessions.open(settings)
    document = {"session_id": session.id, "watch": session.watch_key}
    return json_response(document, HTTPStatus.CREATED, _headers(session))


def list_sessions(call: ApiCall[None]) -> Response:
    """List the sessions."""
    rows = [{"session": session.id[:4] + "…"} for session in call.context.sessions.all()]
    return json_response({"active": len(rows), "max": call.context.sessions.most, "sessions": rows})


def delete_session(call: ApiCall[None]) -> Response:
    """End a session."""
    identity = call.variables["identity"]
    call.context.sessions.close(call.context.sessions.get(identity))
    return json_response({"session_id": identity, "closed": True})


def _session(call: ApiCall[Any]) -> Session:
    """Return the session that the request names, else the caller's default session."""
    identity = call.request.headers.get(SESSION_HEADER.lower())
    if identity is not None:
        return call.context.sessions.get(identity)
    owner = call.request.owner
    if call.request.path.startswith("/web/"):
        owner = tab_owner(owner, call.request.headers.get(TAB_HEADER.lower(), ""))
    return call.context.sessions.default(owner)


def _played(response: Response, session: Session) -> Response:
    return response._replace(headers=(*response.headers, *_headers(session)))


def _headers(session: Session) -> tuple[tuple[str, str], ...]:
    return ((SESSION_HEADER, session.id), (WATCH_HEADER, session.watch_key))
