"""A session whose calls are awaited."""

import asyncio
from collections.abc import Sequence
from typing import Final, Self

from atari_cli.client.address import Address
from atari_cli.client.async_socket import AsyncSocket, open_socket
from atari_cli.client.client_session import ClientSession
from atari_cli.client.conversation import FAREWELL
from atari_cli.client.dialects.dialect import Exchange, RawMessage, Result
from atari_cli.client.options import CUTTING, Options
from atari_cli.errors import ClientMisused, ConnectionLost, ReplyTimeout, UnknownSession

AWAITING: Final = "await"
BLOCKING: Final = "calls that block"


class AwaitedSession(ClientSession[AsyncSocket]):
    """The part of a client that is used in an event loop."""

    def _set_up(self, options: Options) -> None:
        super()._set_up(options)
        self._way: str | None = None  # of its first use
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None  # the lock's event loop

    def _use(self, way: str) -> None:
        """Keep the client to the way in which it is first used, while its event loop runs.

        Raises:
            ClientMisused: If it is used in another way.
        """
        is_over = not (self._loop and self._loop.is_running())
        if (self._way, way) == (AWAITING, BLOCKING) and is_over:
            self._cut()
        elif self._way not in (None, way):
            raise ClientMisused(
                f"this client is used with {self._way} already; make another AtariEnv for {way}"
            )
        self._way = way

    @property
    def _turn(self) -> asyncio.Lock:
        """The lock that a call holds; it guards the connection, and both belong to one loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            if self._loop and self._loop.is_running():
                raise ClientMisused(
                    "this client is used in another event loop, which is still running"
                )
            self._lock, self._loop = asyncio.Lock(), loop
        return self._lock

    async def _await(
        self, exchange: Exchange[Result], timeout: float | None, is_reset: bool
    ) -> Result:
        """Run an exchange to its end and return its result.

        Args:
            exchange: The exchange.
            timeout: Seconds that a reply may take; None for those of the client.
            is_reset: Whether it begins an episode; any other needs one that is not lost.
        """
        self._use(AWAITING)
        seconds = self._options.reply_seconds(timeout)
        async with self._turn:
            if not is_reset:
                self._conversation.check_kept()  # before a closed client connects again
            try:
                await self._connected()
                request = next(exchange)
                while True:
                    try:
                        reply = await self._reply(request, seconds)
                    except BaseException:
                        # A late reply must never be taken for the reply to another request.
                        self._drop()
                        raise
                    request = exchange.send(reply)
            except StopIteration as end:
                result: Result = end.value
                return result
            except CUTTING:
                self._drop()
                raise

    async def _reply(self, request: Sequence[bytes], seconds: float) -> RawMessage:
        """Send requests and return the next reply, over a new connection if the present one broke.

        Args:
            request: The requests.
            seconds: How long the reply may take.

        Raises:
            ServerError: If there is none.
        """
        socket = self._socket
        assert socket
        try:
            return await socket.ask(request, seconds)
        except ConnectionLost as lost:
            again = self._conversation.again(request)
            if again is None or socket.was_taken or isinstance(lost, ReplyTimeout):
                raise
            self._cut()
            resumed = await self._resumed()
            if resumed is None:
                raise
            return await resumed.ask(again, seconds)

    async def _connected(self) -> AsyncSocket:
        if self._socket and not self._socket.is_open():
            (self._drop if self._socket.was_taken else self._cut)()
        if self._socket is None:
            if self._options.launch:
                await self._options.launch.start_awaited()
            self._socket = await self._resumed()
        if self._socket is None:
            self._socket = await self._opened(self._options.place)
            self._conversation.open(self._socket.subprotocol)
        return self._socket

    async def _resumed(self) -> AsyncSocket | None:
        """Return a connection to the session that the last one had; None if it is gone."""
        session = self._conversation.resumes
        if session is None:
            return None
        try:
            self._socket = await self._opened(self._options.place.resuming(session))
        except UnknownSession:
            self._conversation.lose()
        else:
            if self._socket.subprotocol is None:  # another server than before
                self._drop()
        return self._socket

    async def _opened(self, place: Address) -> AsyncSocket:
        options = self._options
        return await open_socket(
            place, options.connect_timeout_s, options.most_bytes, options.pings
        )

    async def _connect(self) -> Self:
        self._use(AWAITING)
        try:
            async with self._turn:
                await self._connected()
        except BaseException:
            await asyncio.to_thread(self._options.stop_server)
            raise
        return self

    async def _disconnect(self) -> None:
        try:
            async with self._turn:
                if self._socket:
                    await self._socket.close(FAREWELL)
        finally:
            self._drop()

    async def _close(self) -> None:
        try:
            while self._siblings:
                await self._siblings.pop()._close()
            await self._disconnect()
        finally:
            await asyncio.to_thread(self._options.stop_server)
