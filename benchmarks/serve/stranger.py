"""A peer that takes every place it can: `python -m benchmarks.serve.stranger PORT SOURCE COUNT`.

A third of its connections are silent, a third send half a head, and a third are WebSockets at /mcp
that send nothing. Those that the server ends are opened again ten times a second: it holds places,
it does not flood. A line on standard output says that all were opened; they stay until standard
input is closed.
"""

import selectors
import socket
import sys
import threading
from contextlib import suppress
from typing import Final

_PAUSE_SECONDS: Final = 0.1
_HALF: Final = b"GET /health HTTP/1.1\r\nHost: local"
_IDLE: Final = (
    b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_KINDS: Final = (b"", _HALF, _IDLE)


def hold(port: int, source: str, count: int) -> None:
    """Open connections and keep them open, until standard input is closed."""
    ended = threading.Event()
    threading.Thread(target=_wait, args=(ended,), daemon=True).start()
    with selectors.DefaultSelector() as selector:
        for number in range(count):
            _open(selector, port, source, _KINDS[number % len(_KINDS)])
        print("opened", flush=True)
        while not ended.wait(_PAUSE_SECONDS):
            for key, _ in selector.select(0):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                if _has_ended(connection):
                    selector.unregister(connection)
                    connection.close()
                    _open(selector, port, source, key.data)


def _wait(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _open(selector: selectors.BaseSelector, port: int, source: str, kind: bytes) -> None:
    connection = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
    connection.sendall(kind)
    connection.setblocking(False)
    selector.register(connection, selectors.EVENT_READ, kind)


def _has_ended(connection: socket.socket) -> bool:
    with suppress(BlockingIOError):
        try:
            return not connection.recv(1 << 16)
        except ConnectionError:
            return True
    return False


if __name__ == "__main__":
    hold(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
