"""A head and its body arrive as one piece, however long they are."""

import socket
from threading import Thread

import pytest

from atari_cli.server.sending import send_parts


@pytest.mark.parametrize("size", [0, 1, 1000, 1 << 14, 3_000_000])
def test_what_arrives_is_head_and_body(size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        received = bytearray()

        def read() -> None:
            while part := theirs.recv(1 << 16):
                received.extend(part)

        reader = Thread(target=read)
        reader.start()
        send_parts(ours, b"head", memoryview(body))
        ours.shutdown(socket.SHUT_WR)
        reader.join()
    assert bytes(received) == b"head" + body


def test_a_peer_that_does_not_read_is_given_up() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.05)
        with pytest.raises(TimeoutError):
            send_parts(ours, b"head", bytes(50_000_000))
