"""Screens that are sent when the client is slow or gone."""

from functools import partial
from threading import Event, Lock
from typing import Any

from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.spectators import Snapshot
from atari_cli.server.sockets.screen_stream import MOST_UNSEEN, ScreenStream
from atari_cli.wire.atari_v1 import unpack_message
from tests.server.conftest import until
from tests.server.sessions.test_register import register, told


class Socket:
    """A connection that may stall or break."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.goes_on = Event()
        self.goes_on.set()
        self.replying = Lock()
        self.is_broken = self.is_aborted = False
        self.reason: str | None = None

    def send(self, pieces: Any, binary: bool = False) -> None:
        self.goes_on.wait(30)
        if self.is_broken:
            raise TimeoutError("the peer reads too slowly")
        if binary:
            header, _ = unpack_message(b"".join(pieces), 1 << 20)
            self.frames.append(header["data"]["frame"])

    def close(self, reason: str) -> None:
        self.reason = reason

    def abort(self) -> None:
        self.is_aborted = True


def started(socket: Socket) -> ScreenStream:
    stream = ScreenStream(socket, Metrics(), register().open())  # type: ignore[arg-type]
    stream.start()
    return stream


def snapshots(count: int) -> list[Snapshot]:
    shown: list[Snapshot | None] = []
    session = register(frameskip=1).open()
    session.spectate(shown.append)
    session.reset(told)
    session.step_many(told, [0] * (count - 1))
    return [snapshot for snapshot in shown if snapshot]


def test_a_screen_waits_until_the_pending_reply_is_sent() -> None:
    socket = Socket()
    stream, shown = started(socket), snapshots(3)
    with socket.replying:
        for snapshot in shown:
            stream.show(snapshot)
    assert until(lambda: socket.frames == [shown[-1].frame])
    stream.stop()


def test_a_waiting_screen_is_replaced_by_a_newer_one() -> None:
    socket = Socket()
    stream, shown = started(socket), snapshots(10)
    socket.goes_on.clear()
    for snapshot in shown:
        stream.show(snapshot)
    socket.goes_on.set()
    assert until(lambda: socket.frames[-1:] == [9])
    assert len(socket.frames) <= 2
    stream.stop()


def has_received(socket: Socket, count: int) -> bool:
    return len(socket.frames) == count


def test_the_number_of_unseen_screens_is_limited() -> None:
    socket = Socket()
    stream = started(socket)
    for number, snapshot in enumerate(snapshots(MOST_UNSEEN + 5)):
        stream.show(snapshot)
        assert until(partial(has_received, socket, min(number + 1, MOST_UNSEEN)))
    stream.seen(MOST_UNSEEN + 1000)  # as if it had seen screens that were not sent yet
    assert until(lambda: len(socket.frames) == MOST_UNSEEN + 1)
    assert socket.frames[-1] == MOST_UNSEEN + 4
    stream.stop()


def test_the_last_screen_is_sent_before_the_end() -> None:
    socket = Socket()
    stream = started(socket)
    (snapshot,) = snapshots(1)
    stream.show(snapshot)
    stream.show(None)
    assert until(lambda: socket.reason == "the session has ended")
    assert socket.frames == [0]


def test_a_client_that_does_not_read_is_dropped() -> None:
    socket = Socket()
    socket.is_broken = True
    started(socket).show(snapshots(1)[0])
    assert until(lambda: socket.is_aborted)
    assert socket.reason is None
