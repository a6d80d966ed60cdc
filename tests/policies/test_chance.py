from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.policies.chance import RandomPolicy


def draw(policy: RandomPolicy, actions: int, number: int) -> list[int]:
    observation: Any = SimpleNamespace(legal_actions=range(actions))
    return [policy(observation) for _ in range(number)]


def seeded(seed: int) -> RandomPolicy:
    policy = RandomPolicy()
    policy.reset(seed)
    return policy


def test_a_draw_is_raw_pcg64_output_modulo_the_number_of_actions() -> None:
    """Recordings and published figures depend on this rule, bit for bit."""
    raw = np.random.PCG64(np.random.SeedSequence(7, spawn_key=(2,))).random_raw(1000)
    assert draw(seeded(7), 6, 1000) == [int(value) % 6 for value in raw]


def test_the_same_seed_gives_the_same_actions_after_a_reset() -> None:
    policy = seeded(3)
    first = draw(policy, 18, 500)
    assert draw(policy, 18, 500) != first
    policy.reset(3)
    assert draw(policy, 18, 500) == first
    assert draw(seeded(4), 18, 500) != first


@pytest.mark.parametrize("actions", [4, 6, 18])
def test_every_action_is_equally_likely(actions: int) -> None:
    counts = Counter(draw(seeded(0), actions, 1000 * actions))
    assert sorted(counts) == list(range(actions))
    # Chi-squared with at most 17 degrees of freedom exceeds 41 once in a thousand.
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 41


def test_it_plays_whole_episodes_with_all_legal_actions() -> None:
    policy = seeded(0)
    with AtariEnvironment("breakout", obs_type="ram") as environment:
        result = environment.reset(seed=0)
        played = Counter[int]()
        while not result.done:
            action = policy(result.observation)
            played[action] += 1
            result = environment.step(action)
    assert result.terminated
    assert sorted(played) == [0, 1, 2, 3]
