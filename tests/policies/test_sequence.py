import pickle
from typing import Any

import pytest

from atari_cli.actions import DOWN, FIRE, LEFT, NOOP, RIGHT, UP
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidAction
from atari_cli.model import PolicySource
from atari_cli.policies import ActionSequence
from tests.policies.conftest import Play

CODES = [FIRE, RIGHT, 17, LEFT, UP, DOWN]


def test_it_plays_its_codes_in_order_and_then_noops(play: Play) -> None:
    source = ActionSequence("replay:episode.npz", CODES)
    assert isinstance(source, PolicySource)
    assert play(source.load(), 9) == [*CODES, NOOP, NOOP, NOOP]


def test_a_reset_goes_back_to_the_first_action(play: Play) -> None:
    policy: Any = ActionSequence("codes", CODES).load()
    play(policy, 4)
    policy.reset(99)
    assert play(policy, 6) == CODES


def test_policies_of_one_source_do_not_share_their_position(play: Play) -> None:
    source = ActionSequence("codes", CODES)
    first = source.load()
    assert play(first, 3) == CODES[:3]
    assert play(source.load(), 6) == CODES
    assert play(first, 3) == CODES[3:]


def test_it_works_with_any_action_set_that_has_its_actions() -> None:
    policy = ActionSequence("codes", [FIRE, RIGHT, LEFT]).load()
    with AtariEnvironment("breakout", obs_type="ram") as environment:
        result = environment.reset(seed=0)
        for code in (FIRE, RIGHT, LEFT):
            result = environment.step(policy(result.observation))
            assert environment.last_action == code


def test_an_action_outside_the_set_is_refused() -> None:
    policy = ActionSequence("codes", [UP]).load()
    with AtariEnvironment("breakout", obs_type="ram") as environment:
        observation = environment.reset(seed=0).observation
        with pytest.raises(InvalidAction, match="UP is not in this action set"):
            environment.step(policy(observation))


@pytest.mark.parametrize("code", [18, -1, 255, 1000])
def test_a_number_that_is_not_an_ale_code_is_refused(code: int) -> None:
    with pytest.raises(InvalidAction, match=f"step 1 has action {code}; expected an ALE code 0-17"):
        ActionSequence("codes", [NOOP, code])


def test_a_long_sequence_is_pickled_as_one_byte_per_step() -> None:
    assert len(pickle.dumps(ActionSequence("codes", [RIGHT] * 100_000))) < 101_000
