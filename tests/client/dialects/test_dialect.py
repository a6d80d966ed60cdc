"""Actions before the first episode, and states, which all dialects share."""

import numpy as np
import pytest

from atari_cli.client.dialects.dialect import chosen_index, read_state
from atari_cli.errors import InvalidAction
from atari_cli.model import AtariAction


def test_before_the_first_episode_an_action_is_an_index() -> None:
    assert chosen_index(None, 99) == 99
    assert chosen_index(None, np.int64(3)) == 3
    assert chosen_index(None, AtariAction(action_id=2)) == 2
    for wrong in ("FIRE", None, 1.5):
        with pytest.raises(InvalidAction):
            chosen_index(None, wrong)


def test_missing_settings_of_a_state_are_filled_in() -> None:
    state = read_state({"episode_id": "e", "step_count": 2, "game_name": "breakout", "x": 1})
    assert (state.episode_id, state.step_count, state.game_name) == ("e", 2, "breakout")
    assert (state.seed, state.max_frames, state.frameskip) == (None, 0, 4)
