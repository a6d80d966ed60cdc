"""The places of a server for connections: who may come in, and who has to leave for it."""

import ipaddress
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Final

_NETWORK: Final = 64
"""Bits of an IPv6 address that belong to one peer, which may choose the others."""


class Place:
    """The place of one connection.

    Args:
        connection: The connection.
        peer: The peer's address.
        is_kept: Whether it is one of those that are kept for short requests.

    Attributes:
        share: The peer in whose share it counts.
        is_kept: As given.
        waits_since: Returns since when the connection has waited for its peer, on the clock of
            `time.monotonic`; None while it serves a request or has a session.
    """

    def __init__(self, connection: socket.socket, peer: str, is_kept: bool) -> None:
        came = monotonic()
        self._connection = connection
        self.share = _share(peer)
        self.is_kept = is_kept
        self.waits_since: Callable[[], float | None] = lambda: came

    def vacate(self) -> None:
        """Break the connection off, whose thread then ends."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


class Places:
    """The places of a server.

    Most connections of strangers wait: they are silent, send half a head, or have a WebSocket and
    no session. If all places are taken, a newcomer gets the place of the connection that has waited
    longest, of the peer that has the most waiting. Nobody who plays can be harmed by those who
    wait, and among these each peer has its share. If nobody waits, some more places are kept for
    short requests.

    Args:
        most: The number of places.
        kept: The number of those that are kept for short requests.
    """

    def __init__(self, most: int, kept: int) -> None:
        self._most, self._kept = most, kept
        self._taken: dict[socket.socket, Place] = {}
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._taken)

    def enter(self, connection: socket.socket, peer: str) -> bool:
        """Give a connection a place, and return whether there was one.

        Args:
            connection: The connection.
            peer: The peer's address.
        """
        with self._guard:
            if len(self._taken) >= self._most:
                self._make_room()
            count = len(self._taken)
            if count >= self._most + self._kept:
                return False
            self._taken[connection] = Place(connection, peer, count >= self._most)
            return True

    def of(self, connection: socket.socket) -> Place:
        """Return the place of a connection, which may have lost it in the meantime.

        Args:
            connection: The connection.
        """
        with self._guard:
            return self._taken.get(connection) or Place(connection, "", is_kept=True)

    def leave(self, connection: socket.socket) -> None:
        """Free the place of a connection; calling it again does nothing."""
        with self._guard:
            self._taken.pop(connection, None)

    def _make_room(self) -> None:
        """Free the place of the connection that has waited longest, of the peer with the most."""
        waiting = [
            (since, connection, place.share)
            for connection, place in self._taken.items()
            if (since := place.waits_since()) is not None
        ]
        if not waiting:
            return
        shares = Counter(share for _, _, share in waiting)
        _, connection, _ = max(waiting, key=lambda one: (shares[one[2]], -one[0]))
        self._taken.pop(connection).vacate()


def _share(peer: str) -> str:
    """Return the part of an address that its owner cannot choose."""
    with suppress(ValueError):
        address = ipaddress.ip_address(peer.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        if address.version == 6 and mapped is None:
            return str(ipaddress.ip_network((address, _NETWORK), strict=False))
        return str(mapped or address)
    return peer
