"""Progress bars on stderr: steps/s, episodes, mean return, time left."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from atari_cli.config import RolloutConfig
from atari_cli.model import EpisodeSummary
from atari_cli.sink import Sink

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class ProgressBar(Sink):
    """Shows the progress of a run, wherever its episodes are played."""

    def __init__(self, progress: "Progress", task: "TaskID", by_steps: bool) -> None:
        self._progress = progress
        self._task = task
        self._by_steps = by_steps
        self._started = perf_counter()
        self._steps = 0
        self._episodes = 0
        self._total = 0.0

    def advance(self, steps: int) -> None:
        """Count steps that were played."""
        self._steps += steps
        self._show()

    def end(self, summary: EpisodeSummary) -> None:
        """Count an episode and its return."""
        self._episodes += 1
        self._total += summary.score
        self._show()

    def _show(self) -> None:
        rate = self._steps / max(perf_counter() - self._started, 1e-9)
        mean = f"mean return {self._total / self._episodes:.1f}" if self._episodes else ""
        self._progress.update(
            self._task,
            completed=self._steps if self._by_steps else self._episodes,
            description=f"{rate:,.0f} steps/s  episode {self._episodes}  {mean}",
        )


@contextmanager
def progress_sinks(rollout: RolloutConfig) -> Iterator[list[Sink]]:
    """Yield the progress bar of a run as a sink; no sink if stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield []
        return
    with _progress() as progress:
        # The length of a single episode is unknown: the bar only shows activity.
        total = rollout.steps or (None if rollout.episodes == 1 else rollout.episodes)
        task = progress.add_task("starting", total=total)
        yield [ProgressBar(progress, task, by_steps=rollout.steps is not None)]


@contextmanager
def progress_bar(what: str, steps: int | None = None) -> Iterator[Callable[[int], object]]:
    """Yield a function that counts the replayed steps of a recording on a progress bar.

    If stderr is not a terminal, there is no bar and the function does nothing.

    Args:
        what: The activity, shown next to the bar.
        steps: Total number of steps; None if it is unknown.
    """
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    with _progress() as progress:
        task = progress.add_task(what, total=steps)
        yield lambda steps: progress.advance(task, steps)


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(compact=True))
    console = Console(stderr=True, highlight=False)
    return Progress(*columns, console=console, transient=True)
