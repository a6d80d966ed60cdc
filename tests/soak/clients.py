"""Clients of every kind: each plays for a while and leaves, some without closing anything."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from random import Random
from time import monotonic
from typing import Any, NamedTuple

from websockets.sync.client import ClientConnection, connect

from atari_cli import AtariEnv
from atari_cli.server.mcp.caller import VERSIONS
from atari_cli.wire.atari_v1 import SUBPROTOCOL, unpack_message

GAMES = ("pong", "breakout", "ms_pacman", "space_invaders")
PATIENCE = 120.0
STEPS = 40
WATCHERS = 3


class Place(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def ask(self, method: str, path: str, document: object = None, **headers: str) -> Any:
        """Return the document of a reply that must be a success; `_` in a header's name is `-`."""
        _, reply = self.ask_for(method, path, document, **headers)
        return reply

    def ask_for(
        self, method: str, path: str, document: object = None, **headers: str
    ) -> tuple[dict[str, str], Any]:
        """Return headers and document of a reply, on a separate connection."""
        connection = HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            body = None if document is None else json.dumps(document)
            connection.request(method, path, body, named)
            response = connection.getresponse()
            text = response.read()
            assert response.status in (200, 201), (path, response.status, text)
            is_json = response.headers["Content-Type"] == "application/json"
            return dict(response.headers), json.loads(text) if is_json else text.decode()
        finally:
            connection.close()

    @contextmanager
    def talk(self, draw: Random, path: str = "/ws", **options: Any) -> Iterator[ClientConnection]:
        """Open a WebSocket; at the end, close it or break the connection at random."""
        url = f"ws://{self.host}:{self.port}{path}"
        options |= {"compression": None, "max_size": None, "ping_interval": None}
        with connect(url, open_timeout=PATIENCE, **options) as connection:
            yield connection
            if draw.random() < 0.5:
                connection.socket.shutdown(socket.SHUT_RDWR)


def plays_over_http(place: Place, draw: Random) -> None:
    """Create a session, play in it, and end it or abandon it."""
    session = place.ask("POST", "/sessions", {"game": draw.choice(GAMES)})["session_id"]
    place.ask("POST", "/reset", {"seed": draw.randrange(1000)}, X_Atari_Session=session)
    for _ in range(STEPS // 4):
        action = {"action": {"action_id": draw.randrange(3)}}
        place.ask("POST", "/step", action, X_Atari_Session=session)
    if draw.random() < 0.5:
        place.ask("DELETE", f"/sessions/{session}")


def plays_as_openenv(place: Place, draw: Random) -> None:
    """Play with OpenEnv's messages."""
    with place.talk(draw) as connection:
        say(connection, "reset", seed=draw.randrange(1000))
        for _ in range(STEPS):
            say(connection, "step", action_id=draw.randrange(3))


def plays_with_our_client(place: Place, draw: Random) -> None:
    """Play over `atari.v1`, in single steps and in batches."""
    with AtariEnv(base_url=f"http://{place.host}:{place.port}").sync() as env:
        env.reset(seed=draw.randrange(1000), game=draw.choice(GAMES))
        for _ in range(STEPS):
            env.step(draw.randrange(3))
        env.step_many([draw.randrange(3) for _ in range(STEPS)])


def plays_before_spectators(place: Place, draw: Random) -> None:
    """Play at the console's speed without reading the screens; spectators come and go meanwhile."""
    with place.talk(draw, subprotocols=[SUBPROTOCOL]) as connection:
        told = say(connection, "play", game=draw.choice(GAMES))
        for _ in range(WATCHERS):
            send(connection, "input", code=draw.randrange(18), paddle=None)
            watches(place, draw, told["watch"])
            say(connection, "state")


def watches(place: Place, draw: Random, key: str) -> None:
    """Watch some pictures, and acknowledge each, because the server waits for that."""
    with place.talk(draw, "/ws/watch", subprotocols=[SUBPROTOCOL]) as connection:
        say(connection, "watch", key=key)
        left = draw.randrange(20)
        while left:
            message = connection.recv(timeout=PATIENCE)
            if isinstance(message, bytes):
                header, _ = unpack_message(message, 1 << 20)
                send(connection, "seen", number=header["data"]["number"])
                left -= 1


def plays_over_mcp(place: Place, draw: Random) -> None:
    """Play with the tools of MCP, and end the game or abandon it."""
    params = {"protocolVersion": VERSIONS[0], "capabilities": {}}
    headers, _ = place.ask_for("POST", "/mcp", request("initialize", **params))
    key = headers["Mcp-Session-Id"]
    presses = [{"action": "NOOP", "steps": STEPS}]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("new_game", {"game": draw.choice(GAMES)}),
        ("press", {"actions": presses, "with_screen": True}),
        ("save_state", {}),
        ("restore_state", {}),
    ]
    for name, arguments in calls:
        call = request("tools/call", name=name, arguments=arguments)
        reply = place.ask("POST", "/mcp", call, Mcp_Session_Id=key)
        assert not reply["result"]["isError"], reply
    if draw.random() < 0.5:
        place.ask("DELETE", "/mcp", Mcp_Session_Id=key)


def reads(place: Place, draw: Random) -> None:
    """Read what needs no session."""
    for path in ("/health", "/docs", "/openapi.json", "/metrics", "/web/"):
        place.ask("GET", path)


def aborts(place: Place, draw: Random) -> None:
    """Leave in the middle of a request's head."""
    with socket.create_connection(place, timeout=PATIENCE) as connection:
        connection.sendall(b"POST /step HTTP/1.1\r\nHost: 127.0"[: draw.randrange(33)])


KINDS: tuple[Callable[[Place, Random], None], ...] = (
    plays_over_http,
    plays_as_openenv,
    plays_with_our_client,
    plays_before_spectators,
    plays_over_mcp,
    reads,
    aborts,
)


def come_and_go(place: Place, seed: int, seconds: float) -> dict[str, int]:
    """Act as one client after another for some seconds; count the clients of each kind."""
    draw, end = Random(seed), monotonic() + seconds
    came = {kind.__name__: 0 for kind in KINDS}
    while monotonic() < end:
        kind = draw.choice(KINDS)
        kind(place, draw)
        came[kind.__name__] += 1
    return came


def request(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def send(connection: ClientConnection, kind: str, **data: Any) -> None:
    connection.send(json.dumps({"type": kind, "data": data} if data else {"type": kind}))


def say(connection: ClientConnection, kind: str, **data: Any) -> dict[str, Any]:
    """Send a message and return the data of its reply; skip pictures and sound."""
    send(connection, kind, **data)
    expected = {"play": "playing", "watch": "watching", "state": "state"}.get(kind, "observation")
    while True:
        message = connection.recv(timeout=PATIENCE)
        if isinstance(message, bytes):
            continue
        reply: dict[str, Any] = json.loads(message)
        assert reply["type"] != "error", reply
        if reply["type"] == expected:
            return dict(reply["data"])
