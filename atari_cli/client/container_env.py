"""A client that starts its own server in a container: what `from_docker_image` returns."""

import asyncio
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from typing import Any, Generic, Protocol, Self, TypeVar

from atari_cli.client.container import Container
from atari_cli.client.options import Options
from atari_cli.client.sync_env import SyncAtariEnv
from atari_cli.errors import ContainerFailed, MissingDependency


class AwaitedClient(Protocol):
    """A client whose calls are awaited."""

    async def connect(self) -> Self:
        """Open the connection."""

    async def close(self) -> None:
        """Close the connection, and remove the container."""


Awaited = TypeVar("Awaited", bound=AwaitedClient)


class ContainerEnv(Generic[Awaited]):
    """A client whose container has yet to be started.

    `await` it or write it in `async with` for an AtariEnv; call its `.sync()` or write it in `with`
    for a SyncAtariEnv. Closing the client removes the container.

    Args:
        start: Starts the container and returns it once its server answers; gives up when another
            thread sets the event.
        options: The client's options by name, without the URL.
        make_awaited: Makes an asynchronous client from its options.
    """

    def __init__(
        self,
        start: Callable[[threading.Event], Container],
        options: Mapping[str, Any],
        make_awaited: Callable[[Options], Awaited],
    ) -> None:
        self._start_container = start
        self._options = dict(options)
        self._make_awaited = make_awaited
        self._blocking: SyncAtariEnv | None = None
        self._awaited: Awaited | None = None

    def sync(self) -> SyncAtariEnv:
        """Start the container and return a client whose calls block.

        Raises:
            ContainerFailed: If it does not start, or its server does not answer.
            InvalidSetting: If an option is wrong; no container is started then.
            MissingDependency: If neither docker nor podman is installed.
        """
        return SyncAtariEnv._of(self._with(self._start(threading.Event())))

    def __enter__(self) -> SyncAtariEnv:
        self._blocking = client = self.sync()
        try:
            return client.connect()
        except BaseException:
            client.close()
            raise

    def __exit__(self, *error: object) -> None:
        if self._blocking is not None:
            self._blocking.close()

    def __await__(self) -> Generator[Any, None, Awaited]:
        return self._open().__await__()

    async def __aenter__(self) -> Awaited:
        self._awaited = client = await self._open()
        return client

    async def __aexit__(self, *error: object) -> None:
        if self._awaited is not None:
            await self._awaited.close()

    async def _open(self) -> Awaited:
        cancelled = threading.Event()
        starting = asyncio.ensure_future(asyncio.to_thread(self._start, cancelled))
        try:
            container = await asyncio.shield(starting)
        except asyncio.CancelledError:
            cancelled.set()
            with suppress(ContainerFailed, MissingDependency):
                # It may have started just before it was cancelled.
                (await starting).remove()
            raise
        client = self._make_awaited(self._with(container))
        try:
            return await client.connect()
        except BaseException:
            await client.close()
            raise

    def _start(self, cancelled: threading.Event) -> Container:
        Options(**self._options)  # refuses a wrong option before there is a container
        return self._start_container(cancelled)

    def _with(self, container: Container) -> Options:
        return Options(**{**self._options, "base_url": container.url, "container": container})
