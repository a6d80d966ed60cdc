"""A connection: its bytes to requests, and responses to bytes."""

import logging
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http import HTTPStatus
from math import inf
from socketserver import StreamRequestHandler
from time import monotonic
from typing import Final, Protocol, cast

from websockets.frames import CloseCode

from atari_cli.server.front.places import Places
from atari_cli.server.front.upgrade import Peer, Upgrade
from atari_cli.server.routes.dispatch import Routes, most_body
from atari_cli.server.sessions.context import Context
from atari_cli.server.transport.client import Client, client_of
from atari_cli.server.transport.messages import Problem, Request, Response
from atari_cli.server.transport.request_body import Body, expects_continue
from atari_cli.server.transport.request_head import Head, read_head
from atari_cli.server.transport.writing import send_pieces
from atari_cli.version import __version__

HEAD_SECONDS: Final = 10.0
BODY_SECONDS: Final = 30.0
IDLE_SECONDS: Final = 15.0
WRITE_SECONDS: Final = 20.0
LINGER_SECONDS: Final = 1.0

_BODILESS: Final = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
"""Have no body, and no length of one."""

_log: Final = logging.getLogger("atari.server")


class Acceptor(Protocol):
    """The server that accepted a connection, as far as the connection knows it.

    Attributes:
        context: Server-wide state.
        routes: Answers requests.
        connections: The open connections.
        places: Their places.
    """

    context: Context
    routes: Routes
    connections: "set[Connection]"
    places: Places


class Connection(StreamRequestHandler):
    """Serves one connection: its requests one after another, or a WebSocket.

    Attributes:
        due: When the connection is aborted if the rest of a request has not come.
        is_busy: A request is being read or served.
        client: Who sent the last request.
        upgrade: The WebSocket that the connection became, if it did.
    """

    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Prepare the connection, and add it to the listener's."""
        super().setup()
        self.due = inf
        self.is_busy = False
        self.upgrade: Upgrade | None = None
        self._peer = str(self.client_address[0])
        self.client = Client(self._peer, is_local=False, owner=None)
        self._waits_since: float | None = monotonic()
        self._place = self.listener.places.of(self.connection)
        self._place.waits_since = self._since
        self.listener.connections.add(self)

    def handle(self) -> None:
        """Serve requests as long as the connection stays open."""
        with suppress(OSError):  # the peer has gone, or was too slow
            while self._serve_one():
                self.is_busy = False

    def finish(self) -> None:
        """Remove the connection from the listener's."""
        self.listener.connections.discard(self)
        super().finish()

    @property
    def listener(self) -> Acceptor:
        """The server that accepted this connection."""
        return cast(Acceptor, self.server)

    def end(self, seconds: float) -> None:
        """End the connection politely: a WebSocket is closed, a request may still be answered."""
        if self.upgrade:
            self.upgrade.socket.close(CloseCode.SERVICE_RESTART, "the server stops", seconds)
        elif not self.is_busy:
            self.abort()

    def end_if_idle(self, now: float) -> None:
        """End a WebSocket that has had no session and sent nothing for too long.

        Args:
            now: The time, on the clock of `time.monotonic`.
        """
        if self.upgrade and self.upgrade.is_idle(now):
            self.upgrade.socket.dismiss(CloseCode.NORMAL_CLOSURE, "no session, and nothing sent")

    def abort(self) -> None:
        """End the connection at once."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def take_rest(self) -> bytes:
        """Return the bytes that were read beyond the head."""
        self.connection.setblocking(False)
        with suppress(BlockingIOError):
            return self.rfile.read1(1 << 16) or b""  # None if there are none
        return b""

    def send(self, response: Response, request_id: str, head: Head | None, keep: bool) -> None:
        """Send a reply.

        Args:
            response: The reply.
            request_id: The id of the request.
            head: The head of the request; None if it could not be read.
            keep: Whether the connection stays open.

        Raises:
            OSError: If the peer does not take it.
        """
        lines = [
            f"HTTP/1.1 {response.status.value} {response.status.phrase}",
            f"Server: atari/{__version__}",
            f"Date: {formatdate(usegmt=True)}",
            f"X-Request-Id: {request_id}",
            "X-Content-Type-Options: nosniff",
            f"Connection: {'keep-alive' if keep else 'close'}",
            *(f"{name}: {value}" for name, value in response.headers),
        ]
        if response.status not in _BODILESS:
            lines.append(f"Content-Length: {response.size}")
        if response.size:
            lines.append(f"Content-Type: {response.content_type}")
        is_head = head is not None and head.method == "HEAD"
        text = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
        pieces = (text,) if is_head else (text, response.body, *response.more)
        send_pieces(self.connection, pieces, WRITE_SECONDS)

    def _serve_one(self) -> bool:
        """Serve a request; return whether another one may follow."""
        self.connection.settimeout(IDLE_SECONDS)
        if not self.rfile.peek(1):  # type: ignore[attr-defined]  # it is a BufferedReader
            return False
        self.is_busy = True
        started = monotonic()
        request_id, head, keep, is_refused = secrets.token_hex(4), None, False, False
        try:
            with self._within(HEAD_SECONDS):
                head = read_head(self.rfile)
            if head is None:
                return False
            self.client = client_of(self._peer, head.headers, self.listener.context.config)
            request_id = head.headers.get("x-request-id", request_id)
            if not re.fullmatch(r"[\w.-]{1,64}", request_id, re.ASCII):
                request_id = secrets.token_hex(4)
            if head.is_upgrade:
                if self._place.is_kept:
                    raise _crowded()
                peer = Peer(self.connection, self.take_rest(), self.client)
                self.upgrade = Upgrade(self.listener.context, peer, head)
                self.upgrade.serve(request_id)
                return False
            response = self._respond(head, request_id)
            keep = head.keeps_alive and not self.listener.context.is_stopping
        except Problem as problem:
            response, is_refused = problem.response, True
            if head:
                response = self.listener.routes.share(response, head.headers)
        self._log_request(head, response, request_id, monotonic() - started)
        self.send(response, request_id, head, keep)
        if is_refused:
            self._linger()
        return keep

    def _respond(self, head: Head, request_id: str) -> Response:
        """Return the reply to a request, whose body is read if it may be sent.

        Raises:
            Problem: If the body was not read, so that nothing can follow.
        """
        routes, client = self.listener.routes, self.client
        request = Request(
            head.method, head.path, head.query, head.headers, b"", client.owner, client.is_local
        )
        routes.admit(request)
        if self._place.is_kept and not routes.is_short(request):
            raise _crowded()
        request = request._replace(body=self._read_body(head))
        self._waits_since = None
        try:
            return routes.respond(request)
        except Exception:
            _log.exception("request %s failed", request_id)
            reason = f"the server failed; its log has {request_id}"
            return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, reason).response
        finally:
            self._waits_since = monotonic()

    def _since(self) -> float | None:
        """Return since when the connection waits for its peer; None while it does not."""
        return self.upgrade.waits_since() if self.upgrade else self._waits_since

    def _read_body(self, head: Head) -> bytes:
        body = Body(head, most_body(head.path))
        if expects_continue(head) and body.length != 0:
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        with self._within(BODY_SECONDS):
            return body.read(self.rfile)

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Break the connection off if the block takes longer, however much comes."""
        self.due = monotonic() + seconds
        try:
            yield
        finally:
            self.due = inf

    def _linger(self) -> None:
        """Read on for a while: closing with something unread would take the reply back."""
        self.is_busy = False
        self.connection.shutdown(socket.SHUT_WR)
        due = monotonic() + LINGER_SECONDS
        while (left := due - monotonic()) > 0:
            self.connection.settimeout(left)
            if not self.connection.recv(1 << 16):
                return

    def _log_request(
        self, head: Head | None, response: Response, request_id: str, seconds: float
    ) -> None:
        method, path = (head.method, head.raw_path) if head else ("-", "-")
        self.listener.context.metrics.count_request(
            method, response.route, response.status.value, seconds, response.size
        )
        # A session's id is a key to it: only its beginning is logged.
        # It may be in a path that is spelled otherwise, too.
        path = re.sub("^(/sessions/.{4})[^/]*|([^/]{4})[^/]{17,}", r"\1\2...", path)[:200]
        fields = {
            "request_id": request_id,
            "peer": self.client.address,
            "method": method[:20],
            "path": path,
            "status": response.status.value,
            "ms": round(1000 * seconds, 1),
        }
        _log.info("%(method)s %(path)s %(status)d %(ms).1f ms", fields, extra={"fields": fields})


def _crowded() -> Problem:
    """Return the reply to a request that may take long, on a place that is kept for short ones."""
    headers = (("Retry-After", "1"),)
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections at once", headers)
