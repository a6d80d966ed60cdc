"""What the server counts, as Prometheus reads it.

Names are those of its conventions: base units, `_total` on what only grows. No label has values
that a client can choose, such as a path or a session.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from atari_cli.server.sessions.register import Sessions
from atari_cli.version import __version__

Labels = tuple[tuple[str, str | int], ...]

FAMILIES: Final = {
    "atari_build_info": ("gauge", "Always 1; the label has the version."),
    "atari_http_requests_total": ("counter", "HTTP requests by route, method and status."),
    "atari_http_request_duration_seconds": ("histogram", "Time from a request to its reply."),
    "atari_ws_messages_total": ("counter", "WebSocket messages by type and outcome."),
    "atari_ws_connections": ("gauge", "WebSockets that are open."),
    "atari_sessions_active": ("gauge", "Sessions that there are."),
    "atari_sessions_max": ("gauge", "Sessions that there may be."),
    "atari_session_rejections_total": ("counter", "Sessions that were refused."),
    "atari_sessions_reaped_total": ("counter", "Sessions that were ended for being idle."),
    "atari_env_steps_total": ("counter", "Steps that were played."),
    "atari_env_step_duration_seconds": ("histogram", "Time to play a request's steps."),
    "atari_sent_bytes_total": ("counter", "Bytes of bodies and messages that were sent."),
}
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class Metrics:
    """Figures that several threads add to."""

    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, Labels], float] = defaultdict(int)
        self._times: dict[tuple[str, Labels], _Histogram] = {}
        self._lock = threading.Lock()

    def count(self, name: str, amount: float = 1, **labels: str | int) -> None:
        """Add to a counter or gauge."""
        with self._lock:
            self._values[name, tuple(labels.items())] += amount

    def observe(self, name: str, seconds: float, **labels: str | int) -> None:
        """Add a time to a histogram."""
        with self._lock:
            self._times.setdefault((name, tuple(labels.items())), _Histogram()).add(seconds)

    def count_request(
        self, method: str, route: str, status: int, seconds: float, size: int
    ) -> None:
        """Count an HTTP request and its reply."""
        method = method if method in _METHODS else "other"
        self.count("atari_http_requests_total", route=route, method=method, code=status)
        self.observe("atari_http_request_duration_seconds", seconds, route=route)
        self.count("atari_sent_bytes_total", size)

    def count_message(self, kind: str, outcome: str, size: int) -> None:
        """Count a message of a WebSocket and its reply."""
        self.count("atari_ws_messages_total", type=kind, outcome=outcome)
        self.count("atari_sent_bytes_total", size)

    @contextmanager
    def steps(self, count: int = 1) -> Iterator[None]:
        """Count the steps that the block plays, and how long it takes, if it succeeds."""
        started = perf_counter()
        yield
        seconds = perf_counter() - started
        self.count("atari_env_steps_total", count)
        self.observe("atari_env_step_duration_seconds", seconds)

    def text(self, sessions: Sessions) -> str:
        """Return every figure, one a line, and above each family what it is."""
        lines: list[str] = []
        with self._lock:
            values = {**self._values, **_figures(sessions)}
            for name, (kind, what) in FAMILIES.items():
                lines += [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]
                for (family, labels), value in sorted(values.items()):
                    if family == name:
                        lines.append(f"{name}{_braces(labels)} {value}")
                for (family, labels), histogram in sorted(self._times.items(), key=lambda x: x[0]):
                    if family == name:
                        lines += histogram.lines(name, labels)
        return "\n".join(lines) + "\n"


class _Histogram:
    """How many times there were up to each bound, and their sum."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BUCKETS, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str, labels: Labels) -> Iterator[str]:
        total = 0
        for bound, count in zip((*BUCKETS, "+Inf"), self._counts, strict=True):
            total += count
            yield f"{name}_bucket{_braces((*labels, ('le', str(bound))))} {total}"
        yield f"{name}_sum{_braces(labels)} {self._sum:.6f}"
        yield f"{name}_count{_braces(labels)} {total}"


def _figures(sessions: Sessions) -> dict[tuple[str, Labels], float]:
    """Return the figures that nobody counts up, for they are there."""
    return {
        ("atari_build_info", (("version", __version__),)): 1,
        ("atari_sessions_active", ()): len(sessions),
        ("atari_sessions_max", ()): sessions.most,
        ("atari_session_rejections_total", (("reason", "capacity"),)): sessions.rejected,
        ("atari_sessions_reaped_total", ()): sessions.reaped,
    }


def _braces(labels: Labels) -> str:
    """Return labels as they stand behind a name; no value of ours needs an escape."""
    inside = ",".join(f'{name}="{value}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""
