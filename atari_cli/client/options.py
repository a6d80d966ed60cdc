"""The options of a client, and checks of single values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from atari_cli.checks import over_0
from atari_cli.client.address import DEFAULT_URL, Address, address
from atari_cli.client.container import Container
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import (
    CapacityReached,
    ClientMisused,
    ConnectionLost,
    InvalidReply,
    UnknownSession,
)

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
        headers: Additional headers for the server.
        token: The server's token; None if it has none, or if the URL contains it.
        settings: The settings of the first episode that differ from the server's.
        container: Removed when the client is closed.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    base_url: str = DEFAULT_URL
    connect_timeout_s: float = 10.0
    message_timeout_s: float = 60.0
    max_message_size_mb: float = 100.0
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    container: Container | None = None

    def __post_init__(self) -> None:
        for name in ("connect_timeout_s", "message_timeout_s", "max_message_size_mb"):
            over_0(name, getattr(self, name))
        EnvironmentConfig().with_settings(self.settings)
        _ = self.place

    @property
    def place(self) -> Address:
        """The address of the server's WebSocket."""
        return address(self.base_url, self.token, self.headers)

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
        return replace(self, settings=settings, container=None)


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
