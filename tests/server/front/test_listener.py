"""The listener accepts a limited number of connections, and survives refusals by the system."""

import errno
import re
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
BODY = b"Host: localhost\r\nContent-Length: 9\r\n\r\n{"
MCP = (
    b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize("held", [b"", HEALTH[:10], MCP, b"POST /reset HTTP/1.1\r\n" + BODY])
def test_peers_that_only_wait_take_no_place_from_others(
    start: Start, monkeypatch: pytest.MonkeyPatch, held: bytes
) -> None:
    monkeypatch.setattr(listener, "SPARE_THREADS", 2)
    monkeypatch.setattr(listener, "KEPT_THREADS", 0)
    ways = start(max_sessions=2)
    with ways.talk() as player, ExitStack() as stack:
        say(player, "reset", obs_type="ram")
        for _ in range(12):
            connection = socket.create_connection(ways.address, timeout=30)
            stack.enter_context(connection)
            connection.sendall(held)
            assert ways.send(HEALTH).startswith(b"HTTP/1.1 200 ")
            assert say(player, "step", action_id=0)["type"] == "observation"
        assert len(ways.server._listener.places) <= 4
        with ways.talk() as other:
            assert say(other, "state")["type"] == "state"


def test_if_all_places_are_in_use_the_kept_ones_answer_what_only_reads(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "SPARE_THREADS", 0)
    monkeypatch.setattr(listener, "KEPT_THREADS", 1)
    ways = start(max_sessions=1)
    with ways.talk() as player:
        say(player, "reset", obs_type="ram")
        assert ways.send(HEALTH).startswith(b"HTTP/1.1 200 ")
        for request in (b"POST /reset", b"GET /state", b"DELETE /sessions/none"):
            reply = ways.send(request + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert reply.startswith(b"HTTP/1.1 503 ")
            assert b"Retry-After: 1\r\n" in reply
            assert reply.endswith(b'\r\n\r\n{"detail":"too many connections at once"}')
        assert ways.send(MCP).startswith(b"HTTP/1.1 503 ")
        assert say(player, "step", action_id=0)["type"] == "observation"


def test_a_newcomer_is_refused_if_even_the_kept_places_are_in_use(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "SPARE_THREADS", 0)
    monkeypatch.setattr(listener, "KEPT_THREADS", 0)
    ways = start(max_sessions=1)
    with ways.talk() as player:
        say(player, "state")
        reply = ways.send(HEALTH)
        assert reply.startswith(b"HTTP/1.1 503 ")
        assert reply.endswith(b'\r\n\r\n{"detail":"too many connections at once"}')
    assert until(lambda: not ways.server._listener.connections)
    assert until(lambda: ways.send(HEALTH).startswith(b"HTTP/1.1 200 "))


def test_the_server_survives_if_no_thread_can_be_started(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    places = ways.server._listener.places
    with monkeypatch.context() as patch:
        patch.setattr("socketserver.threading.Thread.start", refuse)
        for _ in range(3):
            assert ways.send(HEALTH).startswith(b"HTTP/1.1 503 ")
    assert ways.send(HEALTH).startswith(b"HTTP/1.1 200 ")
    assert until(lambda: not len(places))


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

    places = ways.server._listener.places
    with monkeypatch.context() as patch:
        patch.setattr("atari_cli.server.front.connection.Connection.handle", fail)
        assert ways.send(b"") == b""
        assert until(lambda: "a connection failed" in caplog.text)
    assert until(lambda: not len(places))
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
    with socket.socket() as other, pytest.raises(OSError) as refused:
        other.bind(("127.0.0.1", port))
    reason = refused.value.strerror  # Windows words it in another way
    expected = f"cannot listen on 127.0.0.1:{port}: {reason}; choose another host"
    with pytest.raises(ServerError, match=re.escape(expected)):
        start(port=port)


def test_no_second_program_can_listen_on_a_part_of_the_address_on_windows(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without this option, a server on 0.0.0.0 would start while another has 127.0.0.1.
    option = socket.SO_KEEPALIVE  # one that this system has, too
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", option, raising=False)
    listening = start().server._listener.socket
    assert listening.getsockopt(socket.SOL_SOCKET, option)


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
