"""The constructor, the options and the session that both clients share."""

from collections.abc import Mapping
from typing import Any, Generic, Protocol, Self, SupportsIndex, TypeVar

from atari_cli.client.address import DEFAULT_URL
from atari_cli.client.conversation import Conversation
from atari_cli.client.options import Options
from atari_cli.model import AtariAction

Action = AtariAction | SupportsIndex | str
"""An action: an index, an action's name, or an AtariAction."""


class Droppable(Protocol):
    """A WebSocket that can be cut off."""

    def drop(self) -> None:
        """Cut the connection."""


Socket = TypeVar("Socket", bound=Droppable)


class ClientSession(Generic[Socket]):
    """A client's session with a server, whichever way its calls are made.

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

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        connect_timeout_s: float = Options.connect_timeout_s,
        message_timeout_s: float = Options.message_timeout_s,
        max_message_size_mb: float = Options.max_message_size_mb,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> None:
        self._set_up(
            Options(
                base_url=base_url,
                connect_timeout_s=connect_timeout_s,
                message_timeout_s=message_timeout_s,
                max_message_size_mb=max_message_size_mb,
                headers=headers,
                token=token,
            )
        )

    @classmethod
    def _of(cls, options: Options) -> Self:
        """Return a client with all its options given, also those that no user gives."""
        client = cls.__new__(cls)
        client._set_up(options)
        return client

    def _set_up(self, options: Options) -> None:
        self._options = options
        self._place = options.place
        self._conversation = Conversation(options.settings, options.most_bytes)
        self._socket: Socket | None = None
        self._siblings: list[Self] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._place.shown!r})"

    @property
    def session_id(self) -> str | None:
        """The id of the server's session; None before its first episode.

        Servers that speak plain OpenEnv do not report one.
        """
        episode = self._conversation.episode
        return episode.session_id if episode else None

    @property
    def watch_url(self) -> str | None:
        """The page on which others watch the session live; None before its first episode.

        Spectators can change nothing. Servers that speak plain OpenEnv have no such page.
        """
        episode = self._conversation.episode
        if episode is None or episode.watch_key is None:
            return None
        return f"{self._place.shown}/web/?watch={episode.watch_key}"

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
        """Cut the connection, if there is one, and with it lose the server's session."""
        if self._socket:
            self._socket.drop()
            self._socket = None
            self._conversation.lose()
