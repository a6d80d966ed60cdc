"""Server-wide state shared by all requests, and a request with what its handler needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from atari_cli.config import ServeConfig
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions
from atari_cli.server.transport.messages import Request

BodyModel = TypeVar("BodyModel")


@dataclass
class Context:
    """Server-wide state shared by all requests.

    Attributes:
        config: The server's settings.
        sessions: The sessions.
        metrics: The counters behind `/metrics`.
        is_stopping: The server is shutting down and reports itself as unhealthy.
    """

    config: ServeConfig
    sessions: Sessions
    metrics: Metrics
    is_stopping: bool = False


class ApiCall(NamedTuple, Generic[BodyModel]):
    """A request to a route, as its handler takes it.

    Attributes:
        context: The server's state.
        request: The request.
        variables: The values of the variables in its path.
        body: Its body, if the route has a model of it.
    """

    context: Context
    request: Request
    variables: Mapping[str, str]
    body: BodyModel
