"""The OpenAPI document, made from the table of routes."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from atari_cli.config import ServeConfig
from atari_cli.server.routes.errors import Refusal
from atari_cli.server.routes.negotiation import JSON
from atari_cli.server.routes.route import Access, Parameter, Reply, Route
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
        "servers": [{"url": "."}],  # from the document's address, also behind a proxy's prefix
        "paths": paths,
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in served)],
        "components": {"schemas": _schemas(served)},
    }
    if config.token:
        document["components"]["securitySchemes"] = _SECURITY
        document["security"] = [{name: []} for name in _SECURITY]
    return document


def _schemas(routes: Iterable[Route]) -> Json:
    bodies = [route.model for route in routes if route.model]
    replies = [reply.model for route in routes for reply in route.replies if reply.model]
    models: set[type[BaseModel]] = {Refusal, *bodies, *replies}
    _, definitions = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template=_MODELS,
    )
    schemas: Json = definitions["$defs"]
    return schemas


def _operation(route: Route, config: ServeConfig) -> Json:
    responses = {str(reply.status.value): _reply(reply) for reply in route.replies}
    for status, detail in sorted(route.all_refusals().items()):
        responses[str(status.value)] = _refusal(status, detail)
    operation: Json = {
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "responses": responses,
    } | _filled(
        description=route.description,
        parameters=[_parameter(parameter) for parameter in route.parameters],
        requestBody=_body(route) if route.method == "POST" else None,
    )
    if config.token and route.access is not Access.TOKEN:
        operation["security"] = []
    return operation


def _body(route: Route) -> Json:
    fields = route.model.model_fields.values() if route.model else ()
    return {
        "content": {
            route.media: _filled(
                schema=route.model and _reference(route.model), example=route.example
            )
        },
        "required": any(field.is_required() for field in fields),
    }


def _reply(reply: Reply) -> Json:
    content: dict[str, Json] = {media.partition(";")[0]: {} for media in reply.media}
    if reply.model:
        content[JSON] = {"schema": _reference(reply.model), "example": reply.example}
    elif reply.example is not None:
        for described in content.values():
            described |= {"schema": {"type": "string"}, "example": reply.example}
    text = {"schema": {"type": "string"}, "required": True}
    headers = dict.fromkeys(reply.headers, text)
    return {
        "description": reply.description,
        **_filled(content=content, headers=headers, links=reply.links),
    }


def _refusal(status: HTTPStatus, detail: object) -> Json:
    content = {"schema": _reference(Refusal), "example": {"detail": detail}}
    return {"description": f"{status.phrase}: `detail` says why", "content": {JSON: content}}


def _parameter(parameter: Parameter) -> Json:
    pattern = parameter.pattern and f"^{parameter.pattern}$"
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required or parameter.place == "path",
        "schema": {"type": "string", **_filled(enum=parameter.choices, pattern=pattern)},
        **_filled(example=parameter.example, description=parameter.description),
    }


def _filled(**values: object) -> Json:
    """Return the values that are not empty."""
    return {name: value for name, value in values.items() if value}


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": _MODELS.format(model=model.__name__)}
