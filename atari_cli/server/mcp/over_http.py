"""/mcp: MCP's streamable HTTP, where every reply is one JSON document.

The server keeps only the game of a client: the id that `initialize` returns is its key, and remains
valid when the server restarts.
"""

import re
import secrets
from http import HTTPStatus
from typing import Final

from atari_cli.server.mcp.caller import ASSUMED_VERSION, VERSIONS, Caller, new_owner
from atari_cli.server.mcp.rpc import answer_text
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import Problem, Response, json_response
from atari_cli.wire.json_text import from_json

MCP_SESSION: Final = "Mcp-Session-Id"
MCP_VERSION: Final = "MCP-Protocol-Version"

KEY: Final = r"[\x21-\x7e]{16,128}"
"""The form of such an id, which is the key to a game."""


def call_mcp(call: ApiCall[None]) -> Response:
    """Answer a message of JSON-RPC 2.0.

    Version 2025-03-26 may send several messages in a list.

    Raises:
        Problem: If a header is wrong.
    """
    caller = _caller(call)
    reply = answer_text(call.request.body, caller)
    if reply is None:
        return Response(HTTPStatus.ACCEPTED, b"")
    # Only `initialize` has such a result, and it is never part of a batch.
    begins = isinstance(reply, dict) and "protocolVersion" in reply.get("result", {})
    key = ((MCP_SESSION, secrets.token_urlsafe(16)),) if begins else ()
    return json_response(reply, headers=key)


def end_mcp(call: ApiCall[None]) -> Response:
    """End the game of an MCP session.

    Raises:
        Problem: If a header is missing or wrong.
    """
    if MCP_SESSION.lower() not in call.request.headers:
        raise Problem(HTTPStatus.BAD_REQUEST, f"expected the header {MCP_SESSION}")
    return json_response({"closed": _caller(call).end()})


def _caller(call: ApiCall[None]) -> Caller:
    context, headers = call.context, call.request.headers
    key = headers.get(MCP_SESSION.lower())
    if key is not None and not re.fullmatch(KEY, key):
        expected = f"{MCP_SESSION} must have 16 to 128 visible characters"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{expected}: take the one of initialize")
    version = headers.get(MCP_VERSION.lower(), ASSUMED_VERSION)
    if version not in VERSIONS and not _is_initialize(call.request.body):
        expected = f"{MCP_VERSION} must be one of {', '.join(VERSIONS)}"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{expected}, got {version[:100]!r}")
    owner = new_owner(key) if key else None
    return Caller(context.sessions, owner=owner, version=version)


def _is_initialize(body: bytes) -> bool:
    """Return whether a message is `initialize`, whose reply names the version to use."""
    try:
        document = from_json(body)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("method") == "initialize"
