"""`run_episodes` relative to a bare `ale.act` loop and Gymnasium, and two workers to one."""

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Final, TypeVar

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.model import PolicySource
from atari_cli.rollout import run_episodes
from atari_cli.rollout.local import LocalBackend
from atari_cli.sink import EpisodeStart, Sink
from benchmarks.episodes import (
    LOOKING,
    RANDOM,
    Played,
    episodes_of,
    games,
    play,
    played,
)
from benchmarks.peers import Gymnasium, act_loop, gymnasium_loop, loaded, make_gymnasium
from benchmarks.report import Row
from benchmarks.timing import Effort, rate, ratio, side_by_side

Peer = TypeVar("Peer")

_ROUNDS: Final = 15
"""Many rounds, because the measured differences are smaller than the noise of the machine."""


def over_act(effort: Effort) -> list[Row]:
    return [_game_over_act(game, effort) for game in games(effort)]


def over_gymnasium(effort: Effort) -> list[Row]:
    return [_game_over_gymnasium(game, effort) for game in games(effort)]


def two_workers(effort: Effort) -> list[Row]:
    """Play the same episodes with one worker, and with two that have already started."""
    game = "pong"
    # About nine seconds with one worker.
    episodes = effort.pick(episodes_of(game, 120_000), 4)
    with LocalBackend(2) as backend:
        figures = side_by_side(
            {
                "two workers": rate(partial(play, game, RANDOM, episodes, backend)),
                "one": rate(partial(play, game, RANDOM, episodes)),
            },
            effort.repeats,
        )
    value = ratio(figures, "two workers", "one")
    return [Row(f"2 workers over 1, {game}", value, 1.8, figures, "frames/s")]


def _game_over_act(game: str, effort: Effort) -> Row:
    episodes = _episodes(game, effort)
    figures = side_by_side(
        {
            "run_episodes": partial(_own_rate, game, RANDOM, len(episodes)),
            "ale.act": partial(_peer_rate, partial(loaded, game), act_loop, episodes),
        },
        effort.pick(_ROUNDS, 1),
    )
    value = ratio(figures, "run_episodes", "ale.act")
    return Row(f"random rollout over an `ale.act` loop, {game}", value, 0.9, figures, "frames/s")


def _game_over_gymnasium(game: str, effort: Effort) -> Row:
    episodes = _episodes(game, effort)

    def make() -> Gymnasium:
        environment = make_gymnasium(game)
        environment.reset()
        return environment

    figures = side_by_side(
        {
            "run_episodes": partial(_own_rate, game, LOOKING, len(episodes)),
            "Gymnasium": partial(_peer_rate, make, gymnasium_loop, episodes),
        },
        effort.pick(_ROUNDS, 1),
    )
    value = ratio(figures, "run_episodes", "Gymnasium")
    return Row(f"RGB read each step over Gymnasium, {game}", value, 1.0, figures, "frames/s")


def _episodes(game: str, effort: Effort) -> Sequence[Played]:
    return played(game, episodes_of(game, effort.pick(18_000, 2000)))


def _peer_rate(
    make: Callable[[], Peer],
    loop: Callable[[Peer, Sequence[Played]], int],
    episodes: Sequence[Played],
) -> float:
    """Return the frames/s of a peer that is created for this round, as our environment is.

    The speed of a console varies by some percent with the location of its memory.
    """
    peer = make()
    started = perf_counter()
    return loop(peer, episodes) / (perf_counter() - started)


def _own_rate(game: str, policy: PolicySource, episodes: int) -> float:
    """Return the frames/s of `run_episodes` from the start of the first episode."""
    clock = _Clock()
    config, rollout = EnvironmentConfig(game), RolloutConfig(episodes=episodes)
    frames = sum(summary.frames for summary in run_episodes(config, policy, rollout, [clock]))
    return frames / (perf_counter() - clock.started)


class _Clock(Sink):
    """Starts after the reset of the first episode, with the ROM loaded, as for the peers."""

    started = 0.0

    def begin(self, start: EpisodeStart) -> None:
        self.started = self.started or perf_counter()
