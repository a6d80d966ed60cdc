"""The shell of WebSockets: the protocol of the `websockets` library on a connection of the server.

The thread of the connection reads and answers; a shutdown may close it from another one.
"""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from websockets.exceptions import WebSocketException
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request as Head
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from atari_cli.checks import is_loopback
from atari_cli.errors import CapacityReached, UnknownSession
from atari_cli.server import access, mcp
from atari_cli.server.atari_v1 import BinaryConversation
from atari_cli.server.conversation import Answer, Conversation, error
from atari_cli.server.encoding import is_compressed
from atari_cli.server.exchange import Context, Problem, Response
from atari_cli.server.sessions import Session
from atari_cli.wire.binary import SUBPROTOCOL
from atari_cli.wire.text import to_json

if TYPE_CHECKING:
    from atari_cli.server.handler import Handler

MAX_MESSAGE_BYTES: Final = 16 << 20
PING_SECONDS: Final = 20.0
WRITE_SECONDS: Final = 20.0
LINGER_SECONDS: Final = 2.0
_CHUNK: Final = 1 << 16
_OURS: Final = Subprotocol(SUBPROTOCOL)

_log: Final = logging.getLogger("atari.server")


class WebSocket:
    """An open WebSocket.

    Args:
        connection: The connection, whose HTTP head was read.
        head: That head.
        rest: What was read beyond it.

    Raises:
        ConnectionError: If the head is no proper handshake, or the peer has gone.
    """

    def __init__(self, connection: socket.socket, head: bytes, rest: bytes) -> None:
        self._connection = connection
        self._protocol = ServerProtocol(
            max_size=MAX_MESSAGE_BYTES,
            subprotocols=[_OURS],
            select_subprotocol=lambda _, offered: _OURS if _OURS in offered else None,
        )
        self._guard = threading.RLock()  # of the protocol, and of the order of what is sent
        self._rest = rest
        with self._guard:
            self._protocol.receive_data(head)
            for request in self._protocol.events_received():
                if isinstance(request, Head):
                    self._protocol.send_response(self._protocol.accept(request))
            self._flush()
            if self._protocol.state is not State.OPEN:
                raise ConnectionError("the handshake failed")

    def messages(self) -> Iterator[str | bytes]:
        """Yield the messages that come, until the connection is closed in whichever way."""
        parts: list[bytes] = []
        is_text = True
        while True:
            for frame in self._frames():
                if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                    is_text = frame.opcode is Opcode.TEXT
                    parts = []
                elif frame.opcode is not Opcode.CONT:
                    continue
                parts.append(bytes(frame.data))
                if frame.fin:
                    message = b"".join(parts)
                    try:
                        yield message.decode() if is_text else message
                    except UnicodeDecodeError:
                        self.close(CloseCode.INVALID_DATA, "text is not UTF-8")
            if self._protocol.state is not State.OPEN:
                return

    @property
    def subprotocol(self) -> str | None:
        """What was negotiated: `atari.v1`, or None."""
        return self._protocol.subprotocol

    def send(self, data: bytes | memoryview, is_binary: bool = False) -> None:
        """Send a frame; ConnectionError if the peer does not take it."""
        with self._guard:
            if self._protocol.state is State.OPEN:
                send = self._protocol.send_binary if is_binary else self._protocol.send_text
                send(data)
                self._flush()

    def close(self, code: int = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Begin to close; closing twice is fine."""
        with self._guard, suppress(OSError, WebSocketException):
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(code, reason)
                self._flush()

    def wait(self, seconds: float) -> None:
        """Wait until something comes, or for so long."""
        self._connection.settimeout(seconds)
        with suppress(OSError):
            self._rest += self._connection.recv(_CHUNK)

    def finish(self) -> None:
        """Give the peer a moment to close from its side; then the connection may go."""
        due = monotonic() + LINGER_SECONDS
        with suppress(OSError, WebSocketException):
            while self._protocol.state is not State.CLOSED and monotonic() < due:
                self._connection.settimeout(max(0.01, due - monotonic()))
                data = self._connection.recv(_CHUNK)
                with self._guard:
                    if not data:
                        return
                    self._protocol.receive_data(data)
                    self._protocol.events_received()
                    self._flush()

    def _frames(self) -> list[Frame]:
        """Return the frames of what comes next, and see to pings."""
        data, self._rest = self._rest or self._read(), b""
        with self._guard:
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            frames = [
                event for event in self._protocol.events_received() if isinstance(event, Frame)
            ]
            self._flush()
        return frames

    def _read(self) -> bytes:
        """Return what comes next, empty at the end; a silent peer is pinged and must answer."""
        for _ in range(2):
            self._connection.settimeout(PING_SECONDS)
            try:
                return self._connection.recv(_CHUNK)
            except TimeoutError:
                with self._guard:
                    self._protocol.send_ping(b"")
                    self._flush()
        raise TimeoutError("the peer answers no ping")

    def _flush(self) -> None:
        """Send what the protocol has to say. The caller holds the guard."""
        self._connection.settimeout(WRITE_SECONDS)
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)
            else:
                self._connection.shutdown(socket.SHUT_WR)


def serve_websocket(handler: "Handler") -> None:
    """Serve a request to open a WebSocket, until that is closed."""
    context = handler.listener.context
    refusal = refuse(handler)
    if refusal:
        handler.send(refusal)
        return
    try:
        socket_ = WebSocket(handler.connection, handler.head(), handler.take_rest())
    except (ConnectionError, WebSocketException):
        return
    handler.listener.add(socket_)
    context.metrics.count("atari_ws_connections_total")
    url = urlsplit(handler.path)
    try:
        if url.path == "/ws":
            is_local = is_loopback(handler.client_address[0])
            _converse(socket_, context, dict(parse_qsl(url.query)), is_local)
        else:
            for message in socket_.messages():
                socket_.send(to_json(mcp.answer_text(message, context.sessions)))
    except (OSError, WebSocketException) as problem:
        _log.debug("a WebSocket was lost: %s", problem)
    finally:
        socket_.finish()
        handler.listener.remove(socket_)


def refuse(handler: "Handler") -> Response | None:
    """Return why a WebSocket may not be opened, None if it may."""
    config, headers = handler.listener.context.config, handler.lower_headers()
    refusal = access.check_host(headers, config) or access.check_token(headers, config)
    refusal = refusal or access.check_origin(headers, config)
    if refusal is None and urlsplit(handler.path).path not in {"/ws", "/mcp"}:
        refusal = access.Refusal(HTTPStatus.FORBIDDEN, "there is no WebSocket here: use /ws")
    return Problem(refusal.status, refusal.reason).response if refusal else None


def _converse(socket_: WebSocket, context: Context, query: dict[str, str], is_local: bool) -> None:
    """Answer every frame about a session: a new one, or the one that the client names."""
    identity = query.get("session_id")
    try:
        session = context.sessions.get(identity) if identity else context.sessions.open()
        if session.is_attached:
            raise UnknownSession(f"Session {identity} already has an attached WebSocket")
    except CapacityReached as full:
        _turn_away(
            socket_,
            error(
                "CAPACITY_REACHED",
                str(full),
                active_sessions=full.active,
                max_sessions=full.most,
            ),
        )
        return
    except UnknownSession as unknown:
        _turn_away(socket_, error("SESSION_ERROR", str(unknown)))
        return
    session.is_attached = True
    if socket_.subprotocol:
        conversation: Conversation = BinaryConversation(
            context, session, is_compressed(query, is_local)
        )
    else:
        conversation = Conversation(context, session)
    is_own, asked_to_close = identity is None, False
    try:
        for message in socket_.messages():
            answer = conversation.answer(message)
            if answer.reply:
                socket_.send(answer.reply, answer.is_binary)
            if answer.ends:
                asked_to_close = True
                # The place is free before the client hears that the connection is closed.
                _leave(context, session, is_own)
                socket_.close()
                return
    finally:
        if not asked_to_close:
            _leave(context, session, is_own)


def _leave(context: Context, session: Session, is_own: bool) -> None:
    session.is_attached = False
    if is_own:
        context.sessions.close(session)


def _turn_away(socket_: WebSocket, answer: Answer) -> None:
    """Say why there is no session; older clients read it only if the close comes after a frame."""
    if answer.reply:
        socket_.send(answer.reply)
    socket_.wait(LINGER_SECONDS)
    socket_.close()
