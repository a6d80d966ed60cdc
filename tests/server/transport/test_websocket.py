"""WebSockets close correctly, whichever side closes them and whatever arrives."""

import json
import random
import socket as sockets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
from websockets.exceptions import ConnectionClosed

from atari_cli.server.transport import websocket
from tests.server.conftest import Start, Ways, closed_with, say, until

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
STATE = b'{"type":"state"}'


def frame(opcode: int, data: bytes, *, fin: bool = True, masked: bool = True) -> bytes:
    """Return a frame as a client sends it, masked with zeros."""
    length = struct.pack(">BH", 126, len(data)) if len(data) > 125 else bytes((len(data),))
    second = bytes((length[0] | 0x80 * masked,)) + length[1:]
    return bytes((0x80 * fin | opcode,)) + second + b"\0" * 4 * masked + data


@contextmanager
def raw(ways: Ways, *, buffer: int | None = None) -> Iterator[sockets.socket]:
    """Open a WebSocket by hand."""
    with sockets.socket() as connection:
        if buffer is not None:
            connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, buffer)
        connection.settimeout(30)
        connection.connect(ways.address)
        connection.sendall(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        assert head.startswith(b"HTTP/1.1 101 ")
        yield connection


@pytest.fixture(autouse=True)
def short_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the server from waiting for peers that do not close their side."""
    monkeypatch.setattr(websocket, "LINGER_SECONDS", 0.05)


def rest(connection: sockets.socket) -> bytes:
    return connection.makefile("rb").read()


def test_a_binary_frame_ends_the_connection(ways: Ways) -> None:
    with ways.talk() as socket:
        socket.send(b"\x00\x01")
        assert json.loads(socket.recv(timeout=30))["data"]["code"] == "SESSION_ERROR"
        assert closed_with(socket) == 1000


def test_text_that_is_not_utf_8_ends_the_connection(ways: Ways) -> None:
    with ways.talk() as socket:
        socket.send(b"\xff\xfe", text=True)
        assert closed_with(socket) == 1007


def test_an_overlong_message_ends_the_connection(ways: Ways) -> None:
    with ways.talk() as socket:
        with pytest.raises(ConnectionClosed):
            socket.send("x" * (17 << 20))
            socket.recv(timeout=30)
        assert socket.protocol.close_rcvd is None or socket.protocol.close_rcvd.code == 1009
    assert ways.ask("GET", "/health").status == 200


def test_fragments_make_one_message(ways: Ways) -> None:
    with ways.talk() as socket:
        socket.send(iter(['{"type"', ': "st', 'ate"}']))
        assert json.loads(socket.recv(timeout=30))["type"] == "state"


def test_stopping_closes_every_websocket(start: Start) -> None:
    ways = start()
    several = [ways.talk() for _ in range(3)]
    for socket in several:
        say(socket, "reset", obs_type="ram")
    ways.server.stop()
    assert [closed_with(socket) for socket in several] == [1012] * 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(1, STATE, masked=False), 1002),
        (frame(3, b""), 1002),
        (frame(0, b"alone"), 1002),
        (frame(1, b"a", fin=False) + frame(1, b"b"), 1002),
        (frame(9, b"x" * 200), 1002),
        (frame(1, b"\xc3", fin=False) + frame(0, b"\x28"), 1007),
    ],
)
def test_a_frame_that_violates_the_protocol_ends_the_connection(
    ways: Ways, data: bytes, code: int
) -> None:
    with raw(ways) as connection:
        connection.sendall(data)
        assert struct.pack(">H", code) in rest(connection)
    assert until(lambda: not len(ways.server.sessions))


def test_a_frame_may_arrive_byte_by_byte_and_with_the_head(ways: Ways) -> None:
    with sockets.create_connection(ways.address, timeout=30) as connection:
        data = frame(1, STATE)
        connection.sendall(UPGRADE + data[:3])
        for byte in data[3:]:
            connection.sendall(bytes((byte,)))
        connection.sendall(frame(1, b'{"type":"close"}'))
        assert b'"type":"state"' in rest(connection)


def test_the_total_size_of_fragments_is_limited(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "MAX_MESSAGE_BYTES", 1000)
    with raw(ways) as connection:
        connection.sendall(frame(1, b"x" * 400, fin=False) + frame(0, b"x" * 400, fin=False))
        connection.sendall(frame(0, b"x" * 400))
        assert struct.pack(">H", 1009) in rest(connection)
    assert ways.ask("GET", "/health").status == 200


def test_the_size_of_a_decompressed_message_is_limited(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "MAX_MESSAGE_BYTES", 100_000)
    monkeypatch.setattr("atari_cli.server.transport.client.is_loopback", lambda host: False)
    with ways.talk(compression="deflate") as socket:
        socket.send("x" * 200_000)
        assert closed_with(socket) == 1009


def test_a_connection_broken_within_a_frame_frees_its_place(ways: Ways) -> None:
    with raw(ways) as connection:
        assert until(lambda: len(ways.server.sessions) == 1)
        connection.sendall(frame(1, STATE)[:5])
    assert until(lambda: not len(ways.server.sessions))


def test_a_peer_that_does_not_answer_pings_is_dropped(start: Start) -> None:
    ways = start(ping_interval=0.05, ping_timeout=0.05)
    with raw(ways) as silent:
        assert until(lambda: len(ways.server.sessions) == 1)
        assert silent.recv(2) == b"\x89\x00"
        assert until(lambda: not len(ways.server.sessions))


def test_a_peer_has_the_time_to_answer_a_ping_that_the_option_gives_it(start: Start) -> None:
    ways = start(ping_interval=0.05, ping_timeout=600.0)
    with raw(ways) as silent:
        assert silent.recv(2) == b"\x89\x00"
        silent.settimeout(0.3)
        with pytest.raises(TimeoutError):  # it is neither pinged again nor dropped
            silent.recv(2)
        silent.sendall(frame(1, STATE))
        assert silent.recv(100).startswith(b"\x81")


def test_a_peer_that_answers_pings_stays_connected(start: Start) -> None:
    ways = start(ping_interval=0.05)
    with raw(ways) as connection:
        for _ in range(4):
            assert connection.recv(2) == b"\x89\x00"
            connection.sendall(frame(10, b""))
        connection.sendall(frame(1, STATE))
        assert connection.recv(100).startswith(b"\x81")


def test_a_client_that_stops_reading_is_dropped_and_others_continue(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "WRITE_SECONDS", 0.3)
    with ways.talk() as other, raw(ways, buffer=4096) as stalled:
        say(other, "reset", obs_type="ram")
        reset = json.dumps({"type": "reset", "data": {"seed": 1}}).encode()
        stalled.sendall(frame(1, reset) * 60)  # 24 MB of replies
        assert until(lambda: len(ways.server.sessions) == 2)
        while len(ways.server.sessions) == 2:
            assert say(other, "step", action_id=0)["type"] == "observation"
        assert len(ways.server.sessions) == 1


def test_a_client_that_reads_too_slowly_is_dropped(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "WRITE_SECONDS", 0.3)
    with raw(ways, buffer=4096) as slow:
        reset = json.dumps({"type": "reset", "data": {"seed": 1}}).encode()
        slow.sendall(frame(1, reset) * 60)
        assert until(lambda: len(ways.server.sessions) == 1)
        assert until(lambda: not slow.recv(2000) or not len(ways.server.sessions))
        assert not len(ways.server.sessions)


def test_stopping_does_not_wait_for_a_client_that_stopped_reading(start: Start) -> None:
    ways = start()
    with ways.talk() as other, raw(ways, buffer=4096) as stalled:
        say(other, "state")
        reset = json.dumps({"type": "reset", "data": {"seed": 1}}).encode()
        stalled.sendall(frame(1, reset) * 60)
        assert until(lambda: len(ways.server.sessions) == 2)
        say(other, "state")
        started = monotonic()
        ways.server.stop()
        assert monotonic() - started < 5
        assert closed_with(other) == 1012


def test_many_short_connections_leave_no_place_occupied(ways: Ways) -> None:
    for count in range(60):
        with raw(ways) as connection:
            if count % 3 == 0:
                connection.sendall(frame(1, STATE))
            if count % 3 == 1:
                connection.setsockopt(
                    sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0)
                )
    assert until(lambda: not len(ways.server.sessions))


def test_random_bytes_on_a_websocket_do_no_harm(ways: Ways) -> None:
    chance = random.Random(2)
    with ways.talk() as other:
        for size in (1, 10, 100, 10_000):
            with raw(ways) as connection:
                connection.sendall(chance.randbytes(size))
                connection.shutdown(sockets.SHUT_WR)
                rest(connection)
        assert say(other, "state")["type"] == "state"
    assert until(lambda: not len(ways.server.sessions))
