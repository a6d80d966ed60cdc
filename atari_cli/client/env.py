"""The client for asyncio, and the way to the one whose calls block."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, overload

from atari_cli.client.address import DEFAULT_URL
from atari_cli.client.async_socket import AsyncSocket, open_socket
from atari_cli.client.container import ContainerEnv
from atari_cli.client.conversation import FAREWELL, Conversation, Once
from atari_cli.client.options import CUTTING, Options, check_sessions
from atari_cli.client.received import ReceivedResult
from atari_cli.client.speech import Result, Talk
from atari_cli.client.sync_env import Action, SyncAtariEnv
from atari_cli.errors import ClientMisused
from atari_cli.model import AtariState


class AtariEnv:
    """A game on a server, for asyncio; `.sync()` returns a client whose calls block.

        async with AtariEnv(base_url="http://localhost:8000") as env:
            result = await env.reset(seed=0, game="breakout")
            result = await env.step("FIRE")

        with AtariEnv(base_url="http://localhost:8000").sync() as env:
            result = env.reset()

    The server may be any that speaks OpenEnv; with `atari serve`, screens come as bytes. A client
    connects when it is first asked something, and anew after its connection was lost. An episode
    that was lost with one is not gone on with: a step raises ResetNeeded until `reset`. Several
    tasks may use one client; each call waits for its turn.

    Args:
        base_url: Where the server is: `http://host:8000`, or the page of a Hugging Face Space.
            A password in it (`http://user:TOKEN@host`) is the server's token.
        connect_timeout_s: Seconds that opening a connection may take.
        message_timeout_s: Seconds that a reply may take; each call can have its own `timeout`.
        max_message_size_mb: MiB that a message may have.
        headers: More headers for the server.
        token: The server's token.

    Raises:
        InvalidSetting: If a value is outside its range, or the URL names no server.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        connect_timeout_s: float = Options.connect_timeout_s,
        message_timeout_s: float = Options.message_timeout_s,
        max_message_size_mb: float = Options.max_message_size_mb,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        _options: Options | None = None,
    ) -> None:
        self._options = _options or Options(
            base_url, connect_timeout_s, message_timeout_s, max_message_size_mb, headers, token
        )
        self._place = self._options.place
        self._conversation = Conversation(self._options.settings, self._options.most_bytes)
        self._socket: AsyncSocket | None = None
        self._siblings: list[AtariEnv] = []
        self._once = Once()
        self._blocking: SyncAtariEnv | None = None
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None  # whose the lock is

    @staticmethod
    def from_docker_image(
        image: str,
        env_vars: Mapping[str, str] | None = None,
        *,
        engine: str | None = None,
        start_timeout_s: float = 30.0,
        **options: Any,
    ) -> ContainerEnv:
        """Return a client of a server in a container of its own, which ends with the client.

        The container starts when what is returned is used: `await` it for an AtariEnv, call its
        `.sync()`, or write it in `with` or `async with`.

        Args:
            image: The image; its server listens on port 8000.
            env_vars: Variables of the container, such as `{"ATARI_GAME": "breakout"}`.
            engine: The program that runs containers; `docker` if it is there, else `podman`.
            start_timeout_s: Seconds until its server must answer.
            options: As of the constructor, but for the URL.
        """
        return ContainerEnv(image, env_vars or {}, engine, start_timeout_s, options)

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    def __enter__(self) -> Self:
        raise ClientMisused("AtariEnv is for `async with`; write `with AtariEnv(...).sync()`")

    def __exit__(self, *error: object) -> None:
        """Exist, so that `with` gets to the message above."""

    def __repr__(self) -> str:
        return f"AtariEnv({self._place.shown!r})"

    @property
    def session_id(self) -> str | None:
        """The id of the server's session; None before its first episode.

        Plain OpenEnv tells none.
        """
        return self._conversation.session_id

    @property
    def watch_url(self) -> str | None:
        """The page on which others see what is played, live; None before its first episode.

        Plain OpenEnv has none. Who has it can change nothing.
        """
        key = self._conversation.watch_key
        return None if key is None else f"{self._place.shown}/web/?watch={key}"

    @property
    def _turn(self) -> asyncio.Lock:
        """The turn of a call, which guards the connection; both are of one event loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            if self._loop and self._loop.is_running():
                raise ClientMisused("this client is used in another event loop, which still runs")
            self._lock, self._loop = asyncio.Lock(), loop
        return self._lock

    def sync(self) -> SyncAtariEnv:
        """Return the same client with calls that block; this one cannot be used then.

        Raises:
            ClientMisused: If this client was used already.
        """
        self._once.check(".sync()")
        if self._blocking is None:
            self._blocking = SyncAtariEnv(self._options)
        return self._blocking

    async def connect(self) -> Self:
        """Open the connection, if it is not open.

        Raises:
            ConnectionLost: If no server answers, or it does not open a WebSocket.
            ClientMisused: If this client is used with `.sync()`; also in other calls.
        """
        self._once.check("await")
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
            seed: Its seed; the server chooses if it is None.
            episode_id: Its name.
            timeout: Seconds to wait for the reply, in place of the client's; also in other calls.
            settings: Settings of the environment, such as `game`; they stay for later resets.

        Raises:
            InvalidSetting: If a setting is wrong.
            ServerError: If the server refuses, or the connection to it breaks; also in other calls.
        """
        return await self._run(self._conversation.reset(seed, episode_id, settings), timeout)

    async def step(self, action: Action, *, timeout: float | None = None) -> ReceivedResult:
        """Play an action.

        Raises:
            InvalidAction: If it is not in the action set; nothing is played then.
            ResetNeeded: If the episode was lost with its connection.
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
        """Play actions one after another, up to the episode's end; see SyncAtariEnv.step_many."""
        if not isinstance(actions, Mapping):
            return await self._run(self._conversation.step_many(actions, observations), timeout)
        check_sessions(actions, AtariEnv)
        if not (await self.connect())._conversation.is_ours:
            return {
                each: await each.step_many(lot, observations, timeout=timeout)
                for each, lot in actions.items()
            }
        lots = {each._conversation: lot for each, lot in actions.items()}
        results = await self._run(self._conversation.step_sessions(lots, observations), timeout)
        return dict(zip(actions, results, strict=True))

    async def state(self, *, timeout: float | None = None) -> AtariState:
        """Return the state of the episode and its settings."""
        return await self._run(self._conversation.state(), timeout)

    async def frame(self, *, timeout: float | None = None) -> bytes:
        """Return the present screen as a PNG file; see SyncAtariEnv.frame."""
        return await self._run(self._conversation.frame(), timeout)

    def new_session(self, **settings: Any) -> "AtariEnv":
        """Return a client of another session of this server; it is closed with this one.

        Args:
            settings: The settings of its first episode that differ from the server's.
        """
        self._once.check("await")
        sibling = AtariEnv(_options=self._options.sibling(settings))
        self._siblings.append(sibling)
        return sibling

    async def close(self) -> None:
        """End the session; a container that was started for it is removed. Twice is fine."""
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

    async def _run(self, talk: Talk[Result], timeout: float | None) -> Result:
        """Drive a talk to its end and return its result."""
        self._once.check("await")
        seconds = self._options.reply_seconds(timeout)
        async with self._turn:
            try:
                socket = await self._connected()
                request = next(talk)
                while True:
                    try:
                        reply = await socket.ask(request, seconds)
                    except BaseException:
                        # A late reply must never be taken for that of another request.
                        self._drop()
                        raise
                    request = talk.send(reply)
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

    def _drop(self) -> None:
        if self._socket:
            self._socket.drop()
            self._socket = None
            self._conversation.lose()
