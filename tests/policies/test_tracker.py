import pickle
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.policies import find_policy
from atari_cli.policies.tracker import Motion, Sight, Sights, reflect
from atari_cli.rollout import run_episodes


def score(game: str, spec: str, seed: int = 0, **settings: Any) -> float:
    policy: Any = find_policy(spec, game).load()
    settings = {"obs_type": "ram", "max_frames": 4000, **settings}
    with AtariEnvironment(game, **settings) as environment:
        result = environment.reset(seed=seed)
        policy.reset(seed)
        total = 0.0
        while not result.done:
            result = environment.step(policy(result.observation))
            total += result.reward
    return total


@pytest.mark.parametrize(("game", "margin"), [("pong", 3), ("breakout", 5)])
@pytest.mark.parametrize("sticky", [0.0, 0.25])
def test_it_beats_random_play_within_a_few_thousand_frames(
    game: str, margin: int, sticky: float
) -> None:
    settings: dict[str, Any] = {"repeat_action_probability": sticky}
    tracked = score(game, "tracker", **settings)
    assert tracked >= score(game, "random", **settings) + margin


@pytest.mark.slow
@pytest.mark.parametrize("game", ["pong", "breakout"])
@pytest.mark.parametrize("frameskip", [1, 2, 3])
def test_it_copes_with_other_frame_skips(game: str, frameskip: int) -> None:
    settings: dict[str, Any] = {"frameskip": frameskip, "max_frames": 2000}
    settings["repeat_action_probability"] = 0.25
    assert score(game, "tracker", **settings) >= score(game, "random", **settings) + 2


@pytest.mark.parametrize("game", ["pong", "breakout"])
def test_it_plays_the_same_with_all_eighteen_actions(game: str) -> None:
    assert score(game, "tracker") == score(game, "tracker", full_action_space=True)


@pytest.mark.parametrize("game", ["pong", "breakout"])
def test_a_reset_restores_its_initial_state(game: str) -> None:
    """Otherwise an episode would depend on those that its worker played before."""
    policy: Any = find_policy("tracker", game).load()
    new = pickle.dumps(policy)
    with AtariEnvironment(game, obs_type="ram") as environment:
        result = environment.reset(seed=1)
        for _ in range(100):
            result = environment.step(policy(result.observation))
    assert pickle.dumps(policy) != new
    policy.reset(1)
    assert pickle.dumps(policy) == new


@pytest.mark.parametrize(
    ("position", "expected"),
    [(50, 50), (45, 45), (206, 206), (40, 50), (210, 202), (45 + 2 * 161, 45), (-281, 49)],
)
def test_a_position_beyond_the_walls_is_reflected(position: float, expected: float) -> None:
    assert reflect(position, 45, 206) == expected


@pytest.mark.parametrize("frameskip", [1, 2, 3, 4, 6])
def test_motion_is_measured_over_four_frames_or_the_frame_skip(frameskip: int) -> None:
    sights = Sights()
    motions = [
        sights.add(Sight(frame, 2 * frame, 100 - frame, 7)) for frame in range(0, 60, frameskip)
    ]
    assert motions[0] is None
    assert set(motions[1:]) == {Motion(2, -1, 0)}
    assert len(sights._sights) <= 5


def test_a_sight_of_another_episode_restarts_the_measurement() -> None:
    sights = Sights()
    sights.add(Sight(1000, 5, 5, 5))
    assert sights.add(Sight(4, 9, 9, 9)) is None
    assert sights.add(Sight(8, 13, 9, 9)) == Motion(1, 0, 0)


@pytest.mark.parametrize(
    ("game", "episodes", "bar"),
    [
        pytest.param("pong", 8, 12, marks=pytest.mark.slow),
        pytest.param("breakout", 40, 35, marks=pytest.mark.slow),
        pytest.param("pong", 20, 12, marks=pytest.mark.long),
        pytest.param("breakout", 100, 35, marks=pytest.mark.long),
    ],
)
def test_it_plays_about_as_well_as_a_human(game: str, episodes: int, bar: float) -> None:
    """The seeds differ from those with which the constants were chosen."""
    config = EnvironmentConfig(game, obs_type="ram", repeat_action_probability=0.25)
    rollout = RolloutConfig(episodes=episodes, seed=31337, workers=2)
    summaries = run_episodes(config, find_policy("tracker", game), rollout)
    returns = [summary.score for summary in summaries]
    assert len(returns) == episodes
    assert sum(returns) / episodes >= bar
