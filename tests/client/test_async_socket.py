"""An asyncio WebSocket, and everything that a server may do to it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from atari_cli.client.address import address
from atari_cli.client.async_socket import AsyncSocket, open_socket
from atari_cli.client.options import Pings
from atari_cli.errors import ConnectionLost, ReplyTimeout
from tests.client.conftest import deaf

Scripted = Callable[..., str]


def run(url: str, what: Callable[[AsyncSocket], Coroutine[Any, Any, None]]) -> None:
    async def begin() -> None:
        socket = await open_socket(address(url), 5, 1000, Pings(None, None))
        try:
            await what(socket)
        finally:
            await socket.close(b"bye")

    asyncio.run(begin())


def test_a_message_sent_before_the_close_is_read(scripted: Scripted) -> None:
    def script(server: ServerConnection) -> None:
        server.send("no room")

    async def what(socket: AsyncSocket) -> None:
        assert socket.is_open()
        assert await socket.ask((b"x",), 5) == "no room"
        with pytest.raises(ConnectionLost, match=r"reset\(\) starts another"):
            await socket.ask((b"x",), 5)
        assert not socket.is_open()

    run(scripted(script), what)


def test_a_missing_reply_is_a_timeout(scripted: Scripted) -> None:
    def script(server: ServerConnection) -> None:
        for _ in server:
            pass

    async def what(socket: AsyncSocket) -> None:
        with pytest.raises(ReplyTimeout):
            await socket.ask((b"x",), 0.01)
        socket.drop()
        socket.drop()

    run(scripted(script), what)


def test_an_overlong_message_ends_the_connection(scripted: Scripted) -> None:
    def script(server: ServerConnection) -> None:
        server.recv()
        server.send("x" * 2000)

    async def what(socket: AsyncSocket) -> None:
        with pytest.raises(ConnectionLost, match="1009"):
            await socket.ask((b"x",), 5)

    run(scripted(script), what)


def test_a_server_that_replies_to_no_ping_is_lost(scripted: Scripted) -> None:
    ended = threading.Event()

    def script(server: ServerConnection) -> None:
        with deaf(server):
            ended.wait(10)

    async def play() -> None:
        pings = Pings(0.02, 0.02)
        socket = await open_socket(address(scripted(script)), 5, 1000, pings)
        with pytest.raises(ConnectionLost, match="ping"):
            await socket.ask((b"x",), 5)
        ended.set()

    asyncio.run(play())
