"""A newcomer takes the place of the longest waiting, of the peer that has the most waiting."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from atari_cli.server.front.places import Places


class Guests:
    """Connections to a server with three places and one that is kept."""

    def __init__(self, stack: ExitStack) -> None:
        self.places = Places(3, 1)
        self._stack = stack
        self._ends: dict[socket.socket, socket.socket] = {}

    def come(self, peer: str, waits_since: float | None) -> socket.socket | None:
        """Let a connection come that waits or not, and return it if it was let in."""
        ours, theirs = map(self._stack.enter_context, socket.socketpair())
        self._ends[ours] = theirs
        if not self.places.enter(ours, peer):
            return None
        self.places.of(ours).waits_since = lambda: waits_since
        return ours

    def is_gone(self, connection: socket.socket | None) -> bool:
        assert connection
        self._ends[connection].setblocking(False)
        try:
            return self._ends[connection].recv(1) == b""
        except BlockingIOError:
            return False


@pytest.fixture
def guests() -> Iterator[Guests]:
    with ExitStack() as stack:
        yield Guests(stack)


def test_the_longest_waiting_of_the_peer_with_the_most_leaves(guests: Guests) -> None:
    modest = guests.come("10.0.0.1", waits_since=0.0)
    later, earlier = (guests.come("10.0.0.2", waits_since=since) for since in (5.0, 3.0))
    assert guests.come("10.0.0.3", waits_since=9.0)
    assert [guests.is_gone(each) for each in (modest, later, earlier)] == [False, False, True]
    assert len(guests.places) == 3


def test_a_connection_that_does_not_wait_stays(guests: Guests) -> None:
    playing = [guests.come("10.0.0.2", waits_since=None) for _ in range(2)]
    modest = guests.come("10.0.0.1", waits_since=0.0)
    assert guests.come("10.0.0.2", waits_since=9.0)
    assert [guests.is_gone(each) for each in (*playing, modest)] == [False, False, True]


def test_if_nobody_waits_the_kept_place_is_given_and_then_none(guests: Guests) -> None:
    playing = [guests.come("10.0.0.2", waits_since=None) for _ in range(3)]
    kept = guests.come("10.0.0.1", waits_since=None)
    assert kept
    assert guests.places.of(kept).is_kept
    assert guests.come("10.0.0.1", waits_since=0.0) is None
    assert playing[0]
    guests.places.leave(playing[0])
    guests.places.leave(playing[0])
    guests.places.leave(kept)
    newcomer = guests.come("10.0.0.1", waits_since=0.0)
    assert newcomer
    assert not guests.places.of(newcomer).is_kept


@pytest.mark.parametrize(
    ("peers", "gone"),
    [
        (("2001:db8::1", "2001:db8::2", "10.0.0.1"), 0),  # one network of one owner
        (("10.0.0.1", "2001:db8:0:1::1", "2001:db8:0:2::1"), 0),  # three, the first waits longest
        (("10.0.0.1", "::ffff:10.0.0.2", "10.0.0.2"), 1),  # one address in two spellings
        (("fe80::1%eth0", "10.0.0.1", "not an address"), 0),
    ],
)
def test_a_peer_has_one_share_however_many_addresses_it_may_choose_from(
    guests: Guests, peers: tuple[str, ...], gone: int
) -> None:
    there = [guests.come(peer, waits_since=float(number)) for number, peer in enumerate(peers)]
    guests.come("192.0.2.1", waits_since=9.0)
    assert [guests.is_gone(each) for each in there].index(True) == gone


def test_a_connection_that_has_lost_its_place_may_do_little_more(guests: Guests) -> None:
    first = guests.come("10.0.0.1", waits_since=0.0)
    assert first
    for _ in range(3):
        guests.come("10.0.0.1", waits_since=1.0)
    assert guests.places.of(first).is_kept
