"""The progress of a run: shown on a terminal, silent when piped."""

import io
import sys

import pytest
from rich.console import Console
from rich.progress import Progress

from atari_cli.cli.progress import ProgressBar, progress_sinks
from atari_cli.config import RolloutConfig
from atari_cli.model import EpisodeSummary
from tests.cli.program import Program


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


def episode(score: float) -> EpisodeSummary:
    return EpisodeSummary(0, 0, score, 10, 40, True, False)


@pytest.mark.parametrize(("by_steps", "completed"), [(True, 30), (False, 2)])
def test_the_bar_counts_episodes_or_steps(by_steps: bool, completed: int) -> None:
    progress = Progress(console=Console(file=io.StringIO()))
    bar = ProgressBar(progress, progress.add_task("starting", total=100), by_steps)
    bar.advance(10)
    assert "episode 0" in progress.tasks[0].description
    assert "mean return" not in progress.tasks[0].description
    bar.end(episode(4))
    bar.advance(20)
    bar.end(episode(7))
    (task,) = progress.tasks
    assert task.completed == completed
    assert "steps/s  episode 2  mean return 5.5" in task.description


def test_nothing_is_shown_unless_stderr_is_a_terminal(atari: Program) -> None:
    with progress_sinks(RolloutConfig()) as sinks:
        assert sinks == []
    atari("rollout", "--episodes", 2, "--max-frames", 100)
    assert "steps/s" not in atari.notes


@pytest.mark.parametrize("amount", [("--episodes", 2), ("--steps", 50)])
def test_a_terminal_shows_speed_and_mean_return(
    atari: Program, monkeypatch: pytest.MonkeyPatch, amount: tuple[str, int]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    out = atari("rollout", "--max-frames", 100, *amount)
    shown = terminal.getvalue()
    assert "episode 2  mean return 0.0" in shown
    assert "steps/s  episode" in shown
    assert "return mean" in out
    assert "return mean" not in shown
