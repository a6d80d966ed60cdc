"""The client whose calls block."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, SupportsIndex, overload

from atari_cli.client.conversation import FAREWELL, Conversation
from atari_cli.client.options import CUTTING, Options, check_sessions
from atari_cli.client.received import ReceivedResult
from atari_cli.client.speech import Result, Talk
from atari_cli.client.sync_socket import SyncSocket
from atari_cli.errors import ClientMisused
from atari_cli.model import AtariAction, AtariState

Action = AtariAction | SupportsIndex | str
"""An action: an index, an action's name, or an AtariAction."""


class SyncAtariEnv:
    """A game on a server, whose calls block: what `AtariEnv(...).sync()` returns.

    It connects when it is first asked something, and anew after its connection was lost. An
    episode that was lost with one is not gone on with: a step raises ResetNeeded until `reset`.
    Several threads may use one client; each call waits for its turn.

    Args:
        options: Where the server is, and how long to wait for it.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._place = options.place
        self._conversation = Conversation(options.settings, options.most_bytes)
        self._socket: SyncSocket | None = None
        self._siblings: list[SyncAtariEnv] = []
        self._turn = threading.RLock()  # of a call; it guards the connection

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        raise ClientMisused("this client is .sync(): write `with`, or `async with` without .sync()")

    async def __aexit__(self, *error: object) -> None:
        """Exist, so that `async with` gets to the message above."""

    def __repr__(self) -> str:
        return f"SyncAtariEnv({self._place.shown!r})"

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

    def connect(self) -> Self:
        """Open the connection, if it is not open.

        Raises:
            ConnectionLost: If no server answers, or it does not open a WebSocket.
        """
        with self._turn:
            self._connected()
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
            seed: Its seed; the server chooses if it is None.
            episode_id: Its name.
            timeout: Seconds to wait for the reply, in place of the client's; also in other calls.
            settings: Settings of the environment, such as `game`; they stay for later resets.

        Raises:
            InvalidSetting: If a setting is wrong.
            ServerError: If the server refuses, or the connection to it breaks; also in other calls.
        """
        return self._run(self._conversation.reset(seed, episode_id, settings), timeout)

    def step(self, action: Action, *, timeout: float | None = None) -> ReceivedResult:
        """Play an action.

        Raises:
            InvalidAction: If it is not in the action set; nothing is played then.
            ResetNeeded: If the episode was lost with its connection.
        """
        return self._run(self._conversation.step(action), timeout)

    @overload
    def step_many(
        self, actions: Iterable[Action], observations: str = ..., *, timeout: float | None = ...
    ) -> list[ReceivedResult]: ...
    @overload
    def step_many(
        self,
        actions: "Mapping[SyncAtariEnv, Sequence[Action]]",
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
                client to actions, all of which travel in one message.
            observations: `all`, or `last` for the screen of the last step of each lot alone. Over
                plain OpenEnv every step is an exchange, and every screen comes.
            timeout: As in `reset`, for each exchange.

        Returns:
            A result for each action that was played; with a mapping, such a list for each client.

        Raises:
            InvalidAction: If one is not in the action set; none is played then.
            ResetNeeded: If the episode was lost with its connection; one of several sessions needs
                a reset before its first lot.
        """
        if not isinstance(actions, Mapping):
            return self._run(self._conversation.step_many(actions, observations), timeout)
        check_sessions(actions, SyncAtariEnv)
        if not self.connect()._conversation.is_ours:
            return {
                each: each.step_many(lot, observations, timeout=timeout)
                for each, lot in actions.items()
            }
        lots = {each._conversation: lot for each, lot in actions.items()}
        results = self._run(self._conversation.step_sessions(lots, observations), timeout)
        return dict(zip(actions, results, strict=True))

    def state(self, *, timeout: float | None = None) -> AtariState:
        """Return the state of the episode and its settings."""
        return self._run(self._conversation.state(), timeout)

    def frame(self, *, timeout: float | None = None) -> bytes:
        """Return the present screen as a PNG file, in RGB whatever the obs_type is.

        Raises:
            ServerError: If the server speaks plain OpenEnv, which has no pictures.
        """
        return self._run(self._conversation.frame(), timeout)

    def new_session(self, **settings: Any) -> "SyncAtariEnv":
        """Return a client of another session of this server; it is closed with this one.

        Args:
            settings: The settings of its first episode that differ from the server's.
        """
        sibling = SyncAtariEnv(self._options.sibling(settings))
        self._siblings.append(sibling)
        return sibling

    def close(self) -> None:
        """End the session; a container that was started for it is removed. Twice is fine."""
        try:
            while self._siblings:
                self._siblings.pop().close()
            with self._turn:
                if self._socket:
                    self._socket.close(FAREWELL)
        finally:
            self._socket = None
            self._conversation.end()
            if self._options.container:
                self._options.container.remove()

    def _run(self, talk: Talk[Result], timeout: float | None) -> Result:
        """Drive a talk to its end and return its result."""
        seconds = self._options.reply_seconds(timeout)
        with self._turn:
            try:
                socket = self._connected()
                request = next(talk)
                while True:
                    try:
                        reply = socket.ask(request, seconds)
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

    def _connected(self) -> SyncSocket:
        if self._socket and not self._socket.is_open():
            self._drop()
        if self._socket is None:
            options = self._options
            self._socket = SyncSocket(self._place, options.connect_timeout_s, options.most_bytes)
            self._conversation.open(self._socket.subprotocol)
        return self._socket

    def _drop(self) -> None:
        if self._socket:
            self._socket.drop()
            self._socket = None
            self._conversation.lose()
