"""A blocking WebSocket, and everything that a server may do to it."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from socket import AF_INET, SOCK_STREAM, create_server
from socket import socket as Socket
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from atari_cli.client import sync_socket
from atari_cli.client.address import address
from atari_cli.client.options import Pings
from atari_cli.client.sync_socket import SyncSocket
from atari_cli.errors import ConnectionLost, ReplyTimeout
from tests.client.conftest import deaf
from tests.server.conftest import until

Scripted = Callable[..., str]
SILENT = Pings(None, None)


def opened(url: str, most: int = 1 << 20, pings: Pings = SILENT) -> SyncSocket:
    return SyncSocket(address(url), 5, most, pings)


def test_texts_and_bytes_arrive_as_they_were_sent(scripted: Scripted) -> None:
    def script(server: ServerConnection) -> None:
        server.recv()
        server.send(["a", "b", "ç"])
        server.send(b"\x00" * 300_000)
        server.recv()

    socket = opened(scripted(script))
    assert socket.subprotocol is None
    assert socket.ask((b"x",), 5) == "abç"
    assert socket.ask((b"x",), 5) == b"\x00" * 300_000
    socket.close(b"bye")
    socket.close(b"bye")


def test_pings_are_answered_between_requests(scripted: Scripted) -> None:
    answered = threading.Event()

    def script(server: ServerConnection) -> None:
        pong = server.ping()
        assert pong.wait(5)
        answered.set()
        server.recv()

    socket = opened(scripted(script))
    while not answered.wait(0.01):
        socket.tend()
    socket.close(b"bye")


def test_pings_are_sent_between_requests(scripted: Scripted) -> None:
    heard = threading.Event()

    def script(server: ServerConnection) -> None:
        receive = server.protocol.receive_data

        def listen(data: bytes) -> None:
            if data[:1] == b"\x89":  # a whole ping
                heard.set()
            receive(data)

        server.protocol.receive_data = listen  # type: ignore[assignment]
        server.recv()

    socket = opened(scripted(script), pings=Pings(0.01, None))
    assert heard.wait(5)
    socket.close(b"bye")


def test_a_server_that_replies_to_no_ping_is_lost(scripted: Scripted) -> None:
    ended = threading.Event()

    def script(server: ServerConnection) -> None:
        server.recv()
        server.send("y")
        with deaf(server):
            ended.wait(10)

    socket = opened(scripted(script), pings=Pings(0.01, 0.01))
    assert socket.ask((b"x",), 5) == "y"
    until(lambda: not socket.is_open())
    with pytest.raises(ConnectionLost):
        socket.ask((b"x",), 5)
    ended.set()


def test_a_missing_reply_is_a_timeout(scripted: Scripted) -> None:
    def script(server: ServerConnection) -> None:
        for _ in server:
            pass

    socket = opened(scripted(script))
    with pytest.raises(ReplyTimeout, match=r"within 0\.01 s"):
        socket.ask((b"x",), 0.01)
    socket.drop()


def test_a_message_sent_before_the_close_is_read(scripted: Scripted) -> None:
    def script(server: ServerConnection) -> None:
        server.send("no room")

    socket = opened(scripted(script))
    assert socket.is_open()
    assert socket.ask((b"x",), 5) == "no room"
    with pytest.raises(ConnectionLost, match=r"reset\(\) starts another"):
        socket.ask((b"x",), 5)
    assert not socket.is_open()
    socket.drop()


def test_an_overlong_message_ends_the_connection(scripted: Scripted) -> None:
    def script(server: ServerConnection) -> None:
        server.recv()
        server.send("x" * 2000)

    socket = opened(scripted(script), most=1000)
    with pytest.raises(ConnectionLost, match="1009"):
        socket.ask((b"x",), 5)
    socket.drop()


def test_messages_are_compressed_if_both_sides_agree(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(server: ServerConnection) -> None:
        assert server.protocol.extensions
        server.recv()
        server.send("x" * 2000)

    place = address(scripted(script))._replace(is_local=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    socket = SyncSocket(place, 5, 1 << 20, SILENT)
    assert socket.ask((b"x",), 5) == "x" * 2000
    socket.close(b"bye")


def test_an_unusable_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "socks5://proxy.example:1")
    with pytest.raises(ConnectionLost, match=r"socks5://proxy\.example"):
        opened("http://games.example")


def test_a_server_without_websockets_is_an_error(scripted: Scripted) -> None:
    def refuse(server: ServerConnection, request: Any) -> Any:
        return server.respond(404, "nothing here\n")

    url = scripted(lambda server: None, process_request=refuse)
    with pytest.raises(ConnectionLost, match=r"nothing here \(HTTP 404\); is the base_url"):
        opened(url)


def test_a_refusal_is_read_even_if_the_server_keeps_the_connection_open() -> None:
    with create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone")
                while connection.recv(1000):  # until the client hangs up
                    pass

        server = threading.Thread(target=refuse)
        server.start()
        with pytest.raises(ConnectionLost, match=r"none \(HTTP 404\)"):
            opened(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server.join()


@pytest.mark.posix("fills a queue of connections, which Windows refuses beyond it")
def test_a_second_address_is_tried_while_the_first_is_silent(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full queue of connections is as silent as an address that drops what it is sent."""
    url = scripted(lambda server: server.send("here"))
    with ExitStack() as stack:
        silent = stack.enter_context(create_server(("127.0.0.1", 0), backlog=0))
        while True:
            queued = stack.enter_context(Socket())
            queued.settimeout(0.2)
            try:
                queued.connect(silent.getsockname())
            except TimeoutError:
                break
        places = [silent.getsockname(), ("127.0.0.1", int(url.rpartition(":")[2]))]
        found = [(AF_INET, SOCK_STREAM, 0, "", place) for place in places]
        monkeypatch.setattr(sync_socket, "getaddrinfo", lambda *place, type: found)
        socket = opened(url)
        assert socket.ask((b"x",), 5) == "here"
        socket.drop()
        monkeypatch.setattr(sync_socket, "getaddrinfo", lambda *place, type: found[:1])
        with pytest.raises(ConnectionLost, match="timed out"):
            SyncSocket(address(url), 0.05, 1000, SILENT)


def test_an_address_that_refuses_is_followed_by_the_next(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = scripted(lambda server: server.send("here"))
    ports = (1, int(url.rpartition(":")[2]))
    found = [(AF_INET, SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in ports]
    monkeypatch.setattr(sync_socket, "getaddrinfo", lambda *place, type: found)
    socket = opened(url)
    assert socket.ask((b"x",), 5) == "here"
    socket.drop()
