"""The OpenAPI document of the HTTP API."""

from typing import Any, Final

from atari_cli.config import ServeConfig
from atari_cli.server.mcp.caller import VERSIONS
from atari_cli.server.mcp.over_http import KEY, MCP_SESSION, MCP_VERSION
from atari_cli.server.transport.messages import SESSION_HEADER
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import ResetRequest, Settings, State, StepRequest, StepResponse

_MODELS: Final = (ResetRequest, StepRequest, StepResponse, State, Settings)
_JSON: Final = "application/json"
_ANY: Final[Json] = {}
_TEXT: Final[Json] = {"type": "string"}
_SECURITY: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "description": "The token is the password."},
}
_REFUSED: Final[Json] = {
    "description": "Refused: `detail` says why",
    "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}},
}


_EXAMPLES: Final[Json] = {
    "Start an episode": {"game": "breakout", "seed": 1},
    "Play an action": {"action": {"action_id": 1}},
    "Make a session": {"game": "pong", "frameskip": 2},
    "JSON-RPC 2.0": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
}
"""A body for each operation that takes one, by its summary."""


def openapi(config: ServeConfig) -> Json:
    """Return the document of a server.

    Production mode has neither /reset nor /step nor /state. With a token, all but /health asks for
    it.
    """
    paths = _paths()
    if config.mode == "production":
        for path in ("/reset", "/step", "/state"):
            del paths[path]
    document: Json = {
        "openapi": "3.1.0",
        "info": {"title": "OpenEnv Environment HTTP API", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": _schemas()},
    }
    if config.token:
        document["components"]["securitySchemes"] = _SECURITY
        document["security"] = [{name: []} for name in _SECURITY]
        paths["/health"]["get"]["security"] = []
    return document


def _paths() -> dict[str, Json]:
    status = _closed(status={"enum": ["healthy", "unhealthy", "degraded"]})
    settings, session = _model("Settings"), _closed(session_id=_TEXT, watch=_TEXT)
    return {
        "/health": {"get": _operation("Whether the server works", status, 503)},
        "/metadata": {"get": _operation("What this environment is", _object("name"))},
        "/schema": {
            "get": _operation(
                "JSON Schemas of action, observation and state",
                _object("action", "observation", "state"),
            )
        },
        "/metrics": {"get": _operation("Figures for Prometheus", _TEXT, content="text/plain")},
        "/sessions": {
            "get": _operation("The sessions that there are", _object("active", "max", "sessions")),
            "post": _operation("Make a session", session, 503, body=settings, success=201),
        },
        "/sessions/{identity}": {
            "delete": _operation("End a session", _object("session_id", "closed"), 404)
            | {"parameters": [_parameter("identity", "path")], "operationId": "end_session"}
        },
        "/mcp": {"post": _mcp(), "delete": _ended_mcp()},
        "/reset": {"post": _played("Start an episode", "StepResponse", _model("ResetRequest"))},
        "/step": {"post": _played("Play an action", "StepResponse", _model("StepRequest"))},
        "/state": {"get": _played("State of the episode", "State")},
    }


def _schemas() -> Json:
    detail = {"description": "A text, or a list of what is wrong with the body"}
    schemas: Json = {"Refusal": _object("detail") | {"properties": {"detail": detail}}}
    for model in _MODELS:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return schemas


def _played(summary: str, reply: str, body: Json | None = None) -> Json:
    """Return an operation on the session that a header names, else on the caller's own."""
    operation = _operation(summary, _model(reply), 404, 503, body=body)
    operation["responses"]["200"]["headers"] = {SESSION_HEADER: {"schema": _TEXT, "required": True}}
    return {**operation, "parameters": [_parameter(SESSION_HEADER, "header")]}


def _mcp() -> Json:
    """Return the operation of MCP: a message, or several in its version of 2025-03-26."""
    one = _object("jsonrpc", "id")
    reply: Json = {"anyOf": [one, {"type": "array", "items": one}]}
    operation = _operation("JSON-RPC 2.0", reply, 400, body=_ANY)
    operation["responses"]["202"] = {"description": "Nothing is to be said to a notification"}
    versions: Json = _parameter(MCP_VERSION, "header") | {"schema": {"enum": list(VERSIONS)}}
    return {**operation, "parameters": [_parameter_of_mcp(), versions]}


def _ended_mcp() -> Json:
    operation = _operation(
        "End the game of an MCP session", _closed(closed={"type": "boolean"}), 400
    )
    return {**operation, "parameters": [{**_parameter_of_mcp(), "required": True}]}


def _parameter_of_mcp() -> Json:
    key: Json = {"type": "string", "pattern": f"^{KEY}$"}
    return {**_parameter(MCP_SESSION, "header"), "schema": key}


def _operation(
    summary: str,
    reply: Json,
    *errors: int,
    body: Json | None = None,
    success: int = 200,
    content: str = _JSON,
) -> Json:
    done: Json = {"description": "Success", "content": {content: {"schema": reply}}}
    if success == 201:
        done["headers"] = {SESSION_HEADER: {"schema": _TEXT, "required": True}}
        parameters = {"identity": "$response.body#/session_id"}
        done["links"] = {"end": {"operationId": "end_session", "parameters": parameters}}
    statuses = sorted({401, 403, 413, 415, 421, *errors, *((422,) if body else ())})
    responses: dict[str, Any] = {str(success): done} | {str(code): _REFUSED for code in statuses}
    operation: Json = {"summary": summary, "responses": responses}
    if body is not None:
        operation["requestBody"] = {
            "content": {_JSON: {"schema": body, "example": _EXAMPLES[summary]}}
        }
    return operation


def _model(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, place: str) -> Json:
    return {"name": name, "in": place, "required": place == "path", "schema": _TEXT}


def _object(*keys: str) -> Json:
    return {"type": "object", "required": list(keys)}


def _closed(**properties: Json) -> Json:
    return _object(*properties) | {"properties": properties, "additionalProperties": False}
