"""A Ray cluster on this machine compared with local workers, both with two running processes."""

from functools import partial

from atari_cli.rollout import RayBackend
from atari_cli.rollout.local import LocalBackend
from benchmarks.episodes import RANDOM, episodes_of, play
from benchmarks.report import Row
from benchmarks.timing import Effort, rate, ratio, side_by_side


def over_local(effort: Effort) -> list[Row]:
    """Play the same episodes; both backends start in the warm-up round."""
    game = "pong"
    # About eight seconds.
    episodes = effort.pick(episodes_of(game, 200_000), 4)
    with RayBackend("local", workers=2) as cluster, LocalBackend(2) as local:
        figures = side_by_side(
            {
                "Ray": rate(partial(play, game, RANDOM, episodes, cluster)),
                "local": rate(partial(play, game, RANDOM, episodes, local)),
            },
            effort.repeats,
        )
    value = ratio(figures, "Ray", "local")
    return [Row(f"Ray over local workers, {game}", value, 0.85, figures, "frames/s")]
