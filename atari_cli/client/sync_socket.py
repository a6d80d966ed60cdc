"""A WebSocket that blocks: the protocol of the `websockets` library on a socket of our own.

Its own blocking client hands every message over from a thread of its, which costs a fast step a
tenth of its time. Here the caller's thread reads. A second one looks after the connection only
while nobody asks anything, so that pings are answered.
"""

import ssl
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from time import monotonic
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI, parse_uri

from atari_cli.client import failures
from atari_cli.client.address import Address
from atari_cli.client.dialects.dialect import Message
from atari_cli.errors import ConnectionLost
from atari_cli.wire.atari_v1 import SUBPROTOCOL

CLOSE_SECONDS: Final = 2.0
_LOOK_AFTER_SECONDS: Final = 5.0
_CHUNK: Final = 1 << 16


class SyncSocket:
    """An open WebSocket.

    Args:
        place: Where the server is.
        timeout: Seconds that opening may take.
        most_bytes: Bytes that a message may have.

    Attributes:
        subprotocol: What the server chose: `atari.v1`, or None.

    Raises:
        ConnectionLost: If it cannot be opened.
    """

    def __init__(self, place: Address, timeout: float, most_bytes: int) -> None:
        self._shown = place.shown
        self._messages: deque[Message] = deque()
        self._parts: list[bytes] = []
        self._is_text = True
        self._has_asked = False
        self._at_end = False
        self._guard = threading.Lock()  # of all the above, and of the socket
        self._closed = threading.Event()
        due = monotonic() + timeout
        url = parse_uri(place.url)
        deflate = None if place.is_local else [ClientPerMessageDeflateFactory()]
        self._protocol = ClientProtocol(
            url, subprotocols=[Subprotocol(SUBPROTOCOL)], extensions=deflate, max_size=most_bytes
        )
        try:
            self._socket = _connect(url, place.is_local, timeout)
        except (OSError, ValueError) as error:
            raise failures.not_there(self._shown, error) from None
        try:
            self._shake_hands(place.headers, due)
        except BaseException:
            self._socket.close()
            raise
        self.subprotocol = self._protocol.subprotocol
        threading.Thread(target=_look_after, args=(weakref.ref(self),), daemon=True).start()

    def is_open(self) -> bool:
        """Return whether a request can be sent, as far as is known without waiting.

        One that nothing was asked yet counts as open: what the server has said before it closed
        is then the reply to the first request.
        """
        with self._guard:
            self._look()
            return not self._has_asked or self._protocol.state is State.OPEN

    def ask(self, texts: Sequence[bytes], timeout: float) -> Message:
        """Send texts and return the next reply.

        Raises:
            ConnectionLost: If the connection breaks.
            ReplyTimeout: If no reply comes in time.
        """
        due = monotonic() + timeout
        with self._guard:
            self._has_asked = True
            try:
                with suppress(ConnectionError, WebSocketException):
                    # The server may have said why, before it closed.
                    for text in texts:
                        self._protocol.send_text(text)
                    self._flush(timeout)
                while not self._messages:
                    if self._at_end or self._protocol.state is not State.OPEN:
                        raise failures.lost(self._shown, self._why())
                    self._receive(due - monotonic())
            except ConnectionLost:
                raise
            except TimeoutError:
                raise failures.timed_out(self._shown, timeout) from None
            except OSError as error:
                raise failures.lost(self._shown, str(error)) from None
            return self._messages.popleft()

    def close(self, farewell: bytes) -> None:
        """Say farewell and close; when this returns, the server has let go, if it ever does."""
        due = monotonic() + CLOSE_SECONDS
        with self._guard, suppress(OSError, WebSocketException):
            if self._protocol.state is State.OPEN:
                # The server closes at the farewell, when it has let go of the session.
                self._protocol.send_text(farewell)
                self._flush(CLOSE_SECONDS)
                while not self._at_end:
                    self._receive(due - monotonic())
        self.drop()

    def drop(self) -> None:
        """Cut the connection; doing so twice is fine."""
        self._closed.set()
        self._at_end = True
        self._socket.close()

    def look_after(self) -> None:
        """Answer pings, if nobody is asking anything."""
        if self._guard.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._guard.release()

    def _shake_hands(self, headers: dict[str, str], due: float) -> None:
        request = self._protocol.connect()
        for name, value in headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        answers: list[Response] = []
        try:
            self._flush(due - monotonic())
            while not answers and not self._at_end:
                answers += [
                    each for each in self._receive(due - monotonic()) if isinstance(each, Response)
                ]
        except OSError as error:
            raise failures.not_there(self._shown, error) from None
        wrong = self._protocol.handshake_exc
        if isinstance(wrong, InvalidStatus):
            response = wrong.response
            raise failures.no_handshake(
                self._shown, response.status_code, bytes(response.body or b""), str(wrong)
            )
        if wrong is not None or not answers:
            raise failures.no_handshake(self._shown, None, None, str(wrong or "it hung up"))

    def _look(self) -> None:
        """Take what has come already. The caller holds the guard; here and below."""
        if not self._at_end:
            with suppress(OSError):
                self._receive(0.0)

    def _receive(self, timeout: float) -> list[object]:
        """Take what comes next, and see to pings."""
        if timeout < 0:
            raise TimeoutError
        self._socket.settimeout(timeout)
        try:
            data = self._socket.recv(_CHUNK)
        except (BlockingIOError, TimeoutError, ssl.SSLWantReadError):
            raise
        except OSError:
            self._at_end = True
            raise
        if data:
            self._protocol.receive_data(data)
        else:
            self._at_end = True
            self._protocol.receive_eof()
        events: list[object] = list(self._protocol.events_received())
        for event in events:
            if isinstance(event, Frame):
                self._collect(event)
        with suppress(ConnectionError):
            self._flush(CLOSE_SECONDS)
        return events

    def _collect(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._is_text = frame.opcode is Opcode.TEXT
            self._parts = []
        elif frame.opcode is not Opcode.CONT:
            return
        self._parts.append(bytes(frame.data))
        if frame.fin:
            message = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self._parts = []
            self._messages.append(message.decode(errors="replace") if self._is_text else message)

    def _flush(self, timeout: float) -> None:
        """Send what the protocol has to say."""
        for data in self._protocol.data_to_send():
            if data:
                self._socket.settimeout(max(timeout, 0.001))
                self._socket.sendall(data)

    def _why(self) -> str:
        close = self._protocol.close_rcvd or self._protocol.close_sent
        return str(close or "the server hung up")


def _look_after(reference: "weakref.ref[SyncSocket]") -> None:
    """Look after a connection until it is closed, or nobody has it any more."""
    while True:
        connection = reference()
        if connection is None:
            return
        closed = connection._closed
        del connection  # while this waits, the client may go
        if closed.wait(_LOOK_AFTER_SECONDS):
            return
        connection = reference()
        if connection is not None:
            connection.look_after()


def _connect(url: WebSocketURI, is_local: bool, timeout: float) -> socket:
    """Return a connected socket, through the proxy that the system names for the URL."""
    proxy = None if is_local else _proxy(url)
    if proxy:
        tunnel = HTTPConnection(*proxy, timeout=timeout)
        tunnel.set_tunnel(url.host, url.port)
        tunnel.connect()
        connection: socket = tunnel.sock
    else:
        connection = create_connection((url.host, url.port), timeout)
    try:
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        if url.secure:
            context = ssl.create_default_context()
            return context.wrap_socket(connection, server_hostname=url.host)
        return connection
    except BaseException:
        connection.close()
        raise


def _proxy(url: WebSocketURI) -> tuple[str, int] | None:
    proxies = getproxies()
    found = proxies.get("https" if url.secure else "http") or proxies.get("all")
    if not found or proxy_bypass(url.host):
        return None
    parts = urlsplit(found if "://" in found else f"http://{found}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"the proxy {parts.scheme}://{parts.hostname} is none of http")
    return parts.hostname, parts.port or 80
