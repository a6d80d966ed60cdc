"""Handlers of the sessions: open one, list them, end one."""

from functools import partial
from http import HTTPStatus
from typing import Final

from pydantic import Field

from atari_cli.server.routes.route import FULL, ClosedModel, Parameter, Reply, Route
from atari_cli.server.routes.session_of_request import KEYS, LOST, keys_of
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import Response, json_response
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import Settings, read_settings


class _Named(ClosedModel):
    session_id: str = Field(
        description="The session's id, which gives control of it.", examples=["k3zD…"]
    )


class NewSession(_Named):
    """The keys to a new session."""

    watch: str = Field(description="The key that lets others watch it.", examples=["Vq7e…"])


class ListedSession(ClosedModel):
    """A session as others see it."""

    session: str = Field(description="The beginning of its id.")


class SessionList(ClosedModel):
    """The open sessions, and how many there may be."""

    active: int = Field(description="The number of open sessions.", examples=[1])
    max: int = Field(description="The maximum number of open sessions.", examples=[256])
    sessions: list[ListedSession] = Field(
        description="The open sessions.", examples=[[{"session": "k3zD…"}]]
    )


class EndedSession(_Named):
    """A session that was ended."""

    closed: bool = Field(description="Always true.", examples=[True])


_END: Final[Json] = {
    "operationId": "delete_sessions_identity",
    "parameters": {"identity": "$response.body#/session_id"},
}
_session: Final = partial(Route, tag="Sessions")


@_session(
    "POST /sessions",
    Reply(NewSession, status=HTTPStatus.CREATED, headers=KEYS, links={"end": _END}),
    example={"game": "pong", "frameskip": 2},
    refusals=FULL,
)
def create_session(call: ApiCall[Settings]) -> Response:
    """Open a session."""
    settings, _ = read_settings(call.body.model_dump(exclude_none=True))
    session = call.context.sessions.open(settings)
    document = {"session_id": session.id, "watch": session.watch_key}
    return json_response(document, HTTPStatus.CREATED, keys_of(session))


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
    refusals=LOST,
)
def delete_session(call: ApiCall[None]) -> Response:
    """End a session."""
    identity = call.variables["identity"]
    call.context.sessions.close(call.context.sessions.get(identity))
    return json_response({"session_id": identity, "closed": True})


SESSIONS: Final = (create_session, list_sessions, delete_session)
