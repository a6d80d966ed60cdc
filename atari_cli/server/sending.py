"""Bytes to a socket without copying those that are many."""

import socket
from typing import Final

_FEW: Final = 1 << 16
_MORE: Final = getattr(socket, "MSG_MORE", 0)
"""Linux waits for more before it sends: the head then goes in the first packet of the body."""


def send_parts(connection: socket.socket, head: bytes, body: bytes | memoryview) -> None:
    """Send a head and what it announces; OSError if the peer does not take it in time."""
    if len(body) < _FEW:
        connection.sendall(head + body)
    else:
        connection.sendall(head, _MORE)
        connection.sendall(body)
