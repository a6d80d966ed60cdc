"""The log keeps exactly the played episode, until the next reset."""

import pytest

from atari_cli import AtariEnvironment
from atari_cli.errors import ResetNeeded
from atari_cli.server.sessions.episode_log import EpisodeLog


def test_an_episode_is_kept_step_by_step_until_the_next_begins() -> None:
    log, environment = EpisodeLog(), AtariEnvironment("pong", frameskip=1)
    for seed in (4, 5):
        with pytest.raises(ResetNeeded, match="no step was played"):
            log.episode()
        log.begin(environment, environment.reset(seed=seed))
        for _ in range(seed):
            result = environment.step(2)
            log.step(environment.last_action, result)
        episode = log.episode()
        assert (episode.header["seed"], episode.steps) == (seed, seed)
        assert episode.header["totals"]["steps"] == seed
        log.begin(environment, environment.reset(seed=0))
