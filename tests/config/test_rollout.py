"""A run's settings are checked once."""

from typing import Any

import pytest

from atari_cli.config import RolloutConfig
from atari_cli.errors import InvalidSetting
from atari_cli.validation import MAX_SEED


def test_a_rollout_has_ten_episodes_unless_steps_are_given() -> None:
    assert RolloutConfig().episodes == 10
    assert RolloutConfig(episodes=3).episodes == 3
    by_steps = RolloutConfig(steps=500)
    assert (by_steps.episodes, by_steps.steps) == (None, 500)


def test_a_rollout_accepts_the_largest_seed() -> None:
    assert RolloutConfig(seed=MAX_SEED).seed == 2**63 - 1


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"episodes": 1, "steps": 1}, "give episodes or steps, not both"),
        ({"episodes": 0}, "episodes must be a whole number from 1 to 1000000000, got 0"),
        ({"episodes": -1}, "episodes must be a whole number"),
        ({"steps": 0}, "steps must be a whole number from 1 to 1000000000000, got 0"),
        ({"seed": -1}, "seed must be a whole number from 0 to 2**63 - 1, got -1"),
        ({"seed": 2**63}, "seed must be a whole number from 0 to 2**63 - 1, got 9"),
        ({"first_episode": -1}, "first_episode must be a whole number"),
        ({"workers": 0}, "workers must be a whole number from 1 to 1024, got 0"),
        ({"workers": 1025}, "workers must be a whole number from 1 to 1024, got 1025"),
    ],
)
def test_a_rollout_refuses_values_outside_the_range(
    settings: dict[str, Any], expected: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        RolloutConfig(**settings)
    assert expected in str(caught.value)
