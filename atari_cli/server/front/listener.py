"""The server's socket and threads: connections in, a limit on their number, a clean end."""

import errno
import logging
import os
import socket
from collections import deque
from contextlib import suppress
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from time import monotonic, sleep
from typing import Any, Final

from atari_cli.errors import ServerError
from atari_cli.server.front.connection import Connection
from atari_cli.server.front.places import Places
from atari_cli.server.routes.dispatch import Routes
from atari_cli.server.sessions.context import Context

SPARE_THREADS: Final = 48
"""Connections without a session, in addition to one for each session."""

KEPT_THREADS: Final = 16
"""Connections beyond these that are kept for short requests."""

MOST_TURNED_AWAY: Final = 64
"""Connections that are left time to read why they are refused."""

POLL_SECONDS: Final = 0.05
SCARCE_SECONDS: Final = 0.1
_SCARCE: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 41\r\nConnection: close\r\n\r\n"
    b'{"detail":"too many connections at once"}'
)

_log: Final = logging.getLogger("atari.server")


class Listener(ThreadingHTTPServer):
    """Accepts connections and serves each in a separate thread.

    Args:
        context: Server-wide state.

    Attributes:
        connections: The open connections.
        places: Their places.

    Raises:
        ServerError: If the address cannot be listened on.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    allow_reuse_address = os.name != "nt"  # there it would let two servers have one port

    def __init__(self, context: Context) -> None:
        self.context = context
        self.routes = Routes(context)
        self.connections: set[Connection] = set()
        self.places = Places(context.config.max_sessions + SPARE_THREADS, KEPT_THREADS)
        self._turned_away: deque[tuple[float, socket.socket]] = deque()
        config = context.config
        try:
            self.address_family, address = _find_address(config.host, config.port)
            super().__init__(address, Connection)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ServerError(
                f"cannot listen on {config.host}:{config.port}: {reason}; choose "
                "another host or port, or 0 for any free port"
            ) from error

    def server_bind(self) -> None:
        """Take the address, without HTTPServer's look-up of its name, which can take seconds."""
        if exclusive := getattr(socket, "SO_EXCLUSIVEADDRUSE", None):
            # Windows lets a second program listen on a part of the address without it.
            self.socket.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        TCPServer.server_bind(self)

    @property
    def url(self) -> str:
        """The server's URL, with the port that it really has."""
        host, port = self.server_address[:2]
        name = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{name}:{port}"

    def listen(self) -> None:
        """Accept connections until the listener is stopped."""
        self.serve_forever(POLL_SECONDS)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; if there is no room for it, wait until others have finished."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in _SCARCE:
                _log.warning("cannot accept a connection: %s", error.strerror)
                sleep(SCARCE_SECONDS)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread, or turn it away if the server is full.

        Args:
            request: The connection.
            client_address: The address of the peer.
        """
        if not self.places.enter(request, str(client_address[0])):
            self._turn_away(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError as error:  # the system gives no thread
            self.places.leave(request)
            _log.warning("cannot serve a connection: %s", error)
            self._turn_away(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection until its end.

        Args:
            request: The connection.
            client_address: The address of the peer.
        """
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.leave(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log an unexpected failure of a connection's thread.

        Args:
            request: The connection.
            client_address: The address of the peer.
        """
        _log.exception("a connection failed")

    def service_actions(self) -> None:
        """Abort overdue connections; the accepting loop calls this many times a second."""
        now = monotonic()
        for connection in list(self.connections):
            if connection.due < now:
                connection.abort()
        while self._turned_away and self._turned_away[0][0] < now:
            self._turned_away.popleft()[1].close()

    def end_idle(self, now: float) -> None:
        """End the WebSockets that have had no session and sent nothing for too long.

        Args:
            now: The time, on the clock of `time.monotonic`.
        """
        for connection in list(self.connections):
            connection.end_if_idle(now)

    def stop(self, seconds: float) -> None:
        """Accept no more, end every connection, and abort those left after a time."""
        due = monotonic() + seconds
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            connection.end(max(0.0, min(0.1, due - monotonic())))
        while self.connections and monotonic() < due:
            sleep(0.005)
        for connection in list(self.connections):
            connection.abort()
        while self._turned_away:
            self._turned_away.popleft()[1].close()

    def _turn_away(self, request: socket.socket) -> None:
        """Reply that the server is full, and leave a second for that to be read."""
        request.setblocking(False)
        with suppress(OSError):
            request.send(_BUSY)
            request.shutdown(socket.SHUT_WR)
        self._turned_away.append((monotonic() + 1.0, request))
        if len(self._turned_away) > MOST_TURNED_AWAY:
            self._turned_away.popleft()[1].close()


def _find_address(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """Return the family and address of a host, IPv4 first; OSError if it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address
