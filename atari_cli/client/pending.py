"""Calls of a client that may be awaited, or used at once."""

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Protocol, Self, TypeVar

from atari_cli.client.sync_env import SyncAtariEnv

Result = TypeVar("Result")


class Startable(Protocol):
    """A client whose server has yet to be started."""

    def sync(self) -> SyncAtariEnv:
        """Return the same client with calls that block."""

    def close(self) -> object:
        """Close the client, and stop its server."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    async def __aexit__(self, *error: object) -> None: ...


AnyClient = TypeVar("AnyClient", bound=Startable)


class Pending(Coroutine[Any, Any, Result]):
    """The first call of a client in an event loop, where it is open how it will be used.

    `await` it, and the client is asynchronous afterwards. Read an attribute of its result, as a
    notebook may do that awaits nothing, and the call is made at once and blocks, as later calls do.

    Args:
        coroutine: Makes the call when awaited.
        block: Makes it at once and returns the result.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Result], block: Callable[[], Result]) -> None:
        self._coroutine = coroutine
        self._block: Callable[[], Result] | None = block
        self._found: Result | None = None

    def __await__(self) -> Generator[Any, Any, Result]:
        return self._coroutine.__await__()

    def send(self, value: Any, /) -> Any:
        """Run on to the next time that the call waits."""
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an exception where the call waits."""
        return self._coroutine.throw(*error)

    def close(self) -> None:
        """End the call."""
        self._coroutine.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "cr_", "gi_")):  # what Python looks for in any coroutine
            raise AttributeError(name)
        if self._block:
            self._found = self._block()
            self._coroutine.close()
            self._block = None
        return getattr(self._found, name)


class Starting(Pending[AnyClient]):
    """A client whose own server has yet to be started.

    `await` it or write it in `async with`, call its `.sync()` or write it in `with`, or use it as
    the client that it is: each starts the server.

    Args:
        client: The client.
        connecting: Starts its server and connects it when awaited.
    """

    def __init__(self, client: AnyClient, connecting: Coroutine[Any, Any, AnyClient]) -> None:
        super().__init__(connecting, lambda: client)
        self._client = client

    def sync(self) -> SyncAtariEnv:
        """Start the server, connect, and return the client with calls that block."""
        self._coroutine.close()
        return self._client.sync().connect()

    def close(self) -> None:
        """Close the client if it is in use, and else start nothing."""
        self._coroutine.close()
        if self._block is None:
            self._client.close()

    def __enter__(self) -> AnyClient:
        self._coroutine.close()
        return self._client.__enter__()

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(*error)

    async def __aenter__(self) -> AnyClient:
        return await self

    async def __aexit__(self, *error: object) -> None:
        await self._client.__aexit__(*error)
