"""An asyncio WebSocket, by the `websockets` library."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State
from websockets.typing import Subprotocol

from atari_cli.client import failures
from atari_cli.client.address import NEXT_ADDRESS_SECONDS, Address
from atari_cli.client.dialects.dialect import RawMessage
from atari_cli.client.options import Pings
from atari_cli.wire.atari_v1 import SUBPROTOCOL, TAKEN_OVER

CLOSE_SECONDS: Final = 2.0


class AsyncSocket:
    """An open WebSocket; `open_socket` opens one.

    Attributes:
        subprotocol: The subprotocol that the server chose: `atari.v1`, or None.
    """

    def __init__(self, connection: ClientConnection, stack: AsyncExitStack, shown: str) -> None:
        self.subprotocol = connection.subprotocol
        self._connection = connection
        self._stack = stack
        self._shown = shown
        self._loop = asyncio.get_running_loop()
        self._has_asked = False

    def is_open(self) -> bool:
        """Return whether a request can be sent, as far as is known without waiting.

        A socket that has sent no request yet counts as open, so that an error sent before the
        server closed becomes the first reply. A socket of another event loop counts as closed.
        """
        if self._loop is not asyncio.get_running_loop():
            return False
        return not self._has_asked or self._connection.state is State.OPEN

    @property
    def was_taken(self) -> bool:
        """Whether another connection has the session."""
        return self._connection.close_code == TAKEN_OVER

    async def ask(self, texts: Sequence[bytes], timeout: float) -> RawMessage:
        """Send texts and return the next reply.

        Args:
            texts: The requests, each a message.
            timeout: Seconds to wait for the reply.

        Raises:
            ConnectionLost: If the connection breaks.
            ReplyTimeout: If the reply does not arrive in time.
        """
        self._has_asked = True
        try:
            async with asyncio.timeout(timeout):
                with suppress(ConnectionClosed):
                    # A server that has closed may have sent the reason before.
                    for text in texts:
                        await self._connection.send(text, text=True)
                return await self._connection.recv()
        except TimeoutError:
            raise failures.timed_out(self._shown, timeout) from None
        except (ConnectionClosed, OSError) as error:
            raise failures.lost(self._shown, str(error)) from None

    async def close(self, farewell: bytes) -> None:
        """Send a farewell and close, once the server has ended the session or time is up.

        Args:
            farewell: The request that ends the session, after which the server closes.
        """
        if self._loop is not asyncio.get_running_loop():
            self.drop()
            return
        try:
            with suppress(OSError, WebSocketException):
                if self._connection.state is State.OPEN:
                    await self._connection.send(farewell, text=True)
                    async with asyncio.timeout(CLOSE_SECONDS):
                        await self._connection.wait_closed()
            await self._stack.aclose()
        except asyncio.CancelledError:
            self.drop()
            raise

    def drop(self) -> None:
        """Cut the connection; calling it again does nothing."""
        if not self._loop.is_closed():
            self._connection.transport.abort()


async def open_socket(place: Address, timeout: float, most_bytes: int, pings: Pings) -> AsyncSocket:
    """Return an open WebSocket.

    Args:
        place: Where the server is.
        timeout: Seconds that opening may take.
        most_bytes: Maximum size of a message.
        pings: When the connection is tested.

    Raises:
        ConnectionLost: If it cannot be opened.
    """
    # As in RFC 8305; a proxy's address is left to the library.
    quick: dict[str, Any] = {"happy_eyeballs_delay": NEXT_ADDRESS_SECONDS} if place.is_local else {}
    opening = connect(
        place.url,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        compression=None if place.is_local else "deflate",
        additional_headers=place.headers,
        user_agent_header=None,
        proxy=None if place.is_local else True,
        open_timeout=timeout,
        close_timeout=CLOSE_SECONDS,
        max_size=most_bytes,
        ping_interval=pings.interval,
        ping_timeout=pings.timeout,
        **quick,
    )
    stack = AsyncExitStack()
    try:
        connection = await stack.enter_async_context(opening)
    except (WebSocketException, OSError, UnicodeError) as error:
        # UnicodeError, if the host cannot be a name.
        raise failures.unopened(place.shown, error, place.resumes) from None
    return AsyncSocket(connection, stack, place.shown)
