"""The server's figures, as Prometheus reads them.

Names follow its conventions: base units, and `_total` for what only grows. No label has values
that a client can choose, such as a path or a session.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from time import perf_counter
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from atari_cli.server.sessions.register import Sessions
from atari_cli.version import __version__

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class Metrics:
    """Figures of one server, which several threads add to.

    Attributes:
        env_steps: Steps played.
        sent_bytes: Bytes of bodies and messages sent.
        ws_connections: Open WebSockets.
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        build = Gauge(
            "atari_build_info",
            "Always 1; the label is the version.",
            ["version"],
            registry=registry,
        )
        build.labels(__version__).set(1)
        requests = Counter(
            "atari_http_requests_total",
            "HTTP requests by route, method and status.",
            ["route", "method", "code"],
            registry=registry,
        )
        durations = Histogram(
            "atari_http_request_duration_seconds",
            "Time from a request to its reply.",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        )
        messages = Counter(
            "atari_ws_messages_total",
            "WebSocket messages by type and outcome.",
            ["type", "outcome"],
            registry=registry,
        )
        self.ws_connections = Gauge("atari_ws_connections", "Open WebSockets.", registry=registry)
        self.env_steps = Counter("atari_env_steps_total", "Steps played.", registry=registry)
        self.sent_bytes = Counter(
            "atari_sent_bytes_total", "Bytes of bodies and messages sent.", registry=registry
        )
        self._step_durations = Histogram(
            "atari_env_step_duration_seconds",
            "Time to play the steps of a request.",
            buckets=BUCKETS,
            registry=registry,
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

    @contextmanager
    def steps(self, count: int = 1) -> Iterator[None]:
        """Count the steps that the block plays and time them, if it succeeds."""
        started = perf_counter()
        yield
        self._step_durations.observe(perf_counter() - started)
        self.env_steps.inc(count)

    def text(self, sessions: Sessions) -> str:
        """Return every figure, including those of the sessions."""
        return generate_latest(_Scrape(self._registry, sessions)).decode()


class _Scrape(Collector):
    """The content of `/metrics` at one time.

    Args:
        registry: The figures that are counted.
        sessions: Those that the register of sessions has anyway.
    """

    def __init__(self, registry: CollectorRegistry, sessions: Sessions) -> None:
        self._registry = registry
        self._sessions = sessions

    def collect(self) -> Iterator[Metric]:
        """Yield the families, without the series that hold when another began."""
        for family in self._registry.collect():
            family.samples = [one for one in family.samples if not one.name.endswith("_created")]
            yield family
        yield from self._session_figures()

    def _session_figures(self) -> Iterator[Metric]:
        sessions = self._sessions
        yield GaugeMetricFamily("atari_sessions_active", "Open sessions.", len(sessions))
        yield GaugeMetricFamily("atari_sessions_max", "Sessions at most.", sessions.most)
        rejections = CounterMetricFamily(
            "atari_session_rejections_total", "Sessions refused.", labels=["reason"]
        )
        rejections.add_metric(["capacity"], sessions.rejected)
        yield rejections
        reaped = "Sessions ended for being idle."
        yield CounterMetricFamily("atari_sessions_reaped_total", reaped, sessions.reaped)
