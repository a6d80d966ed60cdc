"""The constructor, the options and the session that both clients share."""

from collections.abc import Mapping
from typing import Any, Final, Generic, Protocol, Self, SupportsIndex, TypeVar

from atari_cli.client.address import DEFAULT_URL
from atari_cli.client.conversation import Conversation
from atari_cli.client.launch import launched_by
from atari_cli.client.options import Options
from atari_cli.model import AtariAction
from atari_cli.validation import one_of, optional

AnyAction = AtariAction | SupportsIndex | str
"""An action: an index, an action's name, or an AtariAction."""

_MODES: Final = ("simulation", "production")


class Droppable(Protocol):
    """A WebSocket that can be cut off."""

    def drop(self) -> None:
        """Cut the connection."""


Socket = TypeVar("Socket", bound=Droppable)


class ClientSession(Generic[Socket]):
    """A client's session with a server, whichever way its calls are made.

    The arguments have the names and the order of OpenEnv's, and `token` in addition.

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

    def __init__(
        self,
        base_url: str | None = DEFAULT_URL,
        connect_timeout_s: float = Options.connect_timeout_s,
        message_timeout_s: float = Options.message_timeout_s,
        max_message_size_mb: float = Options.max_message_size_mb,
        websocket_ping_interval_s: float | None = Options.websocket_ping_interval_s,
        websocket_ping_timeout_s: float | None = Options.websocket_ping_timeout_s,
        provider: Any = None,
        mode: str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
    ) -> None:
        optional(one_of(_MODES))("mode", mode.lower() if isinstance(mode, str) else mode)
        launch = None
        if provider is not None:
            running = base_url if base_url != DEFAULT_URL else None
            launch, base_url = launched_by(provider, url=running), running or DEFAULT_URL
        options = Options(
            base_url=base_url,  # type: ignore[arg-type]  # None is refused there
            connect_timeout_s=connect_timeout_s,
            message_timeout_s=message_timeout_s,
            max_message_size_mb=max_message_size_mb,
            websocket_ping_interval_s=websocket_ping_interval_s,
            websocket_ping_timeout_s=websocket_ping_timeout_s,
            headers=headers,
            token=token,
            launch=launch,
        )
        self._set_up(options)

    @classmethod
    def _of(cls, options: Options, conversation: Conversation | None = None) -> Self:
        """Return a client with all its options given, also those that no user gives.

        Args:
            options: The options.
            conversation: The conversation to continue.
        """
        client = cls.__new__(cls)
        client._set_up(options)
        client._conversation = conversation or client._conversation
        return client

    def _set_up(self, options: Options) -> None:
        self._options = options
        self._conversation = Conversation(options.settings, options.most_bytes)
        self._socket: Socket | None = None
        self._siblings: list[Self] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    @property
    def base_url(self) -> str | None:
        """The server's URL without a password; None while the client's own server is off."""
        launch = self._options.launch
        return None if launch and launch.url is None else self._options.place.shown

    @property
    def session_id(self) -> str | None:
        """The id of the server's session; None without an episode.

        Servers that speak plain OpenEnv do not report one.
        """
        episode = self._conversation.episode
        return episode.session_id if episode else None

    @property
    def watch_url(self) -> str | None:
        """The page on which others watch the session live; None without an episode.

        Spectators can change nothing. Servers that speak plain OpenEnv have no such page.
        """
        episode = self._conversation.episode
        if episode is None or episode.watch_key is None:
            return None
        return f"{self.base_url}/web/?watch={episode.watch_key}"

    def new_session(self, **settings: Any) -> Self:
        """Return a client of another session of this server; it is closed with this one.

        Args:
            settings: The settings of its first episode that differ from the server's.

        Raises:
            InvalidSetting: If a setting is wrong.
        """
        sibling = self._of(self._options.sibling(settings))
        self._siblings.append(sibling)
        return sibling

    def _drop(self) -> None:
        """Cut the connection, if there is one, and give the server's session up."""
        self._cut()
        self._conversation.lose()

    def _cut(self) -> None:
        """Cut the connection, if there is one; its session may be resumed."""
        if self._socket:
            self._socket.drop()
            self._socket = None
