"""The OpenAPI document of the HTTP API."""

from typing import Any, Final

from atari_cli.wire.models import ResetRequest, Settings, State, StepRequest, StepResponse
from atari_cli.wire.text import Json

_MODELS: Final = (ResetRequest, StepRequest, StepResponse, State, Settings)
_JSON: Final = "application/json"


def openapi(with_steps: bool) -> Json:
    """Return the document; production mode has neither /reset nor /step nor /state."""
    paths: dict[str, Json] = {
        "/health": {"get": _get("Whether the server works", 503)},
        "/metadata": {"get": _get("What this environment is")},
        "/schema": {"get": _get("JSON Schemas of action, observation and state")},
        "/metrics": {"get": _get("Figures for Prometheus", content="text/plain")},
        "/sessions": {
            "get": _get("The sessions that there are"),
            "post": _post("Make a session", "Settings", 201, 503),
        },
        "/sessions/{identity}": {"delete": _delete()},
        "/mcp": {"post": _post("JSON-RPC 2.0", None)},
    }
    if with_steps:
        paths |= {
            "/reset": {"post": _post("Start an episode", "ResetRequest", 200, 404, 503)},
            "/step": {"post": _post("Play an action", "StepRequest", 200, 404, 503)},
            "/state": {"get": _get("State of the episode", 404, 503)},
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "OpenEnv Environment HTTP API", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _schemas() -> Json:
    schemas: Json = {}
    for model in _MODELS:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return schemas


def _get(summary: str, *errors: int, content: str = _JSON) -> Json:
    return {"summary": summary, "responses": _responses(200, errors, content)}


def _post(summary: str, model: str | None, success: int = 200, *errors: int) -> Json:
    schema = {"$ref": f"#/components/schemas/{model}"} if model else {"type": "object"}
    problems = (*errors, 422) if model else errors
    return {
        "summary": summary,
        "requestBody": {"content": {_JSON: {"schema": schema}}},
        "responses": _responses(success, problems, _JSON),
    }


def _delete() -> Json:
    name = {"name": "identity", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "summary": "End a session",
        "parameters": [name],
        "responses": _responses(200, (404,), _JSON),
    }


def _responses(success: int, errors: tuple[int, ...], content: str) -> dict[str, Any]:
    common = (401, 403, 413, 415, 421)
    answers: dict[str, Any] = {str(success): {"description": "Success", "content": {content: {}}}}
    for status in sorted({*errors, *common}):
        answers[str(status)] = {"description": "Refused: `detail` says why", "content": {_JSON: {}}}
    return answers
