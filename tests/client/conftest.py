"""A real server for the client, and scripted ones for behaviour that ours never shows."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from atari_cli import AtariEnv, SyncAtariEnv
from tests.server.conftest import Start, Ways, start, ways

__all__ = ["start", "ways"]

Script = Callable[[ServerConnection], None]


@pytest.fixture
def env(ways: Ways) -> Iterator[SyncAtariEnv]:
    """A blocking client of a server with default settings."""
    with AtariEnv(ways.server.url).sync() as client:
        yield client


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make clients offer an unknown subprotocol, so that they fall back to plain OpenEnv."""
    for shell in ("sync_socket", "async_socket"):
        monkeypatch.setattr(f"atari_cli.client.{shell}.SUBPROTOCOL", "unheard.of")


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], str]]:
    """Serve WebSockets with a given function; calling it returns the URL."""
    with ExitStack() as stack:

        def begin(script: Script, **options: Any) -> str:
            server = stack.enter_context(serve(script, "127.0.0.1", 0, **options))
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join, 5)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.socket.getsockname()[1]}"

        yield begin


@contextmanager
def deaf(server: ServerConnection) -> Iterator[None]:
    """Let a server read nothing for a block, as if the network dropped what it is sent."""
    with server.protocol_mutex:  # without it, the library's thread cannot answer a ping
        yield


def only(texts: Sequence[bytes]) -> Any:
    """Return the only request that an exchange sends."""
    (text,) = texts
    return json.loads(text)


def observation(**changes: Any) -> str:
    """Return the reply of a plain server that has no more than upstream's fields."""
    seen = {
        "screen": list(range(128)),
        "screen_shape": [128],
        "legal_actions": [0, 1],
        "lives": 3,
        "episode_frame_number": 4,
        "frame_number": 8,
    }
    data = {"observation": seen, "reward": None, "done": False, **changes}
    return json.dumps({"type": "observation", "data": data})


def error(code: str, message: str = "because", **more: Any) -> str:
    return json.dumps({"type": "error", "data": {"code": code, "message": message, **more}})


__all__ += ["Script", "Start", "Ways", "deaf", "error", "observation", "only"]
