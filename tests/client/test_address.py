"""A `base_url` becomes the address of a WebSocket."""

import pytest

from atari_cli.client.address import address, space_url
from atari_cli.errors import InvalidSetting


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://games.example:8000", "ws://games.example:8000/ws"),
        ("http://games.example/", "ws://games.example/ws"),
        ("https://games.example/below/", "wss://games.example/below/ws"),
        ("ws://games.example:1/ws", "ws://games.example:1/ws"),
        ("games.example:8000", "ws://games.example:8000/ws"),
        ("http://user:secret@games.example", "ws://games.example/ws"),
        ("http://localhost:8000", "ws://localhost:8000/ws?compression=none"),
        ("http://[::1]:8000", "ws://[::1]:8000/ws?compression=none"),
        ("https://huggingface.co/spaces/Some_Org/My_Env", "wss://some-org-my-env.hf.space/ws"),
    ],
)
def test_a_base_url_becomes_the_url_of_a_websocket(base_url: str, url: str) -> None:
    assert address(base_url).url == url


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ("https://huggingface.co/spaces/ORG/NAME", "https://org-name.hf.space"),
        ("huggingface.co/spaces/org/a_b/tree/main", "https://org-a-b.hf.space"),
        ("https://huggingface.co/spaces/Org/v2.5_a", "https://org-v2-5-a.hf.space"),
        ("https://u:t@huggingface.co/spaces/org/name", "https://u:t@org-name.hf.space"),
        ("https://huggingface.co/org/name", "https://huggingface.co/org/name"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_the_page_of_a_space_becomes_the_url_at_which_it_runs(page: str, url: str) -> None:
    assert space_url(page) == url


def test_a_password_or_token_is_sent_but_not_shown() -> None:
    basic = address("http://user:p%40ss@games.example")
    assert basic.headers["Authorization"] == "Basic dXNlcjpwQHNz"
    assert basic.shown == "http://games.example"
    assert address("http://games.example", "t").headers["Authorization"] == "Bearer t"
    assert "Authorization" not in address("http://games.example").headers
    assert address("http://games.example", headers={"X-A": "1"}).headers["X-A"] == "1"


@pytest.mark.parametrize("url", ["", "ftp://a", "http://", "http://a:port", "http://[::1"])
def test_a_malformed_url_is_an_error(url: str) -> None:
    with pytest.raises(InvalidSetting, match="base_url"):
        address(url)


@pytest.mark.parametrize(
    "url", ["http://u:se/cret@host:8000", "u:se#cret@host", "ftp://u:secret@a"]
)
def test_a_password_in_a_malformed_url_is_not_shown(url: str) -> None:
    with pytest.raises(InvalidSetting, match="base_url") as raised:
        address(url)
    assert "se" not in str(raised.value).replace("base_url", "")


def test_a_token_with_a_line_break_is_refused_and_not_shown() -> None:
    with pytest.raises(InvalidSetting, match="Authorization has a line break") as raised:
        address("http://games.example", "secret\n")
    assert "secret" not in str(raised.value)


def test_addresses_of_this_machine_are_recognised() -> None:
    assert address("http://127.0.0.1:8000").is_local
    assert not address("http://192.0.2.1:8000").is_local
