"""Sends bytes from several places over a socket, without joining large ones first."""

import socket
from collections.abc import Sequence
from time import monotonic
from typing import Final

_FEW: Final = 1 << 16
"""Fewer bytes are faster copied than sent from where they are."""

_MOST_PIECES: Final = 512
"""Pieces in one call; systems take at least 1,024."""


def send_pieces(
    connection: socket.socket, pieces: Sequence[bytes | memoryview], seconds: float
) -> None:
    """Send pieces one after another.

    Args:
        connection: A connected socket.
        pieces: Bytes, flat.
        seconds: For all of them together.

    Raises:
        TimeoutError: If the peer does not take them in time.
        OSError: If the peer has gone.
    """
    due = monotonic() + seconds
    if sum(map(len, pieces)) < _FEW or not hasattr(connection, "sendmsg"):  # Windows has none
        connection.settimeout(seconds)  # for all of it: CPython's sendall counts so
        connection.sendall(b"".join(pieces))
        return
    waiting = [piece for piece in pieces if piece]
    while waiting:
        left = due - monotonic()
        if left <= 0:  # a peer that reads on, but too slowly, lets no call time out
            raise TimeoutError("the peer reads too slowly")
        connection.settimeout(left)
        sent = connection.sendmsg(waiting[:_MOST_PIECES])
        whole = 0
        while whole < len(waiting) and sent >= len(waiting[whole]):
            sent -= len(waiting[whole])
            whole += 1
        del waiting[:whole]
        if sent:
            waiting[0] = memoryview(waiting[0])[sent:]
