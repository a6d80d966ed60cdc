"""A client of the tools, as a language model uses them, in this process."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.server.mcp import Caller, answer, new_owner
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions
from tests.server.conftest import Ways


class Player:
    """A client that calls tools.

    Attributes:
        caller: The caller of the tools.
        sessions: The register of sessions.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.sessions = caller.sessions

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and return the whole reply."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        reply = answer(request, self.caller)
        assert isinstance(reply, dict)
        json.dumps(reply)
        return reply

    def result(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the result of a call."""
        return dict(self.ask("tools/call", name=tool, arguments=arguments)["result"])

    def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the data of a call that succeeds."""
        found = self.result(tool, **arguments)
        assert not found["isError"], found
        return dict(found["structuredContent"])

    def text(self, tool: str, **arguments: Any) -> str:
        """Return the text of a call that succeeds."""
        found = self.result(tool, **arguments)
        assert not found["isError"], found
        return str(found["content"][0]["text"])

    def refused(self, tool: str, **arguments: Any) -> str:
        """Return the one-line refusal of a call."""
        found = self.result(tool, **arguments)
        assert found["isError"]
        assert "structuredContent" not in found
        (block,) = found["content"]
        assert "\n" not in block["text"]
        return str(block["text"])


NewPlayer = Callable[..., Player]


@pytest.fixture
def new_player() -> NewPlayer:
    """Return a function that makes players: `new_player(keeps_session=False, most=2)`."""

    def make(keeps_session: bool = True, most: int = 8, **settings: Any) -> Player:
        sessions = Sessions(EnvironmentConfig(**settings), most, 60.0, 30.0, Metrics())
        owner = new_owner() if keeps_session else None
        return Player(Caller(sessions, owner=owner))

    return make


@pytest.fixture
def player(new_player: NewPlayer) -> Player:
    return new_player()


def ask(ways: Ways, method: str, **params: object) -> dict[str, Any]:
    """Send a request to /mcp and return the reply."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return dict(ways.ask("POST", "/mcp", request).body)
