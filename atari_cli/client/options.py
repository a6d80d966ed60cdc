"""The options of a client, and checks of single values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from atari_cli.client.address import DEFAULT_URL, Address, address
from atari_cli.client.launch import Launch
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import (
    CapacityReached,
    ClientMisused,
    ConnectionLost,
    InvalidReply,
    UnknownSession,
)
from atari_cli.validation import optional, over_0


class Pings(NamedTuple):
    """How a client finds out that its connection is dead while nothing is asked.

    Attributes:
        interval: Seconds without a message after which the server is pinged; None for no pings.
        timeout: Seconds that the reply to a ping may take; None for any time.
    """

    interval: float | None
    timeout: float | None


CUTTING: Final = (CapacityReached, ConnectionLost, InvalidReply, UnknownSession)
"""Errors after which a connection cannot be used."""


@dataclass(frozen=True)
class Options:
    """Where the server is and how long to wait for it.

    Attributes:
        base_url: The server's URL; a password in it is the server's token.
        connect_timeout_s: Seconds that opening a connection may take.
        message_timeout_s: Seconds that a reply may take.
        max_message_size_mb: Maximum size of a message in MiB.
        websocket_ping_interval_s: Seconds between two pings to the server; None for no pings.
        websocket_ping_timeout_s: Seconds that the reply to a ping may take; None for any time.
        headers: Additional headers for the server.
        token: The server's token; None if it has none, or if the URL contains it.
        settings: The settings of the first episode that differ from the server's.
        launch: The client's own server, whose URL is used in place of `base_url`.
        is_sibling: Whether `launch` belongs to another client, which stops it.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    base_url: str = DEFAULT_URL
    connect_timeout_s: float = 10.0
    message_timeout_s: float = 60.0
    max_message_size_mb: float = 100.0
    websocket_ping_interval_s: float | None = 20.0
    websocket_ping_timeout_s: float | None = 20.0
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    launch: Launch | None = None
    is_sibling: bool = False

    def __post_init__(self) -> None:
        for name in ("connect_timeout_s", "message_timeout_s", "max_message_size_mb"):
            over_0(name, getattr(self, name))
        for name in ("websocket_ping_interval_s", "websocket_ping_timeout_s"):
            optional(over_0)(name, getattr(self, name))
        EnvironmentConfig().with_settings(self.settings)
        _ = self.place

    @property
    def place(self) -> Address:
        """The address of the server's WebSocket; without meaning while its own server is off."""
        url = self.launch.url if self.launch else None
        return address(url or self.base_url, self.token, self.headers)

    @property
    def pings(self) -> Pings:
        """How the connection is tested."""
        return Pings(self.websocket_ping_interval_s, self.websocket_ping_timeout_s)

    @property
    def most_bytes(self) -> int:
        """Maximum size of a message in bytes."""
        return int(self.max_message_size_mb * (1 << 20))

    def reply_seconds(self, timeout: float | None) -> float:
        """Return the seconds that a reply may take: a call's own `timeout`, if it has one.

        Raises:
            InvalidSetting: If `timeout` is not a number over 0.
        """
        return self.message_timeout_s if timeout is None else over_0("timeout", timeout)

    def sibling(self, settings: Mapping[str, Any]) -> "Options":
        """Return the options of another session of the same server."""
        return replace(self, settings=settings, is_sibling=True)

    def stop_server(self) -> None:
        """Stop the client's own server, if it has one."""
        if self.launch and not self.is_sibling:
            self.launch.stop()


def check_sessions(actions: Mapping[Any, Any], kind: type) -> None:
    """Check the clients of several batches.

    Args:
        actions: The batches, by client.
        kind: The class that each client must have.

    Raises:
        ClientMisused: If a key is something else.
    """
    wrong = [client for client in actions if not isinstance(client, kind)]
    if wrong:
        raise ClientMisused(f"step_many of several takes {kind.__name__} clients, got {wrong[0]!r}")
