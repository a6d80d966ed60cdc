"""The server's figures, as Prometheus reads them.

Names follow its conventions: base units, and `_total` for what only grows. No label has values
that a client can choose, such as a path or a session.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from atari_cli.version import __version__

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class Metrics:
    """Figures of one server, which several threads add to.

    Attributes:
        sent_bytes: Bytes of bodies and messages sent.
        ws_connections: Open WebSockets.
        sessions: Open sessions.
        most_sessions: The limit of these.
        rejections: Sessions refused because there were too many.
        reaped: Sessions ended because they were idle.
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        gauge, counter = partial(Gauge, registry=registry), partial(Counter, registry=registry)
        histogram = partial(Histogram, buckets=BUCKETS, registry=registry)
        build = gauge("atari_build_info", "Always 1; the label is the version.", ["version"])
        build.labels(__version__).set(1)
        requests = counter(
            "atari_http_requests_total",
            "HTTP requests by route, method and status.",
            ["route", "method", "code"],
        )
        durations = histogram(
            "atari_http_request_duration_seconds", "Time from a request to its reply.", ["route"]
        )
        messages = counter(
            "atari_ws_messages_total",
            "WebSocket messages by type and outcome.",
            ["type", "outcome"],
        )
        self.ws_connections = gauge("atari_ws_connections", "Open WebSockets.")
        self.sessions = gauge("atari_sessions_active", "Open sessions.")
        self.most_sessions = gauge("atari_sessions_max", "Sessions at most.")
        rejections = counter("atari_session_rejections_total", "Sessions refused.", ["reason"])
        self.rejections = rejections.labels("capacity")
        self.reaped = counter("atari_sessions_reaped_total", "Sessions ended for being idle.")
        self._env_steps = counter("atari_env_steps_total", "Steps played.")
        self.sent_bytes = counter("atari_sent_bytes_total", "Bytes of bodies and messages sent.")
        self._step_durations = histogram(
            "atari_env_step_duration_seconds", "Time to play the steps of a request."
        )
        ProcessCollector(registry=registry)
        # `labels` takes longer than counting does.
        self._requests, self._durations = cache(requests.labels), cache(durations.labels)
        self._messages = cache(messages.labels)

    def count_request(
        self, method: str, route: str, status: int, seconds: float, size: int
    ) -> None:
        """Count an HTTP request and its reply.

        Args:
            method: The method.
            route: The path of the route, with its variables in braces.
            status: The status of the reply.
            seconds: The time from the request to the reply.
            size: Bytes of the reply's body.
        """
        method = method if method in _METHODS else "other"
        self._requests(route, method, status).inc()
        self._durations(route).observe(seconds)
        self.sent_bytes.inc(size)

    def count_message(self, kind: str, outcome: str, size: int) -> None:
        """Count a WebSocket message and its reply.

        Args:
            kind: The type of the message.
            outcome: `ok`, or the code of an error.
            size: Bytes of the reply.
        """
        self._messages(kind, outcome).inc()
        self.sent_bytes.inc(size)

    def count_steps(self, count: int, seconds: float) -> None:
        """Count the steps of a request.

        Args:
            count: Number of steps.
            seconds: The time that they took, with the wait for the session.
        """
        self._step_durations.observe(seconds)
        self._env_steps.inc(count)

    def text(self) -> str:
        """Return every figure."""
        return generate_latest(_WithoutCreated(self._registry)).decode()


class _WithoutCreated(Collector):
    """The figures of a registry, without the series that hold when another began."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        for family in self._registry.collect():
            family.samples = [one for one in family.samples if not one.name.endswith("_created")]
            yield family
