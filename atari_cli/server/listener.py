"""The server's socket and threads: connections in, a limit on their number, a clean end."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from time import monotonic
from typing import Any, Final

from websockets.frames import CloseCode

from atari_cli.errors import ServerError
from atari_cli.server.exchange import Context
from atari_cli.server.handler import Handler
from atari_cli.server.routes import Routes
from atari_cli.server.websocket import WebSocket

_log: Final = logging.getLogger("atari.server")

_SPARE_THREADS: Final = 64
_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 41\r\nConnection: close\r\n\r\n"
    b'{"detail":"too many connections at once"}'
)


class Listener(ThreadingHTTPServer):
    """Accepts connections and serves each in a thread of its own.

    Args:
        context: What requests are about.

    Raises:
        ServerError: If the address cannot be listened on.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, context: Context) -> None:
        self.context = context
        self.routes = Routes(context)
        self._places = threading.Semaphore(context.config.max_sessions + _SPARE_THREADS)
        self._sockets: set[WebSocket] = set()
        self._due: dict[socket.socket, float] = {}
        self._guard = threading.Lock()  # of these two
        config = context.config
        self.address_family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
        try:
            super().__init__((config.host, config.port), Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ServerError(
                f"cannot listen on {config.host}:{config.port}: {reason}; choose another --port, "
                "or 0 for any free one"
            ) from error

    @property
    def url(self) -> str:
        """Where the server is reached, with the port that it really has."""
        host, port = self.server_address[:2]
        name = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{name}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, or turn it away if there are too many."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        request.settimeout(1.0)
        with suppress(OSError):
            request.sendall(_BUSY)
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection until its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def add(self, websocket: WebSocket) -> None:
        """Note a WebSocket that was opened."""
        with self._guard:
            self._sockets.add(websocket)

    def remove(self, websocket: WebSocket) -> None:
        """Forget a WebSocket that was closed."""
        with self._guard:
            self._sockets.discard(websocket)

    @contextmanager
    def deadline(self, connection: socket.socket, seconds: float) -> Iterator[None]:
        """Break a connection off that takes longer for what the block reads."""
        with self._guard:
            self._due[connection] = monotonic() + seconds
        try:
            yield
        finally:
            with self._guard:
                self._due.pop(connection, None)

    def break_off(self) -> None:
        """Break off what is overdue; to be called every second or so."""
        now = monotonic()
        with self._guard:
            overdue = [connection for connection, due in self._due.items() if due < now]
        for connection in overdue:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what a connection's thread did not expect."""
        _log.exception("a connection failed")

    def dismiss(self) -> None:
        """Tell every WebSocket that the server restarts."""
        with self._guard:
            sockets = list(self._sockets)
        for websocket in sockets:
            websocket.close(CloseCode.SERVICE_RESTART, "the server stops")
