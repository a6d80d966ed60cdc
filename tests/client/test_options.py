"""Options are checked when a client is created."""

from typing import Any

import pytest

from atari_cli import AtariEnv
from atari_cli.client.options import Options
from atari_cli.errors import InvalidSetting


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "ftp://a"},
        {"base_url": None},
        {"connect_timeout_s": 0},
        {"message_timeout_s": -1.0},
        {"message_timeout_s": "1"},
        {"connect_timeout_s": None},
        {"max_message_size_mb": 0},
        {"websocket_ping_interval_s": 0},
        {"websocket_ping_timeout_s": "20"},
        {"settings": {"frameskip": 0}},
        {"settings": {"colour": 1}},
    ],
)
def test_an_invalid_option_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSetting):
        Options(**wrong)


def test_the_timeout_of_a_call_must_be_over_0() -> None:
    assert Options(message_timeout_s=7).reply_seconds(None) == 7
    assert Options().reply_seconds(0.5) == 0.5
    values: list[Any] = [0, -1, "1", True, float("nan")]
    for wrong in values:
        with pytest.raises(InvalidSetting, match="timeout must be a number over 0, got"):
            Options().reply_seconds(wrong)


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(Options("http://h", token="secret", headers={"X": "secret"}))
    assert repr(AtariEnv("http://user:secret@h")) == "AtariEnv('http://h')"


def test_a_sibling_has_its_own_settings() -> None:
    options = Options("http://h", token="t", settings={"game": "pong"})
    sibling = options.sibling({"game": "breakout"})
    assert (sibling.token, sibling.settings) == ("t", {"game": "breakout"})
