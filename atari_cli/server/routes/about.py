"""Handlers of what the server says of itself: health, metadata, schemas and metrics."""

from functools import partial
from http import HTTPStatus
from typing import Final, Literal

from pydantic import BaseModel, Field

from atari_cli.server.routes import static_files
from atari_cli.server.routes.route import Access, ClosedModel, Reply, Route
from atari_cli.server.routes.tasks import ENVIRONMENT
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.sessions.metrics import CONTENT_TYPE
from atari_cli.server.transport.messages import Response, json_response
from atari_cli.version import __version__
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import Action, Observation, State


class Health(ClosedModel):
    """Whether the server works."""

    status: Literal["healthy", "unhealthy", "degraded"] = Field(
        description="Its health.", examples=["healthy"]
    )


class Metadata(ClosedModel):
    """A description of the environment."""

    name: str = Field(description="Its name.")
    description: str = Field(description="A sentence about it.")
    readme_content: str | None = Field(description="Its README, as Markdown.")
    version: str | None = Field(description="The version of this server.")
    author: str | None = Field(description="Who made it.")
    documentation_url: str | None = Field(description="Where its documentation is; null if unset.")


class Schemas(ClosedModel):
    """JSON Schemas of OpenEnv's models."""

    action: Json = Field(description="That of an action.", examples=[{}])
    observation: Json = Field(description="That of an observation.", examples=[{}])
    state: Json = Field(description="That of a state.", examples=[{}])


_DESCRIPTION: Final[Json] = {
    "name": ENVIRONMENT,
    "description": "104 Atari 2600 games through the Arcade Learning Environment",
    "readme_content": "# atari\n…",
    "version": __version__,
    "author": "the atari project",
    "documentation_url": None,
}
_UNHEALTHY: Final = Reply(
    Health,
    {"status": "unhealthy"},
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    description="The server is stopping",
)

_environment: Final = partial(Route, tag="Environment")


@_environment("GET /health", Reply(Health), others=(_UNHEALTHY,), access=Access.ANYONE)
def health(call: ApiCall[None]) -> Response:
    """Report whether the server works."""
    if call.context.is_stopping:
        return json_response(_UNHEALTHY.example, _UNHEALTHY.status)
    return json_response({"status": "healthy"})


@_environment("GET /metadata", Reply(Metadata, _DESCRIPTION))
def metadata(call: ApiCall[None]) -> Response:
    """Describe the environment."""
    return json_response({**_DESCRIPTION, "readme_content": static_files.readme()})


@_environment("GET /schema", Reply(Schemas))
def schema(call: ApiCall[None]) -> Response:
    """Return the JSON Schemas of action, observation and state."""
    models: dict[str, type[BaseModel]]
    models = {"action": Action, "observation": Observation, "state": State}
    return json_response({name: model.model_json_schema() for name, model in models.items()})


@_environment("GET /metrics", Reply(None, "atari_env_steps_total 0.0\n", media=(CONTENT_TYPE,)))
def metrics(call: ApiCall[None]) -> Response:
    """Return figures for Prometheus."""
    text = call.context.metrics.text()
    return Response(HTTPStatus.OK, text.encode(), CONTENT_TYPE)


ABOUT: Final = (health, metadata, schema, metrics)

PAGE: Final = (metadata.at("GET /web/metadata", tag="Page", description="As `/metadata`."),)
