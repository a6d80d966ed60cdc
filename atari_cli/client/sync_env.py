"""The client whose calls block."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, overload

from atari_cli.client.address import Address
from atari_cli.client.client_session import AnyAction, ClientSession
from atari_cli.client.conversation import FAREWELL
from atari_cli.client.dialects.dialect import Exchange, RawMessage, Result
from atari_cli.client.options import CUTTING, Options, check_sessions
from atari_cli.client.received import ReceivedResult
from atari_cli.client.sync_socket import SyncSocket
from atari_cli.errors import ClientMisused, ConnectionLost, ReplyTimeout, UnknownSession
from atari_cli.model import AtariState


class SyncAtariEnv(ClientSession[SyncSocket]):
    """A game on a server, with calls that block; `AtariEnv(...).sync()` returns one, too.

        with SyncAtariEnv(base_url="http://127.0.0.1:8000") as env:
            result = env.reset(seed=0, game="breakout")
            result = env.step("FIRE")

    The arguments are those of `AtariEnv`. A client connects on its first call. After a lost
    connection it resumes its session, if the server has kept it. If an episode is lost
    nevertheless, or the client was closed, other calls raise ResetNeeded until `reset`. Several
    threads may share one client; their calls take turns.
    """

    def _set_up(self, options: Options) -> None:
        super()._set_up(options)
        self._turn = threading.RLock()  # held during a call; guards the connection

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        raise ClientMisused("this client is .sync(): write `with`, or `async with` without .sync()")

    async def __aexit__(self, *error: object) -> None:
        """Exist so that `async with` reaches the message above."""

    def connect(self) -> Self:
        """Open the connection, if it is not open, and first start the client's own server.

        Raises:
            ConnectionLost: If no server answers, or it refuses to open a WebSocket; the client's
                own server is stopped then.
            ServerError: If that server does not start.
        """
        try:
            with self._turn:
                self._connected()
        except BaseException:
            self._options.stop_server()
            raise
        return self

    def reset(
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
        exchange = self._conversation.reset(seed, episode_id, settings)
        return self._run(exchange, timeout, is_reset=True)

    def step(self, action: AnyAction, *, timeout: float | None = None) -> ReceivedResult:
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
    ) -> list[ReceivedResult]: ...
    @overload
    def step_many(
        self,
        actions: "Mapping[SyncAtariEnv, Sequence[AnyAction]]",
        observations: str = ...,
        *,
        timeout: float | None = ...,
    ) -> "dict[SyncAtariEnv, list[ReceivedResult]]": ...
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
        check_sessions(actions, SyncAtariEnv)
        if not self.connect()._conversation.is_ours:
            return {
                each: each.step_many(batch, observations, timeout=timeout)
                for each, batch in actions.items()
            }
        batches = {each._conversation: batch for each, batch in actions.items()}
        results = self._run(self._conversation.step_sessions(batches, observations), timeout)
        return dict(zip(actions, results, strict=True))

    def state(self, *, timeout: float | None = None) -> AtariState:
        """Return the state of the episode and its settings.

        Args:
            timeout: As in `reset`.

        Raises:
            ResetNeeded: As in `step`.
            ServerError: As in `reset`.
        """
        return self._run(self._conversation.state(), timeout)

    def frame(self, *, timeout: float | None = None) -> bytes:
        """Return the current screen as a PNG file, in RGB for every obs_type.

        Args:
            timeout: As in `reset`.

        Raises:
            ResetNeeded: As in `step`.
            ServerError: As in `reset`; also from plain OpenEnv, which has no pictures.
        """
        return self._run(self._conversation.frame(), timeout)

    def disconnect(self) -> None:
        """End the session; the next reset begins another. Calling it again does nothing."""
        try:
            with self._turn:
                if self._socket:
                    self._socket.close(FAREWELL)
        finally:
            self._drop()

    def close(self) -> None:
        """End the session, its siblings and its own server; a second call does nothing."""
        try:
            while self._siblings:
                self._siblings.pop().close()
            self.disconnect()
        finally:
            self._options.stop_server()

    def _run(
        self, exchange: Exchange[Result], timeout: float | None, is_reset: bool = False
    ) -> Result:
        """Run an exchange to its end and return its result."""
        seconds = self._options.reply_seconds(timeout)
        with self._turn:
            if not is_reset:
                self._conversation.check_kept()  # before a closed client connects again
            try:
                self._connected()
                request = next(exchange)
                while True:
                    try:
                        reply = self._reply(request, seconds)
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

    def _reply(self, request: Sequence[bytes], seconds: float) -> RawMessage:
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
            return socket.ask(request, seconds)
        except ConnectionLost as lost:
            again = self._conversation.again(request)
            if again is None or socket.was_taken or isinstance(lost, ReplyTimeout):
                raise
            self._cut()
            resumed = self._resumed()
            if resumed is None:
                raise
            return resumed.ask(again, seconds)

    def _connected(self) -> SyncSocket:
        if self._socket and not self._socket.is_open():
            (self._drop if self._socket.was_taken else self._cut)()
        if self._socket is None:
            if self._options.launch:
                self._options.launch.start()
            self._socket = self._resumed()
        if self._socket is None:
            self._socket = self._opened(self._options.place)
            self._conversation.open(self._socket.subprotocol)
        return self._socket

    def _resumed(self) -> SyncSocket | None:
        """Return a connection to the session that the last one had; None if it is gone."""
        session = self._conversation.resumes
        if session is None:
            return None
        try:
            self._socket = self._opened(self._options.place.resuming(session))
        except UnknownSession:
            self._conversation.lose()
        else:
            if self._socket.subprotocol is None:  # another server than before
                self._drop()
        return self._socket

    def _opened(self, place: Address) -> SyncSocket:
        options = self._options
        return SyncSocket(place, options.connect_timeout_s, options.most_bytes, options.pings)
