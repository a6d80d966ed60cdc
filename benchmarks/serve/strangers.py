"""The delay that a peer which takes every place it can causes to others of `atari serve`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from time import perf_counter
from typing import Any

from websockets.sync.client import ClientConnection

from atari_cli.config import ServeConfig
from benchmarks.report import Row
from benchmarks.serve.servers import Served, ours
from benchmarks.serve.sessions import opened, step_time
from benchmarks.timing import Effort, Figures

_SOURCES = {"the same address": "127.0.0.1", "another address": "127.0.0.2"}
_MORE = 64  # than there are places


def beside_others(effort: Effort) -> list[Row]:
    """Measure `/health` and the steps of a session while a peer takes every place it can."""
    count = ServeConfig.max_sessions + _MORE
    rows = []
    for where, source in _SOURCES.items():
        with ours() as server, opened(server) as socket:
            calm = _times(server, socket, effort)
            with _stranger(server, source, count):
                times = _times(server, socket, effort)
        for what, each in times.items():
            text = f"99th percentile of {what} while a peer of {where} takes every place"
            value = sorted(each)[int(0.99 * len(each))]
            figures = {"with it": each, "before": calm[what]}
            rows.append(Row(text, value, 100, figures, "ms", unit="ms", at_most=True))
    return rows


def _times(server: Served, socket: ClientConnection, effort: Effort) -> Figures:
    """Return the times of requests and of steps, made in turn, in ms."""
    times: Figures = {"`/health`": [], "a step of a session": []}
    for _ in range(effort.pick(1000, 20)):
        times["`/health`"].append(_health_time(server))
        times["a step of a session"].append(step_time(socket))
    return times


def _health_time(server: Served) -> float:
    """Return the time from connecting to the reply, in ms."""
    started = perf_counter()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", "/health")
        if connection.getresponse().status != 200:
            raise RuntimeError("the server is not healthy")
    finally:
        connection.close()
    return 1000 * (perf_counter() - started)


@contextmanager
def _stranger(server: Served, source: str, count: int) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.serve.stranger", str(server.port), source]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*command, str(count)], text=True, **pipes) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()
        yield
        if process.poll() is not None:
            raise RuntimeError("the peer that takes every place has ended")
        process.stdin.close()
