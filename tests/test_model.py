"""Plain models: their values and how they compare."""

import numpy as np
import pytest
from imageio.v3 import imread

from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.model import AtariAction, EpisodeSummary, Screen


def test_a_screen_behaves_like_a_list_of_integers() -> None:
    screen = Screen(np.array([3, 1, 2], np.uint8))
    assert list(screen) == screen == [3, 1, 2]
    assert screen[1:] == [1, 2]
    assert (screen[0], len(screen), 2 in screen, screen.index(2)) == (3, 3, True, 2)
    assert screen != [3, 1]
    assert screen != [3, 1, 1]
    assert screen != "text"
    assert np.asarray(screen, dtype=np.int32).tolist() == [3, 1, 2]


def test_an_action_has_the_defaults_of_openenv() -> None:
    action = AtariAction(action_id=2)
    defaults = (action.game_name, action.obs_type, action.full_action_space)
    assert defaults == ("pong", "rgb", False)
    config = EnvironmentConfig()
    assert defaults == (config.game, config.obs_type, config.full_action_space)


def test_a_summary_calls_its_score_return_in_json() -> None:
    summary = EpisodeSummary(0, 7, -21.0, 900, 3600, terminated=True, truncated=False)
    assert summary.as_json() == {
        "episode": 0,
        "seed": 7,
        "return": -21.0,
        "steps": 900,
        "frames": 3600,
        "terminated": True,
        "truncated": False,
    }


def test_an_observation_with_other_actions_is_otherwise_the_same() -> None:
    """An agent with six actions can play in an environment that has all eighteen."""
    with AtariEnvironment("pong", full_action_space=True) as environment:
        observation = environment.reset(seed=1).observation
        seen = observation.with_actions((0, 1, 3, 4, 11, 12))
        environment.step(0)
        assert seen.legal_actions == (0, 1, 2, 3, 4, 5)
        assert seen.action_meanings[2:4] == ("RIGHT", "LEFT")
        assert len(observation.legal_actions) == 18
        assert np.array_equal(seen.pixels, observation.pixels)
        assert np.array_equal(seen.ram, observation.ram)
        assert (seen.lives, seen.frame_number) == (observation.lives, observation.frame_number)


@pytest.mark.parametrize("obs_type", ["rgb", "grayscale", "ram"])
def test_an_observation_is_an_array_of_its_pixels(obs_type: str) -> None:
    with AtariEnvironment("pong", obs_type=obs_type) as environment:
        observation = environment.reset(seed=1).observation
        seen = np.asarray(observation)
        assert seen.shape == observation.screen_shape
        assert seen.dtype == np.uint8
        assert np.array_equal(seen, observation.pixels)
        assert np.stack([observation] * 2).shape == (2, *observation.screen_shape)
        assert np.asarray(observation, np.float32).dtype == np.float32


@pytest.mark.parametrize("obs_type", ["rgb", "grayscale", "ram"])
def test_a_notebook_shows_the_screen_of_an_observation(obs_type: str) -> None:
    with AtariEnvironment("pong", obs_type=obs_type) as environment:
        observation = environment.reset(seed=1).observation
        expected = environment.emulator.screen_rgb()
        for _ in range(2):
            shown = observation._repr_png_()
            assert shown
            assert np.array_equal(imread(shown, extension=".png"), expected)
            environment.step(2)
