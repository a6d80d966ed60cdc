"""The cost of sessions of `atari serve`: bytes on the wire, memory and waiting times."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from statistics import fmean
from time import perf_counter
from typing import IO, Any

import numpy as np
from websockets.sync.client import ClientConnection, connect

from atari_cli.environment import AtariEnvironment
from atari_cli.wire.atari_v1 import SUBPROTOCOL, unpack_message
from benchmarks.report import Row
from benchmarks.serve.servers import Served, ours
from benchmarks.timing import Effort

_GAMES = ("pong", "breakout", "ms_pacman")
_MOST = 1 << 20  # maximum bytes of a screen


def wire_bytes(effort: Effort) -> list[Row]:
    """Count the bytes of replies to steps, and compare each screen with the correct one."""
    rows = []
    for game in _GAMES:
        sizes = _sizes(game, effort.pick(1000, 30))
        figures = {"zlib": [fmean(sizes)], "most": [float(max(sizes))]}
        what = f"bytes per RGB step, compressed `atari.v1`, {game}"
        rows.append(Row(what, fmean(sizes), 1500, figures, "bytes", unit="bytes", at_most=True))
    return rows


def many_sessions(effort: Effort) -> list[Row]:
    """Measure the memory of sessions that all step at once; none may fail. Linux only."""
    sessions, steps = effort.pick(256, 16), effort.pick(20, 2)
    with ours() as server:
        with _crowd(server, 1, steps) as done:
            done.wait()
            alone = server.resident()
        with _crowd(server, sessions, steps) as done:
            done.wait()
            together = server.resident()
    each = (together - alone) / (sessions - 1)
    figures = {"1 session": [alone], f"{sessions} sessions": [together]}
    what = f"memory per extra session, {sessions} stepping at once"
    return [Row(what, each, 2, figures, "MB", unit="MB", at_most=True)]


def longest_stall(effort: Effort) -> list[Row]:
    """Measure the slowest reply to one session while others open, reset and step."""
    others = effort.pick(64, 4)
    stalls, calm = [], []
    for _ in range(effort.repeats):
        with ours() as server, opened(server) as socket:
            calm.append(max(step_time(socket) for _ in range(100)))
            stalls.append(_slowest_step(server, socket, others))
    value = sorted(stalls)[len(stalls) // 2]
    what = f"longest stall of a stepping session while {others} others open"
    figures = {"while they open": stalls, "before": calm}
    return [Row(what, value, 250, figures, "ms", unit="ms", at_most=True)]


def _sizes(game: str, steps: int) -> list[int]:
    """Return the size of the reply to each step, after comparing its pixels."""
    draw, sizes = Random(0), []
    path = "/ws?compression=zlib"
    with (
        ours(game) as server,
        _socket(server, path, subprotocols=[SUBPROTOCOL]) as socket,
        AtariEnvironment(game) as environment,
    ):
        result = environment.reset(seed=0)
        header, _ = unpack_message(_ask(socket, "reset", seed=0), _MOST)
        palette = np.array(header["data"]["episode"]["palette"], np.uint8)
        for _ in range(steps):
            if result.done:
                result = environment.reset(seed=0)
                _ask(socket, "reset", seed=0)
            action = draw.randrange(len(environment.action_codes))
            result = environment.step(action)
            message = _ask(socket, "step", action_id=action)
            sizes.append(len(message) + (2 if len(message) < 126 else 4))  # with the frame's head
            indices = np.frombuffer(unpack_message(message, _MOST)[1], np.uint8)
            pixels = palette[indices].reshape(result.observation.pixels.shape)
            if not np.array_equal(pixels, result.observation.pixels):
                raise RuntimeError("a screen is not the same as in-process")
    return sizes


def _slowest_step(server: Served, socket: ClientConnection, others: int) -> float:
    """Return the longest time of a step, in ms, while others open."""
    slowest = 0.0
    with _crowd(server, others, 1) as done:
        while not done.is_set():
            slowest = max(slowest, step_time(socket))
    return slowest


def step_time(socket: ClientConnection) -> float:
    """Return the time of a step of a session, in ms."""
    started = perf_counter()
    _ask(socket, "step", action_id=0)
    return 1000 * (perf_counter() - started)


def _ask(socket: ClientConnection, kind: str, **data: object) -> bytes:
    socket.send(json.dumps({"type": kind, "data": data}))
    return socket.recv(timeout=60, decode=False)


@contextmanager
def opened(server: Served) -> Iterator[ClientConnection]:
    """Open a session with an episode that no limit of frames ends."""
    with _socket(server) as socket:
        _ask(socket, "reset", seed=0, max_frames=0)
        yield socket


@contextmanager
def _socket(server: Served, path: str = "/ws", **options: Any) -> Iterator[ClientConnection]:
    url = server.url.replace("http", "ws", 1) + path
    with connect(url, compression=None, max_size=None, **options) as socket:
        yield socket


@contextmanager
def _crowd(server: Served, sessions: int, steps: int) -> Iterator[threading.Event]:
    """Open sessions from another process; the event is set when all have played their steps."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.serve.crowd",
        server.url,
        str(sessions),
        str(steps),
    ]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    done = threading.Event()
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdin and process.stdout
        reader = threading.Thread(target=_wait_for_line, args=(process.stdout, done))
        reader.start()
        yield done
        reader.join()
        process.stdin.close()
    if process.returncode:
        raise RuntimeError("one of many sessions failed")


def _wait_for_line(stdout: IO[str], done: threading.Event) -> None:
    stdout.readline()
    done.set()
