"""A server starts, serves, and ends cleanly, whatever happens in the meantime."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.client import HTTPConnection
from time import monotonic

import pytest

from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.server import Server, serve
from atari_cli.server.sessions.register import Sessions
from tests.server.conftest import Start, closed_with, say, until

QUICK = 5.0  # 1.5 s are promised; a loaded machine gets more


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    started = monotonic()
    yield
    assert monotonic() - started < seconds


def test_stopping_ends_all_sessions_and_connections(start: Start) -> None:
    ways = start()
    ways.ask("POST", "/reset", {"obs_type": "ram"})
    with ways.talk() as first, ways.talk("/mcp") as second:
        say(first, "reset", obs_type="ram")
        with at_most(QUICK):
            ways.server.stop()
            ways.server.stop()
        assert [closed_with(first), closed_with(second)] == [1012, 1012]
    assert len(ways.server.sessions) == 0
    with pytest.raises(OSError):
        socket.create_connection(ways.address, timeout=1).close()


def test_a_request_in_progress_is_answered_before_the_server_stops(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = start()
    ways.ask("POST", "/reset", {"obs_type": "ram"})
    (session,) = ways.server.sessions.all()
    assert session._environment is not None
    step, begun = session._environment.step, threading.Event()

    def after_the_listener(action: int, strength: float) -> object:
        begun.set()
        assert until(lambda: ways.server._listener.fileno() == -1)
        return step(action, strength)

    monkeypatch.setattr(session._environment, "step", after_the_listener)
    connection = HTTPConnection(*ways.address, timeout=30)
    connection.request("POST", "/step", '{"action": {"action_id": 0}}')
    assert begun.wait(30)
    ways.server.stop()
    response = connection.getresponse()
    assert (response.status, response.headers["Connection"]) == (200, "close")
    connection.close()


def test_stopping_does_not_wait_long_for_a_stuck_request(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = start()
    ways.ask("POST", "/reset", {"obs_type": "ram"})
    (session,) = ways.server.sessions.all()
    stuck, begun = threading.Event(), threading.Event()

    def never(action: int, strength: float) -> None:
        begun.set()
        stuck.wait(30)

    monkeypatch.setattr(session._environment, "step", never)
    with socket.create_connection(ways.address, timeout=30) as connection:
        body = b'{"action":{"action_id":0}}'
        connection.sendall(b"POST /step HTTP/1.1\r\nHost: a\r\nContent-Length: 26\r\n\r\n" + body)
        assert begun.wait(30)
        with at_most(QUICK):
            ways.server.stop()
        assert connection.recv(100) == b""
    stuck.set()


def test_the_server_ends_idle_sessions_automatically(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    reap, failed = Sessions.reap, threading.Event()

    def fail_once(sessions: Sessions, now: float) -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("an emulator does not close")
        reap(sessions, now)

    monkeypatch.setattr(Sessions, "reap", fail_once)
    monkeypatch.setattr(sys.modules[Server.__module__], "_TICK_SECONDS", 0.02)
    ways = start(idle_timeout=0.05)
    assert ways.ask("POST", "/sessions").status == 201
    assert until(lambda: not len(ways.server.sessions))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("is_ignored", [False, True])
def test_a_signal_stops_the_server_and_its_handlers_are_restored(
    number: signal.Signals, is_ignored: bool
) -> None:
    with ignored(number) if is_ignored else nullcontext():
        check_that_it_stops_at(number)


@pytest.mark.posix("raises SIGHUP")
def test_a_server_ends_with_its_terminal_unless_nohup_started_it() -> None:
    check_that_it_stops_at(signal.SIGHUP)

    def ready(url: str) -> None:
        signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.raise_signal(signal.SIGTERM)

    with ignored(signal.SIGHUP):
        serve(ServeConfig(port=0), EnvironmentConfig(), ready)


@contextmanager
def ignored(number: signal.Signals) -> Iterator[None]:
    """Ignore a signal, as the shell of a script does for Ctrl-C after `&`."""
    earlier = signal.signal(number, signal.SIG_IGN)
    yield
    signal.signal(number, earlier)


def check_that_it_stops_at(number: signal.Signals) -> None:
    before = [signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)]
    urls: list[str] = []

    def ready(url: str) -> None:
        urls.append(url)
        signal.raise_signal(number)

    with at_most(QUICK):
        serve(ServeConfig(port=0), EnvironmentConfig(), ready)
    assert len(urls) == 1
    assert [signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)] == before


def test_the_limit_of_open_files_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits: list[int] = []

    def ready(url: str) -> None:
        limits.append(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        signal.raise_signal(signal.SIGTERM)

    try:
        serve(ServeConfig(port=0), EnvironmentConfig(), ready)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert limits == [hard]


@pytest.mark.parametrize(
    ("hard", "most", "expected"),
    [
        ("infinity", 10_240, 10_240),  # macOS refuses more, and an infinite limit
        (20_000, 10_240, 10_240),
        (4096, 4096, 4096),
        (1 << 20, 1 << 20, 1 << 20),
    ],
)
def test_the_limit_of_open_files_is_the_highest_that_the_system_takes(
    monkeypatch: pytest.MonkeyPatch, hard: int | str, most: int, expected: int
) -> None:
    resource = pytest.importorskip("resource")
    hard = resource.RLIM_INFINITY if hard == "infinity" else hard
    limits: list[int] = []

    def set_limit(which: int, wanted: tuple[int, int]) -> None:
        soft, kept = wanted
        assert kept == hard
        if not 0 <= soft <= most:
            raise ValueError("current limit exceeds maximum limit")
        limits.append(soft)

    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, hard))
    monkeypatch.setattr(resource, "setrlimit", set_limit)
    sys.modules[Server.__module__]._allow_many_connections()
    assert limits == [expected]
