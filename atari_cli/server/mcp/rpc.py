"""The envelope of MCP, JSON-RPC 2.0: requests, batches and errors."""

import logging
import secrets
from typing import Any, Final

from atari_cli.errors import AtariError, CapacityReached
from atari_cli.server.mcp.caller import ASSUMED_VERSION, Caller
from atari_cli.server.mcp.methods import METHODS, InvalidParams, InvalidRequest
from atari_cli.wire.json_text import Json, from_json

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
SERVER_ERROR: Final = -32000

MOST_IN_BATCH: Final = 16
"""Requests in a batch: each may play for seconds, during which the connection is busy."""

_KEYS: Final = {"jsonrpc", "method", "params", "id"}
_log: Final = logging.getLogger("atari.server")

JsonReply = Json | list[Json] | None
"""The reply to a message; None means no reply."""


def answer_text(text: bytes | str, caller: Caller) -> JsonReply:
    """Return the reply to a message.

    Args:
        text: The message.
        caller: Its sender.
    """
    try:
        document = from_json(text)
    except ValueError as problem:
        return error(None, PARSE_ERROR, f"Parse error: {problem}")
    return answer(document, caller)


def answer(document: Any, caller: Caller) -> JsonReply:
    """Return the reply to a message that is parsed already.

    Args:
        document: The message.
        caller: Its sender.
    """
    if isinstance(document, list):
        return _answer_batch(document, caller)
    if _is_request(document):
        return _answer_request(document, caller)
    if _is_response(document):
        return None
    identity = document.get("id") if isinstance(document, dict) else None
    known = identity if isinstance(identity, str | int) else None
    return error(known, INVALID_REQUEST, "Invalid Request")


def error(identity: Any, code: int, message: str, data: Any = None) -> Json:
    """Return an error reply.

    Args:
        identity: The id of the request; None if it is unknown.
        code: A code of JSON-RPC.
        message: One line for people.
        data: Details for programs.
    """
    problem = {"code": code, "message": message, "data": data}
    return {"jsonrpc": "2.0", "id": identity, "error": problem}


def _answer_batch(batch: list[Any], caller: Caller) -> JsonReply:
    """Answer a batch of requests, which later versions of MCP do not have."""
    if caller.version > ASSUMED_VERSION:
        return error(None, INVALID_REQUEST, f"Invalid Request: {caller.version} has no batches")
    if not 1 <= len(batch) <= MOST_IN_BATCH:
        expected = f"a batch has 1 to {MOST_IN_BATCH} requests"
        return error(None, INVALID_REQUEST, f"Invalid Request: {expected}, got {len(batch)}")
    replies = [_answer_in_batch(part, caller) for part in batch]
    return [reply for reply in replies if reply is not None] or None


def _answer_in_batch(part: Any, caller: Caller) -> Json | None:
    if isinstance(part, list) or (_is_request(part) and part["method"] == "initialize"):
        return error(None, INVALID_REQUEST, "Invalid Request: this cannot be part of a batch")
    reply = answer(part, caller)
    assert not isinstance(reply, list)
    return reply


def _answer_request(request: Json, caller: Caller) -> Json | None:
    name, identity = request["method"], request.get("id")
    if name.startswith("notifications/") and "id" not in request:
        return None
    method = METHODS.get(name)
    if method is None:
        return error(identity, METHOD_NOT_FOUND, f"Method not found: {name[:100]}")
    try:
        result = method(request.get("params") or {}, caller)
    except CapacityReached as full:
        data = {"active_sessions": full.active, "max_sessions": full.most}
        return error(identity, SERVER_ERROR, str(full), data)
    except (AtariError, InvalidParams) as problem:
        return error(identity, INVALID_PARAMS, f"Invalid params: {problem}")
    except InvalidRequest as problem:
        return error(identity, INVALID_REQUEST, f"Invalid Request: {problem}")
    except Exception:
        entry = secrets.token_hex(4)
        _log.exception("MCP request %s failed", entry)
        return error(identity, INTERNAL_ERROR, f"the server failed; its log has {entry}")
    return {"jsonrpc": "2.0", "id": identity, "result": result}


def _is_request(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.keys() <= _KEYS
        and message.get("jsonrpc") == "2.0"
        and isinstance(message.get("method"), str)
        and isinstance(message.get("params", {}), dict | None)
        and isinstance(message.get("id"), str | int | None)
        and not isinstance(message.get("id"), bool)
    )


def _is_response(message: Any) -> bool:
    """Return whether a message answers a request, which this server never sends."""
    return (
        isinstance(message, dict)
        and message.get("jsonrpc") == "2.0"
        and "method" not in message
        and "id" in message
        and ("result" in message or "error" in message)
    )
