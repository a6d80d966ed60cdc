from collections.abc import Callable, Iterator

import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.model import Policy

Play = Callable[[Policy, int], list[int]]


@pytest.fixture(scope="session")
def console() -> Iterator[AtariEnvironment]:
    """Breakout with all 18 actions, so that every name can be played."""
    with AtariEnvironment("breakout", obs_type="ram", full_action_space=True) as environment:
        yield environment


@pytest.fixture
def play(console: AtariEnvironment) -> Play:
    """Return a function that plays a policy after a reset and returns the ALE codes it played."""

    def codes(policy: Policy, steps: int) -> list[int]:
        result = console.reset(seed=0)
        played = []
        for _ in range(steps):
            result = console.step(policy(result.observation))
            played.append(console.last_action)
        return played

    return codes
