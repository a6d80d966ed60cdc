"""What a client was made with, whichever way it is used."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from atari_cli.client.address import DEFAULT_URL, Address, address
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import (
    CapacityReached,
    ClientMisused,
    ConnectionLost,
    InvalidReply,
    InvalidSetting,
    UnknownSession,
)

CUTTING: Final = (CapacityReached, ConnectionLost, InvalidReply, UnknownSession)
"""Errors after which a connection is of no use."""


class Owned(Protocol):
    """What a client removes when it is closed: a container."""

    def remove(self) -> None:
        """Remove it; removing it twice is fine."""


@dataclass(frozen=True)
class Options:
    """Where the server is and how long to wait for it.

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
    container: Owned | None = None

    def __post_init__(self) -> None:
        for name in ("connect_timeout_s", "message_timeout_s", "max_message_size_mb"):
            over_0(name, getattr(self, name))
        EnvironmentConfig().with_settings(self.settings)
        _ = self.place

    @property
    def place(self) -> Address:
        """Where the server is."""
        return address(self.base_url, self.token, self.headers)

    @property
    def most_bytes(self) -> int:
        """Bytes that a message may have."""
        return int(self.max_message_size_mb * (1 << 20))

    def reply_seconds(self, timeout: float | None) -> float:
        """Return the seconds that a reply may take, by a call's own `timeout` if it has one."""
        return self.message_timeout_s if timeout is None else over_0("timeout", timeout)

    def sibling(self, settings: Mapping[str, Any]) -> "Options":
        """Return the options of another session of the same server."""
        return replace(self, settings=settings, container=None)


def over_0(name: str, value: Any) -> float:
    """Return a value that is a number over 0; InvalidSetting otherwise."""
    if isinstance(value, bool | str) or not hasattr(value, "__float__") or not value > 0:
        raise InvalidSetting(f"{name} must be a number over 0, got {value!r}")
    return float(value)


def check_sessions(actions: Mapping[Any, Any], kind: type) -> None:
    """Raise ClientMisused if the keys of several lots are not clients of the same kind."""
    wrong = [client for client in actions if not isinstance(client, kind)]
    if wrong:
        raise ClientMisused(f"step_many of several takes {kind.__name__} clients, got {wrong[0]!r}")
