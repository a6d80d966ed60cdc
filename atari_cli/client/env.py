"""The client under OpenEnv's name: its calls are awaited in an event loop, and block elsewhere."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Self, cast, overload

from atari_cli.client.address import space_name
from atari_cli.client.awaited_session import AWAITING, BLOCKING, AwaitedSession
from atari_cli.client.client_session import AnyAction
from atari_cli.client.container import OwnContainer
from atari_cli.client.dialects.dialect import Exchange, Result
from atari_cli.client.launch import Launch, launched_by
from atari_cli.client.options import Options, check_sessions
from atari_cli.client.pending import Pending, Starting
from atari_cli.client.received import ReceivedResult
from atari_cli.client.sync_env import SyncAtariEnv
from atari_cli.errors import InvalidSetting
from atari_cli.model import AtariState


class AtariEnv(AwaitedSession):
    """A game on a server.

        async with AtariEnv(base_url="http://127.0.0.1:8000") as env:
            result = await env.reset(seed=0, game="breakout")
            result = await env.step("FIRE")

        with AtariEnv(base_url="http://127.0.0.1:8000") as env:
            result = env.reset(seed=0, game="breakout")
            result = env.step("FIRE")

    As in OpenEnv, calls are awaited in an event loop and block elsewhere, in `with`, and after
    `.sync()`; a client keeps to the way in which it is first used. `SyncAtariEnv` always blocks.

    The server may be any that speaks OpenEnv; `atari serve` sends screens as bytes. A client
    connects on its first call. After a lost connection it resumes its session, if that server has
    kept it. If an episode is lost nevertheless, or the client was closed, other calls raise
    ResetNeeded until `reset`. Several tasks may share one client; their calls take turns.

    Args:
        base_url: Where the server is: `http://host:8000`, or the page of a Hugging Face Space.
            A password in it (`http://user:TOKEN@host`) is the server's token.
        connect_timeout_s: Seconds that opening a connection may take.
        message_timeout_s: Seconds that a reply may take; each call can have its own `timeout`.
        max_message_size_mb: Maximum size of a message in MiB.
        websocket_ping_interval_s: Seconds between two pings to the server; None for no pings.
        websocket_ping_timeout_s: Seconds that the reply to a ping may take; None for any time.
        provider: One of OpenEnv's, which is stopped when the client is closed. It starts the
            server, unless another URL than the default is given.
        mode: `simulation` or `production`, as for OpenEnv; it makes no difference.
        headers: Additional headers for the server.
        token: The server's token.

    Raises:
        InvalidSetting: If a value is outside its range, or the URL does not name a server.
    """

    def _set_up(self, options: Options) -> None:
        super()._set_up(options)
        self._blocking: SyncAtariEnv | None = None

    @classmethod
    def from_docker_image(
        cls,
        image: str,
        provider: Any = None,
        *,
        env_vars: Mapping[str, str] | None = None,
        port: int | None = None,
        engine: str | None = None,
        start_timeout_s: float = 30.0,
        **options: Any,
    ) -> Starting[Self]:
        """Return a client of a server in its own container, which ends with the client.

        `await` it, write it in `with` or `async with`, call its `.sync()`, or use it as the client:
        the container starts then.

        Args:
            image: The image; its server listens on port 8000.
            provider: One of OpenEnv's, to run the container instead of docker or podman here.
            env_vars: Environment variables of the container, such as `{"ATARI_GAME": "breakout"}`.
            port: The port of this machine at which to publish the server; None for a free one.
            engine: The program that runs containers; None for docker if installed, else podman.
            start_timeout_s: Seconds until its server must answer.
            options: Arguments of the constructor, without the URL; with a provider, arguments of
                its `start_container`.

        Raises:
            InvalidSetting: If a value is outside its range.
        """
        if provider is not None:
            named = {"env_vars": env_vars, "port": port, **options}
            named = {name: value for name, value in named.items() if value is not None}
            return cls._starting(Options(launch=launched_by(provider, image, named=named)))
        container = OwnContainer(image, env_vars or {}, engine, start_timeout_s, port)
        return cls._starting(Options(launch=Launch(container.start, container.stop), **options))

    @classmethod
    def from_env(
        cls, repo_id: str, *, use_docker: bool = True, provider: Any = None, **options: Any
    ) -> Starting[Self]:
        """Return a client of a Hugging Face Space that runs in a container here.

        A Space that runs there is reached by `AtariEnv("https://huggingface.co/spaces/ORG/NAME")`.

        Args:
            repo_id: The Space, as `ORG/NAME`.
            use_docker: Whether it runs in a container; if not, `provider` runs it.
            provider: One of OpenEnv's that runs it.
            options: As for `from_docker_image`; also `tag`, that of the image (`latest`).

        Raises:
            InvalidSetting: If a value is outside its range, or a Space is to run without a
                container and nothing is given that runs it.
        """
        if use_docker:
            image = f"registry.hf.space/{space_name(repo_id)}:{options.pop('tag', 'latest')}"
            return cls.from_docker_image(image, provider, **options)
        if provider is None:
            raise InvalidSetting(
                "use_docker=False needs a provider that runs the Space; or start `atari serve` and "
                "give its base_url"
            )
        return cls._starting(Options(launch=launched_by(provider, named=options)))

    @classmethod
    def _starting(cls, options: Options) -> Starting[Self]:
        client = cls._of(options)
        return Starting(client, client._connect())

    def __await__(self) -> Generator[Any, None, Self]:
        return self._connect().__await__()

    async def __aenter__(self) -> Self:
        return await self._connect()

    async def __aexit__(self, *error: object) -> None:
        await self._close()

    def __enter__(self) -> Self:
        self.sync().connect()
        return self

    def __exit__(self, *error: object) -> None:
        self._close_at_once()

    def sync(self) -> SyncAtariEnv:
        """Return the same client with calls that block.

        Raises:
            ClientMisused: If this client is used in an event loop that runs.
        """
        self._use(BLOCKING)
        if self._blocking is None:
            self._blocking = SyncAtariEnv._of(self._options, self._conversation)
        return self._blocking

    def connect(self) -> Pending[Self]:
        """Open the connection, if it is not open, and first start the client's own server.

        Raises:
            ConnectionLost: If no server answers, or it refuses to open a WebSocket; the client's
                own server is stopped then.
            ClientMisused: If this client was used in another way before; likewise in other calls.
            ServerError: If that server does not start.
        """
        return self._either(self._connect, lambda env: (env.connect(), self)[1])

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        *,
        timeout: float | None = None,
        **settings: Any,
    ) -> Pending[ReceivedResult]:
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
        exchange = self._conversation.reset(seed, episode_id, settings)
        return self._run(exchange, timeout, is_reset=True)

    def step(self, action: AnyAction, *, timeout: float | None = None) -> Pending[ReceivedResult]:
        """Play an action.

        Args:
            action: An index into the action set, an action's name, or an AtariAction.
            timeout: As in `reset`.

        Returns:
            The observation after the step, its reward, and whether the episode has ended.

        Raises:
            InvalidAction: If it is not in the action set; nothing is played then.
            ResetNeeded: If the episode was lost, or the client was closed.
            ServerError: As in `reset`.
        """
        return self._run(self._conversation.step(action), timeout)

    @overload
    def step_many(
        self, actions: Iterable[AnyAction], observations: str = ..., *, timeout: float | None = ...
    ) -> Pending[list[ReceivedResult]]: ...
    @overload
    def step_many(
        self,
        actions: "Mapping[AtariEnv, Sequence[AnyAction]]",
        observations: str = ...,
        *,
        timeout: float | None = ...,
    ) -> "Pending[dict[AtariEnv, list[ReceivedResult]]]": ...
    def step_many(
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
            ResetNeeded: If the episode was lost, or the client was closed; each of several sessions
                needs a reset before its first batch.
            ServerError: As in `reset`.
        """
        if not isinstance(actions, Mapping):
            return self._run(self._conversation.step_many(actions, observations), timeout)

        def at_once(env: SyncAtariEnv) -> "dict[AtariEnv, list[ReceivedResult]]":
            check_sessions(actions, AtariEnv)
            batches = {each.sync(): batch for each, batch in actions.items()}
            results = env.step_many(batches, observations, timeout=timeout)
            return dict(zip(actions, results.values(), strict=True))

        return self._either(partial(self._step_sessions, actions, observations, timeout), at_once)

    def state(self, *, timeout: float | None = None) -> Pending[AtariState]:
        """Return the state of the episode and its settings.

        Args:
            timeout: As in `reset`.

        Raises:
            ResetNeeded: As in `step`.
            ServerError: As in `reset`.
        """
        return self._run(self._conversation.state(), timeout)

    def frame(self, *, timeout: float | None = None) -> Pending[bytes]:
        """Return the current screen as a PNG file, in RGB for every obs_type.

        Args:
            timeout: As in `reset`.

        Raises:
            ResetNeeded: As in `step`.
            ServerError: As in `reset`; also from plain OpenEnv, which has no pictures.
        """
        return self._run(self._conversation.frame(), timeout)

    def new_session(self, **settings: Any) -> Self:
        """Return a client of another session of this server; it is closed with this one.

        It connects on its first call, or when it is awaited.

        Args:
            settings: The settings of its first episode that differ from the server's.

        Raises:
            InvalidSetting: If a setting is wrong.
        """
        sibling = super().new_session(**settings)
        sibling._way = self._way
        return sibling

    def disconnect(self) -> Pending[None]:
        """End the session; the next reset begins another. Calling it again does nothing."""
        return self._either(self._disconnect, SyncAtariEnv.disconnect)

    def close(self) -> Pending[None]:
        """End the session, its siblings and its own server; a second call does nothing."""
        return self._either(self._close, lambda env: self._close_at_once())

    def _either(
        self,
        awaited: Callable[[], Coroutine[Any, Any, Result]],
        blocking: Callable[[SyncAtariEnv], Result],
    ) -> Pending[Result]:
        """Return the result of a call where calls block, else what gives it when awaited."""
        if self._way == BLOCKING or not _is_in_event_loop():
            return cast("Pending[Result]", blocking(self.sync()))
        if self._way == AWAITING:
            return cast("Pending[Result]", awaited())
        return Pending(awaited(), lambda: blocking(self.sync()))

    def _run(
        self, exchange: Exchange[Result], timeout: float | None, is_reset: bool = False
    ) -> Pending[Result]:
        """Run an exchange, in the way in which the client is used."""
        return self._either(
            partial(self._await, exchange, timeout, is_reset),
            lambda env: env._run(exchange, timeout, is_reset),
        )

    async def _step_sessions(
        self,
        actions: "Mapping[AtariEnv, Sequence[AnyAction]]",
        observations: str,
        timeout: float | None,
    ) -> "dict[AtariEnv, list[ReceivedResult]]":
        check_sessions(actions, AtariEnv)
        if not (await self._connect())._conversation.is_ours:
            return {
                each: await each.step_many(batch, observations, timeout=timeout)
                for each, batch in actions.items()
            }
        batches = {each._conversation: batch for each, batch in actions.items()}
        results = await self._run(self._conversation.step_sessions(batches, observations), timeout)
        return dict(zip(actions, results, strict=True))

    def _close_at_once(self) -> None:
        while self._siblings:
            self._siblings.pop()._close_at_once()
        self.sync().close()


def _is_in_event_loop() -> bool:
    """Return whether this thread runs an event loop, in which calls are awaited."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
