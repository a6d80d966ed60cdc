"""Fields that have a check are checked when their object is created."""

from dataclasses import dataclass, fields
from typing import Any

import pytest

from atari_cli.config import (
    EnvironmentConfig,
    PlayConfig,
    RecordConfig,
    RolloutConfig,
    ServeConfig,
)
from atari_cli.config.checked import Checked, setting
from atari_cli.errors import AtariError, InvalidSetting
from atari_cli.validation import whole_number


@dataclass(frozen=True)
class Dice(Checked):
    sides: int = setting(6, whole_number(2, 100))
    colour: str = "red"


def test_a_field_keeps_the_value_that_its_check_returns() -> None:
    assert Dice() == Dice(6, "red")
    assert Dice.sides == 6
    with pytest.raises(InvalidSetting, match="sides must be a whole number from 2 to 100, got 1"):
        Dice(sides=1)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, field.name)
        for kind in (EnvironmentConfig, PlayConfig, RecordConfig, RolloutConfig, ServeConfig)
        for field in fields(kind)
    ],
)
def test_every_setting_refuses_a_value_of_another_type(kind: type[Any], name: str) -> None:
    with pytest.raises(AtariError) as raised:
        kind(**{name: object()})
    assert "got" in str(raised.value) or name == "token"


@pytest.mark.parametrize("name", ["trust_proxy", "allow_unauthenticated", "web", "log_json"])
def test_a_text_is_neither_true_nor_false(name: str) -> None:
    for text in ("false", "no", ""):
        settings: dict[str, Any] = {"host": "0.0.0.0", "token": "x", name: text}
        with pytest.raises(InvalidSetting, match=f"{name} must be true or false"):
            ServeConfig(**settings)


def test_a_text_is_not_a_list_of_hosts() -> None:
    with pytest.raises(InvalidSetting, match="allow_hosts must be a list, got 'a.example.com'"):
        ServeConfig(allow_hosts="a.example.com")  # type: ignore[arg-type]
