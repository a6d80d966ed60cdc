import pytest

from atari_cli.actions import FIRE, NOOP
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidAction
from atari_cli.policies import find_policy
from tests.policies.conftest import Play


def test_noop_plays_only_noops(play: Play) -> None:
    assert play(find_policy("noop", "breakout").load(), 20) == [NOOP] * 20


@pytest.mark.parametrize("action", ["FIRE", "fire", " Fire "])
def test_repeat_accepts_its_action_in_any_case(action: str, play: Play) -> None:
    assert play(find_policy(f"repeat:{action}", "breakout").load(), 20) == [FIRE] * 20


def test_an_action_outside_the_set_is_refused_by_the_environment() -> None:
    policy = find_policy("repeat:UP", "breakout").load()
    with AtariEnvironment("breakout", obs_type="ram") as environment:
        observation = environment.reset(seed=0).observation
        with pytest.raises(
            InvalidAction, match="UP is not in this action set: .*LEFT.*full_action_space"
        ):
            environment.step(policy(observation))
