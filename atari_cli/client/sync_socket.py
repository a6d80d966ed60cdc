"""A blocking WebSocket: the sans-I/O protocol of `websockets` on a socket of the standard library.

The caller's thread reads the socket: a receiving thread, as in `websockets.sync`, would slow a step
down by a tenth or more (docs/decisions.md). A second thread answers and sends pings between
requests.
"""

import errno
import os
import selectors
import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from http.client import HTTPConnection, HTTPSConnection
from socket import SO_ERROR, SOCK_STREAM, SOL_SOCKET, getaddrinfo, socket
from time import monotonic
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakMethod

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI, parse_uri

from atari_cli.client import failures
from atari_cli.client.address import NEXT_ADDRESS_SECONDS, Address
from atari_cli.client.dialects.dialect import RawMessage
from atari_cli.client.options import Pings
from atari_cli.errors import ConnectionLost
from atari_cli.system.polling import Selector
from atari_cli.wire.atari_v1 import SUBPROTOCOL, TAKEN_OVER

CLOSE_SECONDS: Final = 2.0
_UNDER_WAY: Final = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)
_TEND_SECONDS: Final = 5.0
_CHUNK: Final = 1 << 16


class SyncSocket:
    """An open WebSocket.

    Args:
        place: Where the server is.
        timeout: Seconds that opening may take.
        most_bytes: Maximum size of a message.
        pings: When the connection is tested.

    Attributes:
        subprotocol: The subprotocol that the server chose: `atari.v1`, or None.

    Raises:
        ConnectionLost: If it cannot be opened.
    """

    def __init__(self, place: Address, timeout: float, most_bytes: int, pings: Pings) -> None:
        self._shown = place.shown
        self._pings = pings
        self._messages: deque[RawMessage] = deque()
        self._parts: list[bytes] = []  # of a message of which more is to come
        self._is_text = True
        self._has_asked = False
        self._at_end = False
        self._heard = monotonic()  # when anything came last
        self._pinged: float | None = None  # when the ping was sent that has no reply yet
        self._guard = threading.Lock()  # of all the above, and of the socket
        self._closed = threading.Event()
        due = monotonic() + timeout
        url = parse_uri(place.url)
        deflate = None if place.is_local else [ClientPerMessageDeflateFactory()]
        self._protocol = ClientProtocol(
            url, subprotocols=[Subprotocol(SUBPROTOCOL)], extensions=deflate, max_size=most_bytes
        )
        try:
            self._socket = _connect(url, None if place.is_local else _proxy(url), timeout)
        except (OSError, ValueError) as error:
            raise failures.unopened(self._shown, error, place.resumes) from None
        try:
            self._shake_hands(place.headers, due)
        except BaseException as error:
            self._socket.close()
            if isinstance(error, OSError | WebSocketException):
                raise failures.unopened(self._shown, error, place.resumes) from None
            raise
        self.subprotocol = self._protocol.subprotocol
        self._selector = Selector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        tend = WeakMethod(self.tend)  # an abandoned client is closed, not kept alive
        pause = min([_TEND_SECONDS, *(value / 2 for value in pings if value)])
        threading.Thread(target=_tend, args=(tend, self._closed, pause), daemon=True).start()

    def is_open(self) -> bool:
        """Return whether a request can be sent, as far as is known without waiting.

        A socket that has sent no request yet counts as open, so that an error sent before the
        server closed becomes the first reply.
        """
        with self._guard:
            self._receive_waiting()
            is_open = self._protocol.state is State.OPEN and not self._at_end
            return is_open or not self._has_asked

    @property
    def was_taken(self) -> bool:
        """Whether another connection has the session."""
        close = self._protocol.close_rcvd
        return close is not None and close.code == TAKEN_OVER

    def ask(self, texts: Sequence[bytes], timeout: float) -> RawMessage:
        """Send texts and return the next reply.

        Args:
            texts: The requests, each a message.
            timeout: Seconds to wait for the reply.

        Raises:
            ConnectionLost: If the connection breaks.
            ReplyTimeout: If the reply does not arrive in time.
        """
        due = monotonic() + timeout
        with self._guard:
            self._has_asked = True
            try:
                with suppress(ConnectionError, WebSocketException):
                    # A server that has closed may have sent the reason before.
                    for text in texts:
                        self._protocol.send_text(text)
                    self._flush(timeout)
                rest = timeout
                while not self._messages:
                    if self._at_end or self._protocol.state is not State.OPEN:
                        raise failures.lost(self._shown, self._why())
                    self._receive(rest)
                    rest = due - monotonic()
            except ConnectionLost:
                raise
            except TimeoutError:
                raise failures.timed_out(self._shown, timeout) from None
            except OSError as error:
                raise failures.lost(self._shown, str(error)) from None
            return self._messages.popleft()

    def close(self, farewell: bytes) -> None:
        """Send a farewell and close, once the server has ended the session or time is up.

        Args:
            farewell: The request that ends the session, after which the server closes.
        """
        due = monotonic() + CLOSE_SECONDS
        with self._guard, suppress(OSError, WebSocketException):
            if self._protocol.state is State.OPEN:
                self._protocol.send_text(farewell)
                self._flush(CLOSE_SECONDS)
                while not self._at_end:
                    self._receive(due - monotonic())
        self.drop()

    def drop(self) -> None:
        """Cut the connection; calling it again does nothing."""
        self._closed.set()
        self._at_end = True
        self._socket.close()

    def tend(self) -> None:
        """Answer pings and send one if it is due, unless a request is under way, which answers."""
        if self._guard.acquire(blocking=False):
            try:
                self._receive_waiting()
                self._ping()
            finally:
                self._guard.release()

    # The caller of each method below holds the guard.

    def _shake_hands(self, headers: dict[str, str], due: float) -> None:
        request = self._protocol.connect()
        request.headers.update(headers)
        self._protocol.send_request(request)
        self._flush(due - monotonic())
        while self._protocol.state is State.CONNECTING and not self._protocol.handshake_exc:
            if self._at_end:
                raise WebSocketException("it hung up")
            self._receive(due - monotonic())
        if self._protocol.handshake_exc:
            raise self._protocol.handshake_exc

    def _receive_waiting(self) -> None:
        """Receive what has arrived already."""
        if not self._at_end and self._selector.select(0):
            with suppress(OSError):
                self._receive(0.0)

    def _ping(self) -> None:
        """Send a ping if nothing came for a while; drop a connection whose ping has no reply."""
        interval, timeout = self._pings
        now = monotonic()
        if self._pinged is not None:
            if timeout is not None and now - self._pinged > timeout:
                self.drop()
        elif interval is not None and now - self._heard > interval and not self._at_end:
            with suppress(OSError, WebSocketException):
                self._protocol.send_ping(b"")
                self._flush(CLOSE_SECONDS)
                self._pinged = now

    def _receive(self, timeout: float) -> None:
        """Receive what arrives next, and answer pings."""
        if timeout < 0:
            raise TimeoutError
        self._limit(timeout)
        try:
            data = self._socket.recv(_CHUNK)
        except (BlockingIOError, TimeoutError, ssl.SSLWantReadError):
            raise
        except OSError:
            self._at_end = True
            raise
        if data:
            self._heard, self._pinged = monotonic(), None
            self._protocol.receive_data(data)
        else:
            self._at_end = True
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._collect(event)
        with suppress(ConnectionError):
            self._flush(CLOSE_SECONDS)

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
        """Send what the protocol has to send, in one piece."""
        if data := b"".join(self._protocol.data_to_send()):
            self._limit(max(timeout, 0.001))
            self._socket.sendall(data)

    def _limit(self, timeout: float) -> None:
        """Set the socket's timeout, which is a system call, if it has another."""
        if timeout != self._socket.gettimeout():
            self._socket.settimeout(timeout)

    def _why(self) -> str:
        close = self._protocol.close_rcvd or self._protocol.close_sent
        return str(close or "the server hung up")


def _tend(method: "WeakMethod[Callable[[], None]]", closed: threading.Event, pause: float) -> None:
    """Call a socket's method every `pause` seconds until it is closed or garbage."""
    while not closed.wait(pause):
        tend = method()
        if tend is None:
            return
        tend()
        del tend  # while this waits, the socket may become garbage


def _connect(url: WebSocketURI, proxy: tuple[str, int] | None, timeout: float) -> socket:
    """Return a connected socket, with TLS if the URL asks for it."""
    kind = HTTPSConnection if url.secure else HTTPConnection
    connection = kind(*(proxy or (url.host, url.port)), timeout=timeout)
    connection._create_connection = _dial  # type: ignore[attr-defined]
    if proxy:
        connection.set_tunnel(url.host, url.port)
    connection.connect()
    opened: socket = connection.sock
    return opened


def _dial(place: tuple[str, int], timeout: float, source: object = None) -> socket:
    """Return a socket that is connected to the first of a host's addresses that answers.

    As in RFC 8305, the next address is tried as well once one has taken a quarter of a second:
    Windows tries one where nobody listens for two, such as `::1` for `localhost`.
    """
    due = monotonic() + timeout
    waiting = getaddrinfo(*place, type=SOCK_STREAM)
    error: OSError = TimeoutError("timed out")
    with Selector() as tried, ExitStack() as stack:
        while waiting or tried.get_map():
            if waiting:
                family, kind, protocol, _, address = waiting.pop(0)
                trying = stack.enter_context(socket(family, kind, protocol))
                trying.setblocking(False)
                if (code := trying.connect_ex(address)) in _UNDER_WAY:
                    tried.register(trying, selectors.EVENT_WRITE, trying)
                else:
                    error = _refused(code)
                    continue
            pause = NEXT_ADDRESS_SECONDS if waiting else timeout
            for key, _ in tried.select(max(0, min(pause, due - monotonic()))):
                tried.unregister(key.data)
                if not (code := key.data.getsockopt(SOL_SOCKET, SO_ERROR)):
                    opened = socket(fileno=key.data.detach())
                    opened.settimeout(timeout)
                    return opened
                error = _refused(code)
            if monotonic() >= due:
                raise TimeoutError("timed out")
    raise error


def _refused(code: int) -> OSError:
    """Return the error of a connection; Windows has no text for those of sockets."""
    text = os.strerror(code)
    return OSError(code, errno.errorcode.get(code, text) if "Unknown" in text else text)


def _proxy(url: WebSocketURI) -> tuple[str, int] | None:
    """Return the proxy that the system has for a URL, None if it has none."""
    proxies = getproxies()
    found = proxies.get("https" if url.secure else "http") or proxies.get("all")
    if not found or proxy_bypass(url.host):
        return None
    parts = urlsplit(found if "://" in found else f"http://{found}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"the proxy {parts.scheme}://{parts.hostname} is not an HTTP proxy")
    return parts.hostname, parts.port or 80
