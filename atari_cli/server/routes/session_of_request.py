"""The session that a request is for: the one it names, or the default one of its sender."""

from http import HTTPStatus
from typing import Any, Final

from atari_cli.server.routes.route import Parameter
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.messages import (
    INVALID_TAB,
    SESSION_HEADER,
    TAB,
    TAB_HEADER,
    WATCH_HEADER,
    Problem,
    tab_owner,
)

SESSION: Final = Parameter(
    SESSION_HEADER, "header", "The session; without it, the caller's default session."
)
TAB_PARAMETER: Final = Parameter(
    TAB_HEADER,
    "header",
    "The browser's tab, which has its own default session.",
    pattern=TAB,
)
NO_TAB: Final = {HTTPStatus.BAD_REQUEST: INVALID_TAB}
KEYS: Final = (SESSION_HEADER, WATCH_HEADER)
NO_CLIENT: Final = (
    "the proxy sends no X-Forwarded-For, which distinguishes its clients: "
    "open a session with POST /sessions and name it in X-Atari-Session"
)
LOST: Final = {HTTPStatus.NOT_FOUND: "Unknown session_id: none"}


def session_of(call: ApiCall[Any]) -> Session:
    """Return the session that the request names, else the caller's default session.

    Args:
        call: The request.

    Raises:
        UnknownSession: If there is no such session.
        Problem: If the request neither names a session nor shows who sent it.
    """
    identity = call.request.headers.get(SESSION_HEADER.lower())
    if identity is not None:
        return call.context.sessions.get(identity)
    owner = call.request.owner
    if call.request.path.startswith("/web/"):
        owner = tab_owner(owner, call.request.headers.get(TAB_HEADER.lower(), ""))
    if owner is None:
        raise Problem(HTTPStatus.BAD_REQUEST, NO_CLIENT)
    return call.context.sessions.default(owner)


def keys_of(session: Session) -> tuple[tuple[str, str], ...]:
    """Return the headers of a reply that name its session."""
    return ((SESSION_HEADER, session.id), (WATCH_HEADER, session.watch_key))
