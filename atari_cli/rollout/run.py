"""A run of episodes: which are played, in what order they are reported, and where a budget ends."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any, Final

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import InvalidSetting, PolicyFailed
from atari_cli.model import EpisodeSummary, Policy, PolicySource
from atari_cli.rollout.episode import listens
from atari_cli.rollout.local import LocalBackend
from atari_cli.rollout.work import (
    Advance,
    Backend,
    EpisodeOutcome,
    EpisodeTask,
    Failure,
    InProcess,
    RunSpec,
    policy_source,
)
from atari_cli.sink import Sink
from atari_cli.validation import check_type

_TEN_EPISODES: Final = RolloutConfig()


class Collect(Sink):
    """Keeps the summaries of the finished episodes, even if the run ends with an error.

    Attributes:
        episodes: The summaries, in the order of the episodes, up to the first that is missing.
    """

    def __init__(self) -> None:
        self.episodes: list[EpisodeSummary] = []

    def end(self, summary: EpisodeSummary) -> None:
        """Keep an episode's summary."""
        self.episodes.append(summary)


def run_episodes(
    config: EnvironmentConfig,
    policy: PolicySource | Policy | type[Any],
    rollout: RolloutConfig = _TEN_EPISODES,
    sinks: Iterable[Sink] = (),
    backend: Backend | None = None,
    played: Iterable[EpisodeSummary] = (),
) -> list[EpisodeSummary]:
    """Play episodes and return their summaries, which are the same wherever they are played.

    An episode in which the policy fails is left out, and the others are still played; with a
    budget of steps, it ends the run. If the run ends early (a lost worker, Ctrl-C), a `Collect`
    has the episodes up to the first that is missing: those that happen to end early would bias
    the statistics. An episode that was interrupted gets no `end`. Each sink is closed at the end.

    Args:
        config: The settings of the environment.
        policy: A function of the observation, a class of such objects, or a source of policies.
        rollout: How many episodes or steps, from which seed, on how many workers.
        sinks: Listeners; one for single steps or frames requires a single worker.
        backend: Where the episodes are played; `rollout.workers` local processes if None.
        played: Episodes of the same run that were played before, such as `Results.earlier`.
            They are reported like the others, but not played again; others are ignored.

    Returns:
        The summaries, in the order of the episodes.

    Raises:
        PolicyFailed: If the policy failed in an episode; it is raised after the last episode.
        WorkerLost: If a worker ended before its episode did.
        InvalidSetting: If a setting does not fit, or the policy cannot be sent to the workers.
    """
    check_type("config", config, EnvironmentConfig)
    check_type("rollout", rollout, RolloutConfig)
    check_type("sinks", sinks, Iterable)
    check_type("played", played, Iterable)
    sinks = tuple(sinks)
    for sink in sinks:
        check_type("sink", sink, Sink)
    with ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.close)
        spec = RunSpec(config, policy_source(policy), rollout.seed)
        run = _RunProgress(spec, rollout, sinks, played)
        if backend is None and rollout.workers == 1:
            run.play(InProcess(sinks))
        else:
            _check_sinks(sinks)
            run.play(backend or stack.enter_context(LocalBackend(rollout.workers)))
    return run.finished


def _check_sinks(sinks: Iterable[Sink]) -> None:
    for sink in sinks:
        if sink.needs_frames or listens(sink, "step"):
            raise InvalidSetting(f"{type(sink).__name__} listens to each step: use workers=1")


class _RunProgress:
    """The progress of a run: what is finished, waits for an earlier episode, or is left to play."""

    def __init__(
        self,
        spec: RunSpec,
        rollout: RolloutConfig,
        sinks: Sequence[Sink],
        played: Iterable[EpisodeSummary],
    ) -> None:
        self.finished: list[EpisodeSummary] = []
        self._spec = spec
        self._rollout = rollout
        self._sinks = sinks
        self._failures: list[Failure] = []
        self._waiting: dict[int, EpisodeOutcome] = {
            episode.episode: episode for episode in played if episode.episode in rollout.indices
        }
        self._played = frozenset(self._waiting)
        self._next = rollout.first_episode
        self._steps_left = rollout.steps
        self._steps_unreported = rollout.steps
        self._to_cut: EpisodeTask | None = None

    def play(self, backend: Backend) -> None:
        """Play all episodes."""
        self._settle()
        if not self._is_at_its_budget():
            self._follow(backend.play(self._spec, self._tasks()))
        if self._to_cut:
            task, self._to_cut = self._to_cut, None
            self._follow(backend.play(self._spec, [task]))
        if self._failures:
            raise self._failure()

    def _tasks(self) -> Iterator[EpisodeTask]:
        """Yield the tasks; with a budget, none gets more steps than are left for certain."""
        for episode in self._rollout.indices:
            if episode not in self._played:
                yield EpisodeTask(episode, self._steps_left)

    def _is_at_its_budget(self) -> bool:
        return self._steps_left == 0 or self._to_cut is not None

    def _follow(self, reports: Generator[EpisodeOutcome | Advance, None, None]) -> None:
        """Take the reports of a backend until the budget is used up."""
        with closing(reports):
            for report in reports:
                if isinstance(report, Advance):
                    self._advance(report.steps)
                else:
                    self._waiting[report.episode] = report
                    if isinstance(report, EpisodeSummary) and report.complete:
                        for sink in self._sinks:
                            sink.complete(report)
                    self._settle()
                if self._is_at_its_budget():
                    return

    def _advance(self, steps: int) -> None:
        """Notify the sinks of more steps, but never of more than the budget."""
        if self._steps_unreported is not None:
            steps = min(steps, self._steps_unreported)
            self._steps_unreported -= steps
        for sink in self._sinks:
            sink.advance(steps)

    def _settle(self) -> None:
        """Take the outcomes that wait for no earlier episode."""
        while self._next in self._waiting and self._steps_left != 0:
            outcome = self._waiting.pop(self._next)
            if self._exceeds_budget(outcome):
                # It was played ahead of others whose steps were not known yet.
                self._to_cut = EpisodeTask(self._next, self._steps_left)
                self._waiting.clear()
                return
            self._next += 1
            self._take(outcome)

    def _exceeds_budget(self, outcome: EpisodeOutcome) -> bool:
        """Return whether the budget ends before the episode, or before the policy's failure."""
        if self._steps_left is None:
            return False
        steps = outcome.steps + 1 if isinstance(outcome, Failure) else outcome.steps
        return steps > self._steps_left

    def _take(self, outcome: EpisodeOutcome) -> None:
        if isinstance(outcome, Failure):
            self._failures.append(outcome)
            self._steps_left = None if self._steps_left is None else 0
            return
        if self._steps_left is not None:
            if not outcome.steps:
                raise InvalidSetting(
                    f"episode {outcome.episode} ended before its first step, so that a number of "
                    "steps may never be reached: choose another mode, raise max_frames or give "
                    "episodes"
                )
            self._steps_left -= outcome.steps
        self.finished.append(outcome)
        for sink in self._sinks:
            sink.end(outcome)

    def _failure(self) -> PolicyFailed:
        first = self._failures[0].error
        if len(self._failures) == 1:
            return first
        failed = ", ".join(str(failure.episode) for failure in self._failures[:20])
        more = ", …" if len(self._failures) > 20 else ""
        error = PolicyFailed(f"{first}; episodes {failed}{more} failed", first.details)
        error.__cause__ = first.__cause__
        error.__notes__ = getattr(first, "__notes__", [])
        return error
