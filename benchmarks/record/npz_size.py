"""The bytes per step of an NPZ file without screens and RAM."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from atari_cli.config import EnvironmentConfig, RecordConfig, RolloutConfig
from atari_cli.recording import Recorder
from atari_cli.rollout import run_episodes
from benchmarks.episodes import RANDOM
from benchmarks.report import Row
from benchmarks.timing import Effort

_GAMES = ("pong", "breakout", "ms_pacman")


def per_step(effort: Effort) -> list[Row]:
    return [_of_game(game, effort) for game in _GAMES]


def _of_game(game: str, effort: Effort) -> Row:
    """Compare the file of an episode with that of only its first step."""
    beyond, whole = [], []
    for episode in range(effort.repeats):
        first, _ = _size(game, RolloutConfig(steps=1, first_episode=episode))
        size, steps = _size(game, RolloutConfig(episodes=1, first_episode=episode))
        beyond.append((size - first) / (steps - 1))
        whole.append(size / steps)
    figures = {"beyond the header": beyond, "whole file": whole}
    return Row(
        f"NPZ without screens and ram, {game}",
        median(beyond),
        6,
        figures,
        "bytes/step",
        unit="bytes/step",
        at_most=True,
    )


def _size(game: str, rollout: RolloutConfig) -> tuple[int, int]:
    """Record an episode; return the size of its file and its number of steps."""
    with TemporaryDirectory() as folder:
        recorder = Recorder(RecordConfig(out=Path(folder), video=False, screens=False))
        config, policy = EnvironmentConfig(game), RANDOM
        (summary,) = run_episodes(config, policy, rollout, [recorder])
        (file,) = recorder.written
        return file.stat().st_size, summary.steps
