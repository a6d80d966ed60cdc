"""What is sent of a session when the client is slow, or gone."""

from threading import Event
from typing import Any

from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.spectators import Moment
from atari_cli.server.sockets.screen_stream import MOST_UNSEEN, Viewer
from atari_cli.wire.atari_v1 import unpack_message
from tests.server.conftest import until
from tests.server.sessions.test_register import register, told


class Socket:
    """A connection that may stall or break."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.goes_on = Event()
        self.goes_on.set()
        self.is_broken = self.is_broken_off = False
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

    def break_off(self) -> None:
        self.is_broken_off = True


def started(socket: Socket) -> Viewer:
    viewer = Viewer(socket, Metrics())  # type: ignore[arg-type]
    viewer.start()
    viewer.start()
    return viewer


def moments(count: int) -> list[Moment]:
    shown: list[Moment | None] = []
    session = register(frameskip=1).open()
    session.join(shown.append)
    session.reset(told)
    session.step_many(told, [0] * (count - 1))
    return [moment for moment in shown if moment]


def test_what_waits_is_replaced_by_what_is_newer() -> None:
    socket = Socket()
    viewer, shown = started(socket), moments(10)
    socket.goes_on.clear()
    for moment in shown:
        viewer.show(moment)
    socket.goes_on.set()
    assert until(lambda: socket.frames[-1:] == [9])
    assert len(socket.frames) <= 2
    viewer.stop()


def test_no_more_is_on_the_way_than_may_be_unseen() -> None:
    socket = Socket()
    viewer = started(socket)
    for number, moment in enumerate(moments(MOST_UNSEEN + 5)):
        viewer.show(moment)
        assert until(lambda number=number: len(socket.frames) == min(number + 1, MOST_UNSEEN))
    viewer.seen(MOST_UNSEEN + 1000)  # as if it knew what was not sent yet
    assert until(lambda: len(socket.frames) == MOST_UNSEEN + 1)
    assert socket.frames[-1] == MOST_UNSEEN + 4
    viewer.stop()


def test_the_last_screen_is_sent_before_the_end() -> None:
    socket = Socket()
    viewer = started(socket)
    (moment,) = moments(1)
    viewer.show(moment)
    viewer.show(None)
    assert until(lambda: socket.reason == "the session has ended")
    assert socket.frames == [0]


def test_a_client_that_does_not_read_is_broken_off() -> None:
    socket = Socket()
    socket.is_broken = True
    started(socket).show(moments(1)[0])
    assert until(lambda: socket.is_broken_off)
    assert socket.reason is None
