"""The OpenAPI document, made from the table of routes."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from atari_cli.config import ServeConfig
from atari_cli.server.routes.negotiation import JSON
from atari_cli.server.routes.replies import Refusal
from atari_cli.server.routes.route import Access, Body, Parameter, Route, RouteReply
from atari_cli.wire.json_text import Json

_MODELS: Final = "#/components/schemas/{model}"
_SECURITY: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "description": "The token is the password."},
}


def openapi(routes: Iterable[Route], config: ServeConfig) -> Json:
    """Return the document of a server with these settings.

    Args:
        routes: All routes, including those that this server does not have.
        config: The server's settings.
    """
    served = [route for route in routes if route.is_served(config)]
    paths: dict[str, Json] = {}
    for route in served:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, config)
    document: Json = {
        "openapi": "3.1.0",
        "info": {"title": "OpenEnv Environment HTTP API", "version": "1.0.0"},
        "paths": paths,
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in served)],
        "components": {"schemas": _schemas(served)},
    }
    if config.token:
        document["components"]["securitySchemes"] = _SECURITY
        document["security"] = [{name: []} for name in _SECURITY]
    return document


def _schemas(routes: Iterable[Route]) -> Json:
    bodies = [route.body.model for route in routes if route.body and route.body.model]
    replies = [reply.model for route in routes for reply in route.replies if reply.model]
    models: set[type[BaseModel]] = {Refusal, *bodies, *replies}
    _, definitions = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template=_MODELS,
    )
    schemas: Json = definitions["$defs"]
    return schemas


def _operation(route: Route, config: ServeConfig) -> Json:
    refusals = route.all_refusals()
    responses = {str(reply.status.value): _reply(reply) for reply in route.replies}
    responses |= {
        str(status.value): _refusal(status, refusals[status]) for status in sorted(refusals)
    }
    operation: Json = {
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "responses": responses,
    }
    if route.description:
        operation["description"] = route.description
    if route.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in route.parameters]
    if route.body:
        operation["requestBody"] = {
            "content": {route.body.media: _body(route.body)},
            "required": route.body.required,
        }
    if config.token and route.access is not Access.TOKEN:
        operation["security"] = []
    return operation


def _body(body: Body) -> Json:
    content: Json = {"schema": _reference(body.model)} if body.model else {}
    return content if body.example is None else {**content, "example": body.example}


def _reply(reply: RouteReply) -> Json:
    content: dict[str, Json] = {media.partition(";")[0]: {} for media in reply.media}
    if reply.model:
        content[JSON] = {"schema": _reference(reply.model), "example": reply.example}
    elif reply.example is not None:
        for described in content.values():
            described |= {"schema": {"type": "string"}, "example": reply.example}
    found: Json = {"description": reply.description}
    if content:
        found["content"] = content
    if reply.headers:
        text = {"schema": {"type": "string"}, "required": True}
        found["headers"] = dict.fromkeys(reply.headers, text)
    if reply.links:
        found["links"] = reply.links
    return found


def _refusal(status: HTTPStatus, detail: object) -> Json:
    content = {"schema": _reference(Refusal), "example": {"detail": detail}}
    return {"description": f"{status.phrase}: `detail` says why", "content": {JSON: content}}


def _parameter(parameter: Parameter) -> Json:
    schema: dict[str, Any] = {"type": "string"}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.pattern:
        schema["pattern"] = f"^{parameter.pattern}$"
    found: Json = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required or parameter.place == "path",
        "schema": schema,
    }
    if parameter.example:
        found["example"] = parameter.example
    if parameter.description:
        found["description"] = parameter.description
    return found


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": _MODELS.format(model=model.__name__)}
