"""What is kept of an episode is that episode, and a reset forgets it."""

import pytest

from atari_cli import AtariEnvironment
from atari_cli.errors import ResetNeeded
from atari_cli.server.sessions.episode_log import Keeping


def test_an_episode_is_kept_step_by_step_until_the_next() -> None:
    kept, environment = Keeping(), AtariEnvironment("pong", frameskip=1)
    for seed in (4, 5):
        with pytest.raises(ResetNeeded, match="no step was played"):
            kept.episode()
        kept.begin(environment, environment.reset(seed=seed))
        for _ in range(seed):
            result = environment.step("UP" if seed == 9 else 2)
            kept.step(environment.last_action, result)
        episode = kept.episode()
        assert (episode.header["seed"], episode.steps) == (seed, seed)
        assert episode.header["totals"]["steps"] == seed
        kept.begin(environment, environment.reset(seed=0))
