"""The client for asyncio, and the way to the one whose calls block."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Self, overload

from atari_cli.client.async_socket import AsyncSocket, open_socket
from atari_cli.client.client_session import Action, ClientSession
from atari_cli.client.container import start_container
from atari_cli.client.container_env import ContainerEnv
from atari_cli.client.conversation import FAREWELL
from atari_cli.client.dialects.dialect import Exchange, Result
from atari_cli.client.options import CUTTING, Options, check_sessions
from atari_cli.client.received import ReceivedResult
from atari_cli.client.sync_env import SyncAtariEnv
from atari_cli.errors import ClientMisused
from atari_cli.model import AtariState


class AtariEnv(ClientSession[AsyncSocket]):
    """A game on a server, for asyncio; `.sync()` returns a client whose calls block.

        async with AtariEnv(base_url="http://localhost:8000") as env:
            result = await env.reset(seed=0, game="breakout")
            result = await env.step("FIRE")

        with AtariEnv(base_url="http://localhost:8000").sync() as env:
            result = env.reset()

    The server may be any that speaks OpenEnv; `atari serve` sends screens as bytes. A client
    connects on its first call, and reconnects after its connection was lost. An episode lost with
    its connection cannot be resumed: a step raises ResetNeeded until `reset`. Several tasks may
    share one client; their calls take turns.

    Args:
        base_url: Where the server is: `http://host:8000`, or the page of a Hugging Face Space.
            A password in it (`http://user:TOKEN@host`) is the server's token.
        connect_timeout_s: Seconds that opening a connection may take.
        message_timeout_s: Seconds that a reply may take; each call can have its own `timeout`.
        max_message_size_mb: Maximum size of a message in MiB.
        headers: Additional headers for the server.
        token: The server's token.

    Raises:
        InvalidSetting: If a value is outside its range, or the URL does not name a server.
    """

    def _set_up(self, options: Options) -> None:
        super()._set_up(options)
        self._way: str | None = None  # of its first use
        self._blocking: SyncAtariEnv | None = None
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None  # the lock's event loop

    @classmethod
    def from_docker_image(
        cls,
        image: str,
        env_vars: Mapping[str, str] | None = None,
        *,
        engine: str | None = None,
        start_timeout_s: float = 30.0,
        **options: Any,
    ) -> ContainerEnv[Self]:
        """Return a client of a server in its own container, which ends with the client.

        The container starts when the returned object is used: `await` it for an AtariEnv, call its
        `.sync()`, or write it in `with` or `async with`.

        Args:
            image: The image; its server listens on port 8000.
            env_vars: Environment variables of the container, such as `{"ATARI_GAME": "breakout"}`.
            engine: The program that runs containers; None for docker if installed, else podman.
            start_timeout_s: Seconds until its server must answer.
            options: Arguments of the constructor, without the URL.

        Returns:
            A client that starts the container on first use.
        """
        start = partial(start_container, image, env_vars or {}, engine, start_timeout_s)
        return ContainerEnv(start, options, cls._of)

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    def __enter__(self) -> Self:
        raise ClientMisused("AtariEnv is for `async with`; write `with AtariEnv(...).sync()`")

    def __exit__(self, *error: object) -> None:
        """Exist so that `with` reaches the message above."""

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

    def sync(self) -> SyncAtariEnv:
        """Return the same client with calls that block; this one cannot be used afterwards.

        Raises:
            ClientMisused: If this client was used already.
        """
        self._use(".sync()")
        if self._blocking is None:
            self._blocking = SyncAtariEnv._of(self._options)
        return self._blocking

    async def connect(self) -> Self:
        """Open the connection, if it is not open.

        Raises:
            ConnectionLost: If no server answers, or it refuses to open a WebSocket.
            ClientMisused: If this client is used with `.sync()`; likewise in other calls.
        """
        self._use("await")
        async with self._turn:
            await self._connected()
        return self

    async def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        *,
        timeout: float | None = None,
        **settings: Any,
    ) -> ReceivedResult:
        """Start an episode.

        Args:
            seed: Its seed; the server chooses one if None.
            episode_id: Its name; the server chooses one if None.
            timeout: Seconds to wait for each reply, instead of the client's `message_timeout_s`.
            settings: Settings of the environment, such as `game`; they persist for later resets.

        Returns:
            The first observation, with reward 0.

        Raises:
            InvalidSetting: If a setting is wrong.
            ServerError: If the server refuses, or the connection to it breaks.
        """
        return await self._run(self._conversation.reset(seed, episode_id, settings), timeout)

    async def step(self, action: Action, *, timeout: float | None = None) -> ReceivedResult:
        """Play an action.

        Args:
            action: An index into the action set, an action's name, or an AtariAction.
            timeout: As in `reset`.

        Returns:
            The observation after the step, its reward, and whether the episode has ended.

        Raises:
            InvalidAction: If it is not in the action set; nothing is played then.
            ResetNeeded: If the episode was lost with its connection.
            ServerError: As in `reset`.
        """
        return await self._run(self._conversation.step(action), timeout)

    @overload
    async def step_many(
        self, actions: Iterable[Action], observations: str = ..., *, timeout: float | None = ...
    ) -> list[ReceivedResult]: ...
    @overload
    async def step_many(
        self,
        actions: "Mapping[AtariEnv, Sequence[Action]]",
        observations: str = ...,
        *,
        timeout: float | None = ...,
    ) -> "dict[AtariEnv, list[ReceivedResult]]": ...
    async def step_many(
        self, actions: Any, observations: str = "all", *, timeout: float | None = None
    ) -> Any:
        """Play actions one after another, up to the episode's end, in one exchange.

        Args:
            actions: The actions; or those of several sessions of this server, as a mapping from
                client to actions, which all travel in one message.
            observations: `all`, or `last` to receive only the screen of each batch's last step.
                Over plain OpenEnv every step is an exchange, and every screen is received.
            timeout: As in `reset`.

        Returns:
            A result for each action that was played; with a mapping, such a list for each client.

        Raises:
            ClientMisused: If a key of the mapping is not a client of the same kind.
            InvalidAction: If an action is not in the action set; none is played then.
            InvalidSetting: If `observations` is neither, or a batch of several is empty.
            ResetNeeded: If the episode was lost with its connection; each of several sessions needs
                a reset before its first batch.
            ServerError: As in `reset`.
        """
        if not isinstance(actions, Mapping):
            return await self._run(self._conversation.step_many(actions, observations), timeout)
        check_sessions(actions, AtariEnv)
        if not (await self.connect())._conversation.is_ours:
            return {
                each: await each.step_many(batch, observations, timeout=timeout)
                for each, batch in actions.items()
            }
        batches = {each._conversation: batch for each, batch in actions.items()}
        results = await self._run(self._conversation.step_sessions(batches, observations), timeout)
        return dict(zip(actions, results, strict=True))

    async def state(self, *, timeout: float | None = None) -> AtariState:
        """Return the state of the episode and its settings.

        Args:
            timeout: As in `reset`.

        Raises:
            ServerError: As in `reset`.
        """
        return await self._run(self._conversation.state(), timeout)

    async def frame(self, *, timeout: float | None = None) -> bytes:
        """Return the current screen as a PNG file, in RGB for every obs_type.

        Args:
            timeout: As in `reset`.

        Raises:
            ServerError: As in `reset`; also from plain OpenEnv, which has no pictures.
        """
        return await self._run(self._conversation.frame(), timeout)

    def new_session(self, **settings: Any) -> Self:
        """Return a client of another session of this server; it is closed with this one.

        Args:
            settings: The settings of its first episode that differ from the server's.

        Raises:
            InvalidSetting: If a setting is wrong.
        """
        self._use("await")
        return super().new_session(**settings)

    async def close(self) -> None:
        """End the session and remove its container, if any; calling it again does nothing."""
        try:
            while self._siblings:
                await self._siblings.pop().close()
            async with self._turn:
                if self._socket:
                    await self._socket.close(FAREWELL)
        finally:
            self._socket = None
            self._conversation.end()
            if self._options.container:
                await asyncio.to_thread(self._options.container.remove)

    def _use(self, way: str) -> None:
        """Restrict the client to the way in which it is first used: `await` or `.sync()`."""
        if self._way not in (None, way):
            raise ClientMisused(
                f"this client is used with {self._way} already; make another AtariEnv for {way}"
            )
        self._way = way

    async def _run(self, exchange: Exchange[Result], timeout: float | None) -> Result:
        """Run an exchange to its end and return its result."""
        self._use("await")
        seconds = self._options.reply_seconds(timeout)
        async with self._turn:
            try:
                socket = await self._connected()
                request = next(exchange)
                while True:
                    try:
                        reply = await socket.ask(request, seconds)
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

    async def _connected(self) -> AsyncSocket:
        if self._socket and not self._socket.is_open():
            self._drop()
        if self._socket is None:
            options = self._options
            self._socket = await open_socket(
                self._place, options.connect_timeout_s, options.most_bytes
            )
            self._conversation.open(self._socket.subprotocol)
        return self._socket
