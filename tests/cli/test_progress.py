"""The progress of a run: a bar on a terminal, a line every minute elsewhere."""

import io
import sys

import pytest
from rich.console import Console
from rich.progress import Progress

from atari_cli.cli.progress import LOG_SECONDS, ProgressBar, ProgressLog, progress_sinks
from atari_cli.config import RolloutConfig
from atari_cli.model import EpisodeSummary
from tests.cli.program import Program


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


def episode(score: float) -> EpisodeSummary:
    return EpisodeSummary(0, 0, score, 10, 40, True, False)


@pytest.mark.parametrize(
    ("episodes", "completed", "shown"), [(None, 30, "episode 2 "), (60, 2, "episode 2 of 60 ")]
)
def test_the_bar_counts_episodes_or_steps(episodes: int | None, completed: int, shown: str) -> None:
    progress = Progress(console=Console(file=io.StringIO()))
    bar = ProgressBar(progress, progress.add_task("starting", total=100), episodes)
    bar.advance(10)
    assert "episode 0" in progress.tasks[0].description
    assert "mean return" not in progress.tasks[0].description
    bar.end(episode(4))
    bar.advance(20)
    bar.end(episode(7))
    (task,) = progress.tasks
    assert task.completed == completed
    assert f"steps/s  {shown} mean return 5.5" in task.description


def test_a_run_without_a_terminal_prints_a_line_every_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 7.0
    log = ProgressLog(60, clock=lambda: now)
    for second in range(1, 181):
        now = 7.0 + second
        log.advance(100)
        if second % 10 == 0:
            log.end(episode(2))
    lines = capsys.readouterr().err.splitlines()
    assert LOG_SECONDS == 60
    assert [line.partition("steps/s  ")[2] for line in lines] == [
        f"episode {number} of 60  mean return 2.0" for number in (5, 11, 17)
    ]


def test_a_short_run_without_a_terminal_shows_no_progress(atari: Program) -> None:
    with progress_sinks(RolloutConfig()) as (sink,):
        assert isinstance(sink, ProgressLog)
    atari("rollout", "--episodes", 2, "--max-frames", 100)
    assert "steps/s" not in atari.notes


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (("--episodes", 2), "episode 2 of 2  mean return 0.0"),
        (("--steps", 50), "episode 2  mean return 0.0"),
    ],
)
def test_a_terminal_shows_speed_and_mean_return(
    atari: Program, monkeypatch: pytest.MonkeyPatch, amount: tuple[str, int], expected: str
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    out = atari("rollout", "--max-frames", 100, *amount)
    shown = terminal.getvalue()
    assert expected in shown
    assert "steps/s  episode" in shown
    assert "return mean" in out
    assert "return mean" not in shown
