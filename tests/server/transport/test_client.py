"""Two clients behind a proxy are distinguished, and neither can pass for the other."""

from typing import Any

import pytest

from atari_cli.config import ServeConfig
from atari_cli.server.transport.client import Client, client_of

PROXY, OTHER = "10.0.0.1", "10.0.0.2"


def come(peer: str, forwarded: str | None = None, **settings: Any) -> Client:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return client_of(peer, headers, ServeConfig(**settings))


def test_without_a_proxy_the_peer_is_the_client() -> None:
    assert come("127.0.0.1") == Client("127.0.0.1", True, "127.0.0.1")
    assert come(OTHER) == Client(OTHER, False, OTHER)
    assert come(OTHER, token="t").owner == "token"


def test_a_client_behind_an_unknown_proxy_is_neither_the_proxy_nor_its_other_clients() -> None:
    owners = [
        come(PROXY).owner,
        come(PROXY, "1.1.1.1").owner,
        come(PROXY, "2.2.2.2").owner,
        come(PROXY, "1.1.1.1, 2.2.2.2").owner,  # 2.2.2.2 says that it were 1.1.1.1
        come(OTHER, "1.1.1.1").owner,  # somebody without the proxy says so
    ]
    assert len(set(owners)) == len(owners)
    assert come(PROXY, "1.1.1.1").address == PROXY


@pytest.mark.parametrize(
    ("forwarded", "address", "owner"),
    [
        ("1.1.1.1", "1.1.1.1", "1.1.1.1"),
        ("9.9.9.9, 2001:db8::1", "2001:db8::1", "9.9.9.9, 2001:db8::1"),
        ("unknown", PROXY, "unknown"),
        ("", PROXY, None),
        (None, PROXY, None),
    ],
)
def test_a_trusted_proxy_names_the_client(
    forwarded: str | None, address: str, owner: str | None
) -> None:
    assert come(PROXY, forwarded, trust_proxy=True) == Client(address, False, owner)


def test_clients_of_a_proxy_on_this_machine_are_not_local() -> None:
    assert not come("127.0.0.1", "1.1.1.1").is_local
    assert not come("127.0.0.1", trust_proxy=True).is_local
