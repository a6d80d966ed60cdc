"""A client with its own container, with a fake engine and a fake client."""

import asyncio
import threading
from typing import Any, Self

import pytest

from atari_cli.client.container_env import ContainerEnv
from atari_cli.client.options import Options
from atari_cli.errors import ConnectionLost, InvalidSetting


class Container:
    url = "http://127.0.0.1:1"
    is_removed = False

    def remove(self) -> None:
        self.is_removed = True


class Client:
    def __init__(self, options: Options) -> None:
        self.options = options

    async def connect(self) -> Self:
        return self

    async def close(self) -> None:
        assert self.options.container
        self.options.container.remove()


def made(container: Any, **options: Any) -> ContainerEnv[Client]:
    return ContainerEnv(lambda cancelled: container, options, Client)


def test_the_client_gets_its_options_and_the_container() -> None:
    container: Any = Container()

    async def play() -> None:
        async with made(container, token="t") as client:
            assert client.options == Options(container.url, token="t", container=container)
            assert not container.is_removed

    asyncio.run(play())
    assert container.is_removed


def test_a_container_that_starts_after_a_cancellation_is_removed() -> None:
    container, begun, returned = Container(), threading.Event(), threading.Event()

    def start(cancelled: threading.Event) -> Any:
        begun.set()
        assert cancelled.wait(5)
        returned.set()
        return container

    async def wait_for_it() -> Client:
        return await ContainerEnv(start, {}, Client)

    async def play() -> None:
        task = asyncio.ensure_future(wait_for_it())
        assert await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(play())
    assert returned.is_set()
    assert container.is_removed


def test_the_container_of_an_unresponsive_server_is_removed() -> None:
    container: Any = Container()
    with pytest.raises(ConnectionLost), made(container):
        pass
    assert container.is_removed


def test_an_invalid_option_is_refused_before_the_container_starts() -> None:
    container = ContainerEnv(lambda cancelled: pytest.fail("started"), {"token": "\n"}, Client)
    with pytest.raises(InvalidSetting):
        container.sync()
