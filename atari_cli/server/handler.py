"""The shell of the HTTP API: bytes of a connection to a Request, and a Response to bytes."""

import logging
import secrets
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from atari_cli.checks import is_loopback
from atari_cli.server.exchange import Problem, Request, Response
from atari_cli.server.upgrade import serve_websocket
from atari_cli.version import __version__

if TYPE_CHECKING:
    from atari_cli.server.listener import Listener

MAX_BODY_BYTES: Final = 1 << 20
HEAD_SECONDS: Final = 10.0
BODY_SECONDS: Final = 30.0
IDLE_SECONDS: Final = 15.0
WRITE_SECONDS: Final = 20.0

_log: Final = logging.getLogger("atari.server")


class Handler(BaseHTTPRequestHandler):
    """Serves one connection: its requests one after another, or a WebSocket."""

    protocol_version = "HTTP/1.1"
    server_version = f"atari/{__version__}"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        """Serve a request; the connection stays open for the next one for a while."""
        try:
            self._serve_one()
        except (TimeoutError, ConnectionError, BrokenPipeError):
            self.close_connection = True
        finally:
            self._flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Log what http.server itself has to say."""
        _log.debug(format, *args)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a head that http.server refuses as everything else is answered."""
        self.close_connection = True
        self.request_version = self.protocol_version  # a wrong one would have no head
        self.send(Problem(HTTPStatus(code), message or HTTPStatus(code).phrase).response)

    def _serve_one(self) -> None:
        if not self.rfile.peek(1):  # type: ignore[attr-defined]  # it is a BufferedReader
            self.close_connection = True
            return
        started = monotonic()
        with self.listener.deadline(self.connection, HEAD_SECONDS):
            if not self._read_head():
                return
        if self._is_upgrade():
            self.close_connection = True
            serve_websocket(self)
            return
        request_id = secrets.token_hex(4)
        try:
            response = self.listener.routes.respond(self._request())
        except Problem as problem:
            self.close_connection = True
            response = problem.response
        except Exception:
            _log.exception("request %s failed", request_id)
            response = Problem(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"the server failed; its log has {request_id}"
            ).response
        self.send(response)
        self._tell(request_id, response, monotonic() - started)
        self.connection.settimeout(IDLE_SECONDS)

    @property
    def listener(self) -> "Listener":
        """The server that accepted this connection."""
        return cast("Listener", self.server)

    def lower_headers(self) -> dict[str, str]:
        """Return the request's headers by names in lower case."""
        return {name.lower(): value for name, value in self.headers.items()}

    def owner(self) -> str:
        """Return whose default session the request uses: the token's, else the peer's."""
        config = self.listener.context.config
        return "token" if config.token else str(self.client_address[0])

    def head(self) -> bytes:
        """Return the request's head as it came, for the WebSocket's protocol."""
        lines = [self.requestline, *(f"{name}: {value}" for name, value in self.headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def take_rest(self) -> bytes:
        """Return what was read beyond the head."""
        self.connection.setblocking(False)
        with suppress(BlockingIOError):
            return self.rfile.read1(1 << 16) or b""
        return b""

    def _read_head(self) -> bool:
        """Read a request's head; a wrong one was answered then."""
        self.raw_requestline = self.rfile.readline(65_537)
        if len(self.raw_requestline) > 65_536:
            self.requestline = self.request_version = self.command = ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
            return False
        return self.parse_request()

    def _is_upgrade(self) -> bool:
        return "websocket" in self.headers.get("Upgrade", "").lower()

    def _request(self) -> Request:
        url = urlsplit(self.path)
        return Request(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            self.lower_headers(),
            self._body(),
            self.owner(),
            is_loopback(self.client_address[0]),
        )

    def _body(self) -> bytes:
        """Return the body, having refused what could smuggle another request or has no end."""
        lengths = self.headers.get_all("Content-Length", [])
        if self.headers.get("Transfer-Encoding") is not None:
            raise Problem(HTTPStatus.NOT_IMPLEMENTED, "send a body with Content-Length")
        if not lengths:
            return b""
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            raise Problem(HTTPStatus.BAD_REQUEST, "Content-Length must be one whole number")
        length = int(lengths[0][:20])
        if length > MAX_BODY_BYTES:
            message = f"a body has at most {MAX_BODY_BYTES} bytes, got {length}"
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
            self._flush()
        with self.listener.deadline(self.connection, BODY_SECONDS):
            body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the body ended early")
        return body

    def send(self, response: Response) -> None:
        """Send a reply."""
        self.connection.settimeout(WRITE_SECONDS)
        self.send_response_only(response.status)
        self.send_header("Server", self.server_version)
        self.send_header("Content-Type", response.content_type)
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)

    def _flush(self) -> None:
        try:
            self.wfile.flush()
        except (OSError, ValueError):
            self.close_connection = True

    def _tell(self, request_id: str, response: Response, seconds: float) -> None:
        path = urlsplit(self.path).path[:200]
        metrics = self.listener.context.metrics
        metrics.count("atari_http_requests_total", method=self.command, code=int(response.status))
        metrics.count("atari_sent_bytes_total", len(response.body))
        _log.info(
            "%s %s %d %.1f ms",
            self.command,
            path,
            response.status,
            1000 * seconds,
            extra={"request_id": request_id, "peer": self.client_address[0]},
        )
