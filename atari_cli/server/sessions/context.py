"""Server-wide state shared by all requests."""

from dataclasses import dataclass

from atari_cli.config import ServeConfig
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions


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
