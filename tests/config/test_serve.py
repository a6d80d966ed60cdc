"""Server settings are checked once; tests/cli/commands/test_serve.py checks the command's."""

from typing import Any

import pytest

from atari_cli.config import ServeConfig
from atari_cli.errors import InvalidSetting


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"port": 65_536}, "port must be a whole number from 0 to 65535, got 65536"),
        ({"idle_timeout": 0.0}, "idle_timeout must be seconds over 0, got 0.0"),
        ({"mode": "test"}, "mode must be one of simulation, production, got 'test'"),
        ({"host": "0.0.0.0"}, "host 0.0.0.0 can be reached from other machines"),
    ],
)
def test_values_outside_the_range_are_refused(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        ServeConfig(**settings)
    assert str(caught.value).startswith(expected)


def test_a_host_open_to_other_machines_needs_a_token_or_allow_unauthenticated() -> None:
    assert ServeConfig(host="0.0.0.0", token="secret").host == "0.0.0.0"
    assert ServeConfig(host="0.0.0.0", allow_unauthenticated=True).token is None


def test_openenvs_variable_limits_the_sessions() -> None:
    variables = {"MAX_CONCURRENT_ENVS": " 7 "}
    assert ServeConfig.from_variables({}, variables).max_sessions == 7
    assert ServeConfig.from_variables({"max_sessions": 3}, variables).max_sessions == 3
    assert ServeConfig.from_variables({}, {"MAX_CONCURRENT_ENVS": ""}).max_sessions == 256
    for wrong in ("0", "many", "1.5"):
        with pytest.raises(InvalidSetting, match="MAX_CONCURRENT_ENVS must be a whole number"):
            ServeConfig.from_variables({}, {"MAX_CONCURRENT_ENVS": wrong})


def test_explicit_values_override_variables() -> None:
    variables = {"OPENENV_MODE": "production", "ATARI_TOKEN": "secret", "SPACE_HOST": "a.hf.space"}
    settings = ServeConfig.from_variables({"mode": None, "port": 1}, variables)
    assert (settings.mode, settings.token, settings.port) == ("production", "secret", 1)
    assert settings.allow_hosts == ("a.hf.space",)
    assert ServeConfig.from_variables({"mode": "simulation"}, variables).mode == "simulation"
