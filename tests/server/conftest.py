"""A real server on a free port, and ways to connect to it."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from time import monotonic, sleep
from typing import Any, NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.server import Server


class Reply(NamedTuple):
    """A reply: status, headers by names in lower case, and the JSON document or the text."""

    status: int
    headers: dict[str, str]
    body: Any


class Ways:
    """Ways to connect to a server.

    Attributes:
        server: The server.
    """

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self.server = server
        self._stack = stack
        self._connection = self.connection()

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.server.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def connection(self) -> HTTPConnection:
        connection = HTTPConnection(*self.address, timeout=30)
        self._stack.callback(connection.close)
        return connection

    def send(self, data: bytes) -> bytes:
        """Send bytes on a separate connection and return everything that is received."""
        with socket.create_connection(self.address, timeout=30) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read()

    def ask(self, method: str, path: str, document: object = None, **headers: str) -> Reply:
        """Send a request on a kept connection; `_` in a header's name becomes `-`."""
        body = None if document is None else json.dumps(document)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)
        response = self._connection.getresponse()
        text = response.read()
        is_json = response.headers["Content-Type"] == "application/json" and text
        found = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, found, json.loads(text) if is_json else text.decode())

    def talk(self, path: str = "/ws", **options: Any) -> ClientConnection:
        """Open a WebSocket."""
        url = self.server.url.replace("http", "ws", 1) + path
        return self._stack.enter_context(
            connect(url, **{"compression": None, "max_size": None, "close_timeout": 1} | options)
        )


Start = Callable[..., Ways]


@pytest.fixture(autouse=True)
def quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make servers notice soon that they are to stop."""
    monkeypatch.setattr("atari_cli.server.front.listener.POLL_SECONDS", 0.002)


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts servers with settings: `start(token="t")`."""
    with ExitStack() as stack:

        def begin(environment: EnvironmentConfig | None = None, **settings: Any) -> Ways:
            config = ServeConfig(**{"port": 0} | settings)
            server = stack.enter_context(Server(config, environment or EnvironmentConfig()))
            return Ways(server, stack)

        yield begin


@pytest.fixture
def ways(start: Start) -> Ways:
    """A server with default settings except for its port."""
    return start()


def until(is_so: Callable[[], bool]) -> bool:
    """Wait until a function returns true, for a limited time; return its last value."""
    due = monotonic() + 30
    while not is_so() and monotonic() < due:
        sleep(0.002)
    return is_so()


def closed_with(connection: ClientConnection) -> int:
    """Return the code with which the server closes a WebSocket."""
    with pytest.raises(ConnectionClosed) as raised:
        connection.recv(timeout=30)
    assert raised.value.rcvd is not None
    return raised.value.rcvd.code


def say(connection: ClientConnection, kind: str, **data: Any) -> dict[str, Any]:
    """Send a message and return the reply."""
    frame = {"type": kind} if kind in {"state", "close"} else {"type": kind, "data": data}
    connection.send(json.dumps(frame))
    reply: dict[str, Any] = json.loads(connection.recv(timeout=30))
    return reply
