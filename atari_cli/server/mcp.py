"""The envelope of MCP, JSON-RPC 2.0: sessions can be made and ended; there are no tools yet."""

from collections.abc import Callable
from typing import Any, Final

from atari_cli.errors import CapacityReached, UnknownSession
from atari_cli.server.session import Session
from atari_cli.server.sessions import Sessions
from atari_cli.wire.text import Json, from_json

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
SERVER_ERROR: Final = -32000

_KEYS: Final = {"jsonrpc", "method", "params", "id"}


def answer_text(text: bytes | str, sessions: Sessions, own: Session | None = None) -> Json:
    """Return the reply to a JSON-RPC request.

    Args:
        text: The request.
        sessions: The sessions that there are.
        own: The session of the WebSocket that it came on; None over HTTP.
    """
    try:
        request = from_json(text)
    except ValueError as error:
        return _error(None, PARSE_ERROR, f"Parse error: {error}")
    return answer(request, sessions, own)


def answer(request: Any, sessions: Sessions, own: Session | None = None) -> Json:
    """Return the reply to a request that was read already."""
    if not _is_request(request):
        identity = request.get("id") if isinstance(request, dict) else None
        return _error(
            identity if isinstance(identity, str | int) else None,
            INVALID_REQUEST,
            "Invalid Request",
        )
    identity = request.get("id")
    method = _METHODS.get(request["method"])
    if method is None:
        return _error(identity, METHOD_NOT_FOUND, f"Method not found: {request['method'][:100]}")
    try:
        result = method(request.get("params") or {}, sessions, own)
    except CapacityReached as error:
        data = {"active_sessions": error.active, "max_sessions": error.most}
        return _error(identity, SERVER_ERROR, str(error), data)
    except (UnknownSession, LookupError, TypeError) as error:
        return _error(identity, INVALID_PARAMS, f"Invalid params: {error}")
    return {"jsonrpc": "2.0", "id": identity, "result": result}


def _is_request(request: Any) -> bool:
    return (
        isinstance(request, dict)
        and request.keys() <= _KEYS
        and request.get("jsonrpc") == "2.0"
        and isinstance(request.get("method"), str)
        and isinstance(request.get("params", {}), dict | None)
        and isinstance(request.get("id"), str | int | None)
        and not isinstance(request.get("id"), bool)
    )


def _list_tools(params: Json, sessions: Sessions, own: Session | None) -> Json:
    return {"tools": []}


def _call_tool(params: Json, sessions: Sessions, own: Session | None) -> Json:
    raise LookupError(f"unknown tool {str(params.get('name'))[:100]!r}")


def _create_session(params: Json, sessions: Sessions, own: Session | None) -> Json:
    return {"session_id": own.id if own else sessions.open().id}


def _close_session(params: Json, sessions: Sessions, own: Session | None) -> Json:
    session = sessions.get(str(params.get("session_id")))
    if session is own:
        raise LookupError("a connection cannot close its own session; close the connection")
    session.is_ending = True
    if session.is_attached:
        return {"session_id": session.id, "closed": False, "closing": True}
    sessions.close(session)
    return {"session_id": session.id, "closed": True}


_METHODS: Final[dict[str, Callable[[Json, Sessions, Session | None], Json]]] = {
    "tools/list": _list_tools,
    "tools/call": _call_tool,
    "openenv/session/create": _create_session,
    "openenv/session/close": _close_session,
}


def _error(identity: Any, code: int, message: str, data: Any = None) -> Json:
    error = {"code": code, "message": message, "data": data}
    return {"jsonrpc": "2.0", "id": identity, "error": error}
