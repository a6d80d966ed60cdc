"""Workers that have played for a long time use no more memory than after a warm-up."""

import os
import sys
from collections.abc import Callable

import pytest

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.model import EpisodeSummary
from atari_cli.policies import find_policy
from atari_cli.rollout import run_episodes
from atari_cli.sink import Sink
from tests.soak.processes import children, resident

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

EPISODES, WARM_UP = 1500, 300
GROWTH = 4.0
"""MB by which a fragmented heap may grow; a leak of 4 KB per episode would exceed it."""


class Memory(Sink):
    """Records the memory of this process and its workers after the warm-up and at the end."""

    def __init__(self) -> None:
        self.notes: list[dict[int, float]] = []

    def end(self, summary: EpisodeSummary) -> None:
        if summary.episode + 1 in (WARM_UP, EPISODES):
            here = os.getpid()
            self.notes.append({pid: resident(pid) for pid in {here, *children(here)}})


def test_the_memory_of_workers_does_not_grow(
    record_property: Callable[[str, str], None],
) -> None:
    config = EnvironmentConfig("ms_pacman", max_frames=800, repeat_action_probability=0.25)
    rollout, memory = RolloutConfig(episodes=EPISODES, workers=2), Memory()
    summaries = run_episodes(config, find_policy("random", "ms_pacman"), rollout, [memory])
    assert len(summaries) == EPISODES
    before, after = memory.notes
    record_property("before, MB", ", ".join(f"{used:.1f}" for used in before.values()))
    record_property("after, MB", ", ".join(f"{after[pid]:.1f}" for pid in before))
    assert len(before) > 2
    assert not {
        pid: after[pid] - used for pid, used in before.items() if after[pid] - used > GROWTH
    }
