"""A random rollout with RGB arrays relative to peers that play several games at once."""

from contextlib import ExitStack, closing
from functools import partial

from atari_cli.rollout.local import LocalBackend
from benchmarks.episodes import LOOKING, episodes_of, games, play, played
from benchmarks.peers import VectorLoop, async_vector, atari_vector
from benchmarks.report import Row
from benchmarks.timing import Effort, Figures, rate, ratio, side_by_side


def over_peers(effort: Effort) -> list[Row]:
    rows = []
    for game in games(effort):
        figures = _measure(game, effort)
        for peer, limit in (("AsyncVectorEnv", 1.8), ("AtariVectorEnv", 1.1)):
            pair = {name: figures[name] for name in ("run_episodes", peer)}
            value = ratio(pair, "run_episodes", peer)
            rows.append(Row(f"2 workers, RGB, over {peer}, {game}", value, limit, pair, "frames/s"))
    return rows


def _measure(game: str, effort: Effort) -> Figures:
    """Measure when all processes and threads have started."""
    frames = effort.pick(40_000, 4000)
    number = max(8, episodes_of(game, frames))
    episodes = played(game, number)
    with ExitStack() as stack:
        backend = stack.enter_context(LocalBackend(2))
        peers = {
            "AsyncVectorEnv": VectorLoop(
                stack.enter_context(closing(async_vector(game))), episodes, frames // 2
            ),
            "AtariVectorEnv": VectorLoop(
                stack.enter_context(closing(atari_vector(game))), episodes, frames // 2
            ),
        }
        loops = {name: rate(peer.play, peer.reset) for name, peer in peers.items()}
        ours = rate(partial(play, game, LOOKING, number, backend))
        return side_by_side({"run_episodes": ours, **loops}, effort.repeats)
