"""A field that has a check is passed to it when its object is made."""

from dataclasses import dataclass

import pytest

from atari_cli.checks import whole_number
from atari_cli.config.checked import Checked, setting
from atari_cli.errors import InvalidSetting


@dataclass(frozen=True)
class Dice(Checked):
    sides: int = setting(6, whole_number(2, 100))
    colour: str = "red"


def test_the_value_that_the_check_returns_is_kept() -> None:
    assert Dice() == Dice(6, "red")
    assert Dice.sides == 6
    with pytest.raises(InvalidSetting, match="sides must be a whole number from 2 to 100, got 1"):
        Dice(sides=1)
