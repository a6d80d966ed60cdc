"""The listener accepts a limited number of connections, and survives refusals by the system."""

import errno
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from threading import Thread
from time import monotonic

import pytest

from atari_cli.config import ServeConfig
from atari_cli.errors import ServerError
from atari_cli.server.front import listener
from atari_cli.server.front.listener import _find_address
from tests.server.conftest import Start, Ways, say, until

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def test_too_many_connections_are_refused_until_others_end(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "SPARE_THREADS", 2)
    ways = start(max_sessions=1)
    with ExitStack() as stack:
        for _ in range(3):
            connection = socket.create_connection(ways.address, timeout=30)
            stack.enter_context(connection)
            connection.sendall(HEALTH[:10])
        assert until(lambda: len(ways.server._listener.connections) == 3)
        reply = ways.send(HEALTH)
        assert reply.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1\r\n" in reply
        assert reply.endswith(b'\r\n\r\n{"detail":"too many connections at once"}')
    assert until(lambda: not ways.server._listener.connections)
    assert until(lambda: ways.send(HEALTH).startswith(b"HTTP/1.1 200 "))


def test_the_server_survives_if_no_thread_can_be_started(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    places = ways.server._listener._places._value
    with monkeypatch.context() as patch:
        patch.setattr("socketserver.threading.Thread.start", refuse)
        for _ in range(3):
            assert ways.send(HEALTH).startswith(b"HTTP/1.1 503 ")
    assert ways.send(HEALTH).startswith(b"HTTP/1.1 200 ")
    assert until(lambda: ways.server._listener._places._value == places)


def test_the_server_survives_a_lack_of_file_descriptors_without_spinning(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    accept = ways.server._listener.socket.accept

    class Scarce:
        """The listener's socket while the process cannot open more files."""

        def __getattr__(self, name: str) -> object:
            return getattr(listening, name)

        def accept(self) -> object:
            nonlocal calls
            calls += 1
            if calls < 4:
                raise OSError(errno.EMFILE, "Too many open files")
            return accept()

    listening = ways.server._listener.socket
    monkeypatch.setattr(listener, "SCARCE_SECONDS", 0.05)
    monkeypatch.setattr(ways.server._listener, "socket", Scarce())
    started = monotonic()
    assert ways.send(HEALTH).startswith(b"HTTP/1.1 200 ")
    assert monotonic() - started > 0.14
    assert calls == 4


def test_an_error_in_a_connections_thread_is_logged_and_frees_its_place(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(handler: object) -> None:
        raise ZeroDivisionError

    places = ways.server._listener._places._value
    with monkeypatch.context() as patch:
        patch.setattr("atari_cli.server.front.connection.Connection.handle", fail)
        assert ways.send(b"") == b""
        assert until(lambda: "a connection failed" in caplog.text)
    assert until(lambda: ways.server._listener._places._value == places)
    assert ways.send(HEALTH).startswith(b"HTTP/1.1 200 ")


def test_concurrent_requests_for_one_session_are_served_in_turn(ways: Ways) -> None:
    ways.ask("POST", "/reset", {"obs_type": "ram"})

    def play(_: int) -> int:
        connection = HTTPConnection(*ways.address, timeout=30)
        connection.request("POST", "/step", b'{"action": {"action_id": 0}}')
        body = connection.getresponse().read()
        connection.close()
        return int(body.partition(b'"frame_number":')[2].partition(b",")[0])

    with ThreadPoolExecutor(8) as pool:
        frames = sorted(pool.map(play, range(24)))
    assert frames == list(range(4, 100, 4))


def test_two_servers_are_independent(start: Start) -> None:
    one, other = start(max_sessions=1), start(max_sessions=1, token="t")
    with one.talk() as socket_:
        say(socket_, "state")
        assert (len(one.server.sessions), len(other.server.sessions)) == (1, 0)
        assert other.ask("GET", "/metadata").status == 401
        other.server.stop()
        assert say(socket_, "state")["type"] == "state"


def test_the_error_for_a_port_in_use_says_what_to_do(start: Start) -> None:
    _, port = start().address
    expected = f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another host"
    with pytest.raises(ServerError, match=expected):
        start(port=port)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "1.2.3.4", "a" * 70])
def test_a_host_that_is_not_this_machine_is_an_error(start: Start, host: str) -> None:
    with pytest.raises(ServerError, match=f"cannot listen on {host}:0: "):
        start(host=host, allow_unauthenticated=True)


def test_the_server_can_listen_on_ipv6(start: Start) -> None:
    if not socket.has_ipv6 or not _can_listen_on_ipv6():
        pytest.skip("this machine has no IPv6")
    ways = start(host="::1")
    assert ways.server.url.startswith("http://[::1]:")
    with socket.create_connection(("::1", int(ways.server.url.rpartition(":")[2]))) as connection:
        connection.sendall(HEALTH)
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


def _can_listen_on_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_the_ipv4_address_of_a_host_name_is_preferred() -> None:
    assert _find_address("localhost", 80) == (socket.AF_INET, ("127.0.0.1", 80))


def test_the_url_has_the_real_port(start: Start) -> None:
    host, port = start().address
    assert host == ServeConfig.host
    assert port > 0
