"""The sender of a request: the peer of the connection, or the one that a proxy names."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from atari_cli.config import ServeConfig
from atari_cli.validation import is_address, is_loopback

_FORWARDED: Final = "x-forwarded-for"


class Client(NamedTuple):
    """The sender of a request.

    Attributes:
        address: Its address, for the log.
        is_local: Whether it is on this machine.
        owner: The owner of its default session; None if it cannot be distinguished from others.
    """

    address: str
    is_local: bool
    owner: str | None


def client_of(peer: str, headers: Mapping[str, str], config: ServeConfig) -> Client:
    """Return the sender of a request.

    Args:
        peer: The address of the connection's peer.
        headers: Those of the request, by names in lower case.
        config: The server's settings.
    """
    forwarded = headers.get(_FORWARDED, "").strip()
    if not (forwarded or config.trust_proxy):
        return Client(peer, is_loopback(peer), "token" if config.token else peer)
    owner: str | None
    if config.token:
        owner = "token"
    elif config.trust_proxy:
        owner = forwarded or None
    else:
        # Anyone may write the header, but nobody else's peer and whole header are the same.
        owner = f"{peer} for {forwarded}"
    address = forwarded.rpartition(",")[2].strip()
    named = config.trust_proxy and is_address(address)
    return Client(address if named else peer, False, owner)
