"""A WebSocket on a connection of the server: the protocol of `websockets` on a socket.

The thread of the connection reads and answers; a shutdown may close it from another one.
"""

import selectors
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import Final

from websockets.datastructures import Headers
from websockets.exceptions import WebSocketException
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from atari_cli.config import ServeConfig
from atari_cli.server.transport.messages import Problem
from atari_cli.server.transport.request_head import Head
from atari_cli.server.transport.writing import send_pieces
from atari_cli.system.polling import Selector
from atari_cli.wire.atari_v1 import TAKEN_OVER

MAX_MESSAGE_BYTES: Final = 16 << 20
WRITE_SECONDS: Final = 20.0
LINGER_SECONDS: Final = 2.0
_DISMISS_SECONDS: Final = 0.1
_CHUNK: Final = 1 << 16


class WebSocket:
    """An open WebSocket.

    Args:
        connection: The connection.
        head: The head of the request, which was read.
        rest: Bytes that were read beyond the head.
        subprotocols: Those that the client may choose from.
        compress: Whether messages may be compressed, which takes longer than it saves unless they
            travel far. They never are with a subprotocol, whose own messages are small.
        pinging: Seconds of silence after which the peer is sent a ping, and those that it may take
            to answer.

    Attributes:
        subprotocol: The one that the client chose, if any.
        received: Number of messages received.
        last_heard: When the last one came, on the clock of `time.monotonic`.
        last_input: When the last one came that the peer's user caused.
        replying: Held while a message is answered: what the answer has others send comes after it.

    Raises:
        Problem: If the head is not a proper handshake.
        OSError: If the peer has gone.
    """

    def __init__(
        self,
        connection: socket.socket,
        head: Head,
        rest: bytes,
        subprotocols: Sequence[str] = (),
        compress: bool = False,
        pinging: tuple[float, float] = (ServeConfig.ping_interval, ServeConfig.ping_timeout),
    ) -> None:
        self._connection = connection
        self._protocol = ServerProtocol(
            max_size=MAX_MESSAGE_BYTES,
            subprotocols=[Subprotocol(name) for name in subprotocols],
            select_subprotocol=_first_common,
            state=State.OPEN,  # it shakes hands without reading: the head is parsed already
        )
        self._guard = threading.RLock()  # of the protocol, and of the order of what is sent
        self._rest = rest
        self._pinging = pinging
        self.received = 0
        self.last_heard = self.last_input = monotonic()
        self.replying = threading.Lock()
        self._shake_hands(head, compress)
        self.subprotocol = self._protocol.subprotocol

    def _shake_hands(self, head: Head, compress: bool) -> None:
        protocol = self._protocol
        if head.method != "GET":
            raise _refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"expected GET, got {head.method}")
        if head.minor != 1:
            raise _refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "expected HTTP/1.1")
        offered = head.headers.get("sec-websocket-protocol", "").split(",")
        if compress and not _first_common(protocol, [name.strip() for name in offered]):
            # Small windows: the memory of a connection is 64 KiB in place of 300.
            protocol.available_extensions = [
                ServerPerMessageDeflateFactory(
                    server_max_window_bits=12,
                    client_max_window_bits=12,
                    compress_settings={"level": 1, "memLevel": 5},
                )
            ]
        answer = protocol.accept(Handshake(head.target, Headers(head.headers)))
        if answer.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            raise _refusal(HTTPStatus(answer.status_code), str(protocol.handshake_exc))
        send_pieces(self._connection, (answer.serialize(),), WRITE_SECONDS)

    @property
    def was_closed(self) -> bool:
        """Whether the peer closed it on purpose, as its code says."""
        close = self._protocol.close_rcvd
        return close is not None and close.code == CloseCode.NORMAL_CLOSURE

    def messages(self) -> Iterator[str | bytes]:
        """Yield the messages that come, until the connection is closed in whichever way."""
        message, is_text = bytearray(), True  # the protocol limits the length of all fragments
        while True:
            for frame in self._frames():
                if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                    message, is_text = bytearray(), frame.opcode is Opcode.TEXT
                elif frame.opcode is not Opcode.CONT:
                    continue
                message += frame.data
                if frame.fin:
                    self.received += 1
                    self.last_heard = monotonic()
                    try:
                        yield message.decode() if is_text else bytes(message)
                    except UnicodeDecodeError:
                        self.close(CloseCode.INVALID_DATA, "text is not UTF-8")
            if self._protocol.state is not State.OPEN:
                return

    def send(self, pieces: Sequence[bytes | memoryview], binary: bool = False) -> None:
        """Send a message.

        Args:
            pieces: Its bytes, in pieces.
            binary: Whether it is binary, and not a text.

        Raises:
            OSError: If the peer does not take it.
        """
        size = sum(map(len, pieces))
        with self._guard:
            if self._protocol.state is not State.OPEN:
                return
            if self._protocol.extensions:
                data = b"".join(pieces)
                (self._protocol.send_binary if binary else self._protocol.send_text)(data)
                self._flush()
            else:
                # The protocol would copy everything twice, which takes as long as a step.
                head = _frame_head(Opcode.BINARY if binary else Opcode.TEXT, size)
                send_pieces(self._connection, (head, *pieces), WRITE_SECONDS)

    def close(
        self,
        code: int = CloseCode.NORMAL_CLOSURE,
        reason: str = "",
        seconds: float | None = None,
    ) -> None:
        """Begin to close, if that can be sent in time; calling it again does nothing.

        Args:
            code: The code of the close.
            reason: Its reason.
            seconds: For sending it; None if as long as for a message.
        """
        seconds = WRITE_SECONDS if seconds is None else seconds
        if not self._guard.acquire(timeout=seconds):
            return  # a peer that does not read holds up what is being sent
        try:
            with suppress(OSError, WebSocketException):
                if self._protocol.state is State.OPEN:
                    self._protocol.send_close(code, reason)
                    self._flush(seconds)
        finally:
            self._guard.release()

    def abort(self) -> None:
        """End the connection at once, without a close message."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def dismiss(
        self, code: int = TAKEN_OVER, reason: str = "another connection has the session"
    ) -> None:
        """End the connection, soon even if the peer does not read.

        Args:
            code: The code of the close; without one, another connection takes the session.
            reason: Its reason.
        """
        self.close(code, reason, _DISMISS_SECONDS)
        self.abort()

    def has_left(self) -> bool:
        """Return whether the peer has left, while nothing reads what it sends."""
        with Selector() as selector, suppress(OSError, ValueError):
            selector.register(self._connection, selectors.EVENT_READ)
            return bool(selector.select(0)) and not self._connection.recv(1, socket.MSG_PEEK)
        return True

    def wait(self, seconds: float) -> None:
        """Wait until something comes, for a limited time."""
        self._connection.settimeout(seconds)
        with suppress(OSError):
            self._rest += self._connection.recv(_CHUNK)

    def finish(self) -> None:
        """Let the peer close from its side for a limited time; then the connection may go."""
        due = monotonic() + LINGER_SECONDS
        with suppress(OSError, WebSocketException):
            while self._protocol.state is not State.CLOSED and monotonic() < due:
                self._connection.settimeout(max(0.01, due - monotonic()))
                data, self._rest = self._rest or self._connection.recv(_CHUNK), b""
                if not data:
                    return
                with self._guard:
                    self._protocol.receive_data(data)
                    self._protocol.events_received()
                    self._flush()

    def _frames(self) -> list[Frame]:
        """Return the frames that come next, and answer pings."""
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
        """Return the bytes that come next, none at the end; ping a peer that is silent."""
        for seconds in self._pinging:
            self._connection.settimeout(seconds)
            try:
                return self._connection.recv(_CHUNK)
            except TimeoutError:
                with self._guard:
                    self._protocol.send_ping(b"")
                    self._flush()
        raise TimeoutError("the peer does not answer pings")

    def _flush(self, seconds: float | None = None) -> None:
        """Send what the protocol has to send, in limited time. The caller holds the guard."""
        chunks = self._protocol.data_to_send()
        if not chunks:
            return
        # For all of it: CPython's sendall does not start again with each part that is taken.
        self._connection.settimeout(WRITE_SECONDS if seconds is None else seconds)
        self._connection.sendall(b"".join(chunks))
        if b"" in chunks:  # the protocol's mark for the end
            self._connection.shutdown(socket.SHUT_WR)


def _refusal(status: HTTPStatus, reason: str) -> Problem:
    """Return the reply to a head that is not a valid handshake."""
    headers = (("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"))
    return Problem(status, f"invalid WebSocket handshake: {reason}", headers)


def _frame_head(opcode: Opcode, length: int) -> bytes:
    """Return the head of an unmasked frame that is a whole message (RFC 6455, section 5.2)."""
    first = 0x80 | opcode
    if length < 126:
        return struct.pack("!BB", first, length)
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


def _first_common(protocol: ServerProtocol, offered: Sequence[str]) -> Subprotocol | None:
    """Return the first subprotocol of ours that the client offers, too."""
    return next((name for name in protocol.available_subprotocols or () if name in offered), None)
