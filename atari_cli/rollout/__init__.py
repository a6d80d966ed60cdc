"""Playing episodes: in this process, in several, or on a Ray cluster, with the same results."""

from atari_cli.rollout.episode import (
    ask,
    chosen,
    make_policy,
    reset_policy,
    run_episode,
    seeded,
)
from atari_cli.rollout.ray import RayBackend
from atari_cli.rollout.results import Results, RunCounts
from atari_cli.rollout.run import Collect, run_episodes
from atari_cli.rollout.summary import Summary, repeats_itself, summarise

__all__ = [
    "Collect",
    "RayBackend",
    "Results",
    "RunCounts",
    "Summary",
    "ask",
    "chosen",
    "make_policy",
    "repeats_itself",
    "reset_policy",
    "run_episode",
    "run_episodes",
    "seeded",
    "summarise",
]
