"""Fields that have a check are checked when their object is created."""

from dataclasses import dataclass

import pytest

from atari_cli.checks import whole_number
from atari_cli.config.checked import Checked, setting
from atari_cli.errors import InvalidSetting


@dataclass(frozen=True)
class Dice(Checked):
    sides: int = setting(6, whole_number(2, 100))
    colour: str = "red"


def test_a_field_keeps_the_value_that_its_check_returns() -> None:
    assert Dice() == Dice(6, "red")
    assert Dice.sides == 6
    with pytest.raises(InvalidSetting, match="sides must be a whole number from 2 to 100, got 1"):
        Dice(sides=1)
