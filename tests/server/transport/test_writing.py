"""A head and its body arrive as one piece, however long they are."""

import socket
from contextlib import suppress
from itertools import count
from threading import Thread
from typing import Any

import pytest

from atari_cli.server.transport.writing import send_pieces


@pytest.mark.parametrize("size", [0, 1, 1000, 1 << 14, 3_000_000])
def test_head_and_body_arrive_completely(size: int) -> None:
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
        send_pieces(ours, (b"head", memoryview(body)), 30)
        ours.shutdown(socket.SHUT_WR)
        reader.join()
    assert bytes(received) == b"head" + body


def test_writing_to_a_peer_that_does_not_read_times_out() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        send_pieces(ours, (b"head", bytes(50_000_000)), 0.05)


def test_a_peer_that_reads_slowly_gets_no_more_time() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def read_a_little() -> None:
            # Its end is an error on Windows.
            with suppress(BrokenPipeError):
                while theirs.recv(10):
                    pass

        reader = Thread(target=read_a_little)
        reader.start()
        with pytest.raises(TimeoutError):
            send_pieces(ours, [bytes(1 << 20)] * 1000, 0.05)
        ours.shutdown(socket.SHUT_WR)
        theirs.shutdown(socket.SHUT_RDWR)
        reader.join()


def test_progress_after_the_deadline_does_not_extend_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(socket.socket):
        def sendmsg(self, pieces: Any, *more: Any) -> int:
            return 1

    monkeypatch.setattr(
        "atari_cli.server.transport.writing.monotonic", count().__next__
    )  # a second per call
    with Slow() as connection, pytest.raises(TimeoutError):
        send_pieces(connection, (bytes(1 << 17),), 5)


def test_more_pieces_than_one_call_accepts_can_be_sent() -> None:
    ours, theirs = socket.socketpair()
    pieces = [bytes((number % 256,)) * 3 for number in range(5000)]
    with ours, theirs:
        writer = Thread(target=send_pieces, args=(ours, pieces, 30))
        writer.start()
        received = b""
        while len(received) < 15_000:
            received += theirs.recv(4096)
        writer.join()
    assert received == b"".join(pieces)
