"""Both clients are created in the same way."""

import inspect
from typing import Any

import pytest

from atari_cli import AtariEnv, SyncAtariEnv
from atari_cli.client.client_session import ClientSession
from atari_cli.client.options import Options
from atari_cli.errors import InvalidSetting
from tests.client.conftest import Start


def test_the_blocking_client_takes_the_arguments_of_the_other(start: Start) -> None:
    url = start(token="let-me-in").server.url
    with SyncAtariEnv(url, token="let-me-in", message_timeout_s=30) as env:
        assert env.reset(seed=0, obs_type="ram").observation.screen_shape == (128,)
    with pytest.raises(InvalidSetting, match="connect_timeout_s"):
        SyncAtariEnv(connect_timeout_s=0)


@pytest.mark.parametrize("client", [AtariEnv, SyncAtariEnv])
def test_the_defaults_of_the_arguments_are_those_of_the_options(
    client: type[ClientSession[Any]],
) -> None:
    names = inspect.signature(client).parameters
    given = {name: parameter.default for name, parameter in names.items()}
    assert (given.pop("provider"), given.pop("mode")) == (None, None)
    assert Options(**given) == Options() == client()._options
