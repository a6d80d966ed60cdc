"""/mcp: MCP's streamable HTTP, where every reply is one JSON document.

The server keeps only the game of a client: the id that `initialize` returns is its key, and remains
valid when the server restarts.
"""

import re
import secrets
from http import HTTPStatus
from typing import Final

from atari_cli.server.mcp.caller import ASSUMED_VERSION, VERSIONS, Caller, new_owner
from atari_cli.server.mcp.rpc import PARSE_ERROR, Reply, answer, error
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import Problem, Response
from atari_cli.wire.json_text import from_json, to_json

MCP_SESSION: Final = "Mcp-Session-Id"
MCP_VERSION: Final = "MCP-Protocol-Version"

KEY: Final = r"[\x21-\x7e]{16,128}"
"""The form of such an id, which is the key to a game."""


def call_mcp(call: ApiCall[None]) -> Response:
    """Answer a message of JSON-RPC 2.0.

    Raises:
        Problem: If a header is wrong.
    """
    caller = _caller(call)
    try:
        document = from_json(call.request.body)
    except ValueError as problem:
        return _json(error(None, PARSE_ERROR, f"Parse error: {problem}"))
    reply = answer(document, caller)
    if reply is None:
        return Response(HTTPStatus.ACCEPTED, b"")
    begins = isinstance(document, dict) and document.get("method") == "initialize"
    if begins and isinstance(reply, dict) and "result" in reply:
        return _json(reply)._replace(headers=((MCP_SESSION, secrets.token_urlsafe(16)),))
    return _json(reply)


def end_mcp(call: ApiCall[None]) -> Response:
    """End the game of an MCP session.

    Raises:
        Problem: If a header is missing or wrong.
    """
    if MCP_SESSION.lower() not in call.request.headers:
        raise Problem(HTTPStatus.BAD_REQUEST, f"expected the header {MCP_SESSION}")
    return _json({"closed": _caller(call).end()})


def _caller(call: ApiCall[None]) -> Caller:
    context, headers = call.context, call.request.headers
    key = headers.get(MCP_SESSION.lower())
    if key is not None and not re.fullmatch(KEY, key):
        expected = f"{MCP_SESSION} must have 16 to 128 visible characters"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{expected}: take the one of initialize")
    version = headers.get(MCP_VERSION.lower(), ASSUMED_VERSION)
    if version not in VERSIONS:
        expected = f"{MCP_VERSION} must be one of {', '.join(VERSIONS)}"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{expected}, got {version[:100]!r}")
    owner = new_owner(key) if key else None
    caller = Caller(context.sessions, context.metrics, owner=owner)
    caller.version = version
    return caller


def _json(document: Reply | dict[str, bool]) -> Response:
    return Response(HTTPStatus.OK, to_json(document))
