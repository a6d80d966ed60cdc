"""Progress on stderr: steps/s, episodes, mean return, time left."""

import sys
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Final

from atari_cli.cli.output import note
from atari_cli.config import RolloutConfig
from atari_cli.model import EpisodeSummary
from atari_cli.sink import Sink

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LOG_SECONDS: Final = 60.0
"""Between two lines about a run whose stderr is not a terminal."""


class _RunProgress(Sink):
    """Counts the steps and episodes of a run, wherever its episodes are played.

    Args:
        episodes: Number of episodes to play; None if steps are counted.
    """

    def __init__(self, episodes: int | None) -> None:
        self._wanted = episodes
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

    def _words(self) -> str:
        """Return the progress in words."""
        rate = self._steps / max(perf_counter() - self._started, 1e-9)
        of_all = "" if self._wanted is None else f" of {self._wanted:,}"
        mean = f"  mean return {self._total / self._episodes:.1f}" if self._episodes else ""
        return f"{rate:,.0f} steps/s  episode {self._episodes:,}{of_all}{mean}"

    @abstractmethod
    def _show(self) -> None: ...


class ProgressBar(_RunProgress):
    """Shows the progress of a run as a bar on a terminal.

    Args:
        progress: The bars.
        task: The bar.
        episodes: Number of episodes to play; None if the bar counts steps.
    """

    def __init__(self, progress: "Progress", task: "TaskID", episodes: int | None) -> None:
        super().__init__(episodes)
        self._progress = progress
        self._task = task

    def _show(self) -> None:
        done = self._steps if self._wanted is None else self._episodes
        self._progress.update(self._task, completed=done, description=self._words())


class ProgressLog(_RunProgress):
    """Prints the progress of a run every minute, as for the log of a cluster's job.

    Args:
        episodes: Number of episodes to play; None if steps are counted.
        clock: Returns the time in seconds.
    """

    def __init__(self, episodes: int | None, clock: Callable[[], float] = perf_counter) -> None:
        super().__init__(episodes)
        self._clock = clock
        self._due = clock() + LOG_SECONDS

    def _show(self) -> None:
        if self._clock() >= self._due:
            self._due = self._clock() + LOG_SECONDS
            note(self._words())


@contextmanager
def progress_sinks(rollout: RolloutConfig) -> Iterator[list[Sink]]:
    """Yield the progress of a run as a sink: a bar on a terminal, else a line every minute."""
    if not sys.stderr.isatty():
        yield [ProgressLog(rollout.episodes)]
        return
    with _progress() as progress:
        # The length of a single episode is unknown: the bar only shows activity.
        total = rollout.steps or (None if rollout.episodes == 1 else rollout.episodes)
        task = progress.add_task("starting", total=total)
        yield [ProgressBar(progress, task, rollout.episodes)]


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
