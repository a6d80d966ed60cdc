"""A page that plays or watches, seen from the server."""

import json
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from atari_cli.model import Bytes
from atari_cli.wire.atari_v1 import SUBPROTOCOL, unpack_message
from tests.server.conftest import Ways

Json = dict[str, Any]
PATIENCE = 30


class Page:
    """Receives messages, and reports the screens that it has seen.

    Attributes:
        episode: The description of the episode.
        shown: Indices and RAM of the last screen.
        told: The data of the last reply to `play`.
    """

    def __init__(self, ways: Ways, path: str = "/ws", sees: bool = True) -> None:
        self.socket: ClientConnection = ways.talk(path, subprotocols=[SUBPROTOCOL])
        self.episode: Json = {}
        self.shown: Bytes = np.zeros(0, np.uint8)
        self.told: Json = {}
        self.sees = sees

    def say(self, kind: str, **data: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **({"data": data} if data else {})}))

    def ask(self, kind: str, reply: str, **data: Any) -> Json:
        """Send a message and return the data of its reply, skipping other messages before it."""
        self.say(kind, **data)
        return self.await_message(reply)

    def await_message(self, kind: str) -> Json:
        """Return the data of the next message of a type."""
        while True:
            found, data = self.take()
            if found == kind:
                return data

    def take(self) -> tuple[str, Json]:
        """Take the next message; return its type and data."""
        message = self.socket.recv(timeout=PATIENCE)
        if isinstance(message, str):
            header = json.loads(message)
        else:
            header, payload = unpack_message(message, 1 << 20)
        data: Json = header["data"]
        if header["type"] == "episode":
            self.episode = data
        if header["type"] == "screen":
            values = np.frombuffer(payload, np.uint8)
            change = values[: len(values) - data["sound"]]
            self.shown = change if data["key"] else self.shown ^ change
            if self.sees:
                self.say("seen", number=data["number"])
        return header["type"], data

    def await_screen(self, frame: int = 0) -> Json:
        """Return the data of the first screen with at least this frame number."""
        while True:
            data = self.await_message("screen")
            if data["frame"] >= frame:
                return data

    def closed(self) -> int:
        """Return the code with which the server closes the connection, after any other messages."""
        with pytest.raises(ConnectionClosed) as raised:
            while True:
                self.socket.recv(timeout=PATIENCE)
        assert raised.value.rcvd is not None
        return raised.value.rcvd.code

    def play(self, **data: Any) -> Json:
        """Begin to play and return the reply."""
        self.told = self.ask("play", "playing", **data)
        return self.told
