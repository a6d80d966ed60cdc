"""Runs of episodes: order, budgets of steps, failures and notifications of sinks."""

import builtins
import itertools
import json
import random
import re
from collections.abc import Generator, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import InvalidSetting, PolicyFailed, WorkerLost
from atari_cli.model import AtariObservation, EpisodeSummary, StepResult
from atari_cli.rollout import Collect, Results, run_episodes
from atari_cli.rollout.work import (
    Advance,
    EpisodeOutcome,
    EpisodePlayer,
    EpisodeTask,
    RunSpec,
    policy_source,
)
from atari_cli.sink import EpisodeStart, Sink

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "rollout.md"
CONFIG = EnvironmentConfig("breakout", repeat_action_probability=0.25, noop_max=30, max_frames=160)


def by_chance(observation: AtariObservation) -> int:
    return random.randrange(len(observation.legal_actions))


class Shuffled:
    """A backend that plays ahead and reports the latest episode of each handful first."""

    def __init__(self, size: int, dies_after: int | None = None) -> None:
        self.size = size
        self.dies_after = dies_after

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def play(
        self, spec: RunSpec, tasks: Iterable[EpisodeTask]
    ) -> Generator[EpisodeOutcome | Advance, None, None]:
        player = EpisodePlayer(spec)
        tasks = iter(tasks)
        played = 0
        while handful := list(itertools.islice(tasks, self.size)):
            for task in reversed(handful):
                if played == self.dies_after:
                    raise WorkerLost("it is gone")
                played += 1
                outcome = player.play(task)
                yield Advance(outcome.steps)
                yield outcome


class Log(Sink):
    """Notes the notifications that it gets, but does not listen to single steps."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.advanced = 0

    def begin(self, start: EpisodeStart) -> None:
        self.told.append(f"begin {start.episode}")

    def advance(self, steps: int) -> None:
        self.advanced += steps

    def end(self, summary: EpisodeSummary) -> None:
        self.told.append(f"end {summary.episode}")

    def close(self) -> None:
        self.told.append("close")


class Stepping(Sink):
    """Listens to each step."""

    def step(self, action: int, result: StepResult) -> None:
        raise AssertionError("nothing is played")


class Framing(Sink):
    """Listens to frames."""

    needs_frames = True


@pytest.fixture(scope="module")
def expected() -> list[EpisodeSummary]:
    return run_episodes(CONFIG, by_chance, RolloutConfig(episodes=7))


def test_the_episodes_of_a_run_differ_and_the_run_is_repeatable(
    expected: list[EpisodeSummary],
) -> None:
    assert [episode.episode for episode in expected] == list(range(7))
    assert len({episode.seed for episode in expected}) == 7
    assert len({episode.frames - 4 * episode.steps for episode in expected}) > 1
    assert run_episodes(CONFIG, by_chance, RolloutConfig(episodes=7)) == expected


@pytest.mark.parametrize("first", range(7))
def test_every_episode_is_the_same_if_the_run_starts_with_it(
    expected: list[EpisodeSummary], first: int
) -> None:
    rollout = RolloutConfig(episodes=1, first_episode=first)
    assert run_episodes(CONFIG, by_chance, rollout) == [expected[first]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20])
def test_results_and_notifications_are_in_order_however_episodes_finish(
    expected: list[EpisodeSummary], size: int
) -> None:
    log = Log()
    episodes = run_episodes(CONFIG, by_chance, RolloutConfig(episodes=7), [log], Shuffled(size))
    assert episodes == expected
    assert log.told == [*(f"end {episode}" for episode in range(7)), "close"]
    assert log.advanced == sum(episode.steps for episode in expected)


def test_ten_episodes_are_played_if_no_number_is_given() -> None:
    config = EnvironmentConfig("breakout", max_frames=8)
    assert len(run_episodes(config, by_chance)) == 10


def test_sinks_are_notified_in_order_and_closed() -> None:
    log = Log()
    run_episodes(CONFIG, by_chance, RolloutConfig(episodes=2), [log])
    assert log.told == ["begin 0", "end 0", "begin 1", "end 1", "close"]


@pytest.mark.parametrize("change", [-1, 0, 1])
@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_a_budget_of_steps_is_met_exactly(
    expected: list[EpisodeSummary], change: int, size: int
) -> None:
    """With `size` 0, this process plays; the budget ends near the third episode's last step."""
    steps = sum(episode.steps for episode in expected[:3]) + change
    log = Log()
    backend = Shuffled(size) if size else None
    episodes = run_episodes(CONFIG, by_chance, RolloutConfig(steps=steps), [log], backend)
    assert sum(episode.steps for episode in episodes) == steps == log.advanced
    assert episodes[:2] == expected[:2]
    cut = episodes[-1]
    if change:
        assert (cut.terminated, cut.truncated) == (False, False)
    else:
        assert episodes == expected[:3]
    assert len(episodes) == {-1: 3, 0: 3, 1: 4}[change]


def fails_late(episodes: set[int], frame: int = 60) -> type[Any]:
    """Return a class of policies that fail in some episodes, at a frame."""
    from atari_cli.seeding import episode_seed

    seeds = {episode_seed(0, episode) for episode in episodes}

    class Failing:
        def reset(self, seed: int) -> None:
            self.fails = seed in seeds

        def __call__(self, observation: AtariObservation) -> int:
            if self.fails and observation.episode_frame_number >= frame:
                raise ValueError("tired")
            return by_chance(observation)

    return Failing


@pytest.mark.parametrize("size", [0, 3])
def test_a_failing_policy_ends_only_its_episode(expected: list[EpisodeSummary], size: int) -> None:
    collected, log = Collect(), Log()
    rollout = RolloutConfig(episodes=5)
    backend = Shuffled(size) if size else None
    with pytest.raises(PolicyFailed) as caught:
        run_episodes(CONFIG, fails_late({1, 3}), rollout, [collected, log], backend)
    assert (
        str(caught.value)
        == "the policy raised ValueError: tired in episode 1; episodes 1, 3 failed"
    )
    assert 'raise ValueError("tired")' in caught.value.details
    assert collected.episodes == [expected[0], expected[2], expected[4]]
    assert [told for told in log.told if "begin" not in told] == [
        "end 0",
        "end 2",
        "end 4",
        "close",
    ]


@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_a_budget_ends_with_the_first_failure(expected: list[EpisodeSummary], size: int) -> None:
    collected = Collect()
    backend = Shuffled(size) if size else None
    with pytest.raises(PolicyFailed, match="in episode 2$"):
        run_episodes(CONFIG, fails_late({2}), RolloutConfig(steps=10_000), [collected], backend)
    assert collected.episodes == expected[:2]


@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_a_failure_beyond_the_budget_never_happens(
    expected: list[EpisodeSummary], size: int
) -> None:
    steps = expected[0].steps + 3
    backend = Shuffled(size) if size else None
    rollout = RolloutConfig(steps=steps)
    episodes = run_episodes(CONFIG, fails_late({1}), rollout, backend=backend)
    assert [episode.steps for episode in episodes] == [expected[0].steps, 3]


def test_a_budget_cannot_be_met_by_episodes_without_a_step() -> None:
    config = EnvironmentConfig("breakout", noop_max=5, max_frames=1)
    with pytest.raises(InvalidSetting, match="episode 0 ended before its first step"):
        run_episodes(config, by_chance, RolloutConfig(steps=5))


def test_ctrl_c_keeps_finished_episodes_and_closes_the_sinks(
    expected: list[EpisodeSummary],
) -> None:
    collected, log = Collect(), Log()
    played = 0

    def policy(observation: AtariObservation) -> int:
        nonlocal played
        played += 1
        if played > expected[0].steps + 5:
            raise KeyboardInterrupt
        return by_chance(observation)

    with pytest.raises(KeyboardInterrupt):
        run_episodes(CONFIG, policy, sinks=[collected, log])
    assert collected.episodes == expected[:1]
    assert log.told == ["begin 0", "end 0", "begin 1", "close"]


@pytest.mark.parametrize(("dies_after", "reported"), [(2, 0), (4, 4), (6, 4)])
def test_a_broken_run_reports_the_episodes_before_the_first_missing_one(
    expected: list[EpisodeSummary], dies_after: int, reported: int
) -> None:
    """Those after it would be the short ones, and lower the mean."""
    collected = Collect()
    with pytest.raises(WorkerLost):
        run_episodes(
            CONFIG, by_chance, RolloutConfig(episodes=7), [collected], Shuffled(4, dies_after)
        )
    assert collected.episodes == expected[:reported]


class Completed(Sink):
    """Keeps the episodes in the order in which they end."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def complete(self, summary: EpisodeSummary) -> None:
        self.numbers.append(summary.episode)


def test_sinks_are_notified_of_a_complete_episode_at_once() -> None:
    completed = Completed()
    with pytest.raises(WorkerLost):
        run_episodes(
            CONFIG, by_chance, RolloutConfig(episodes=7), [completed], Shuffled(4, dies_after=6)
        )
    assert completed.numbers == [3, 2, 1, 0, 6, 5]
    cut = Completed()
    run_episodes(CONFIG, by_chance, RolloutConfig(steps=3), [cut])
    assert cut.numbers == []


@pytest.mark.parametrize("known", [(), (0,), (6,), (1, 3, 4), range(7)])
@pytest.mark.parametrize("size", [0, 3])
def test_episodes_that_were_played_before_are_reported_and_not_played(
    expected: list[EpisodeSummary], known: Iterable[int], size: int
) -> None:
    log, completed = Log(), Completed()
    episodes = run_episodes(
        CONFIG,
        by_chance,
        RolloutConfig(episodes=7),
        [log, completed],
        Shuffled(size) if size else None,
        played=[expected[number] for number in known],
    )
    assert episodes == expected
    assert [told for told in log.told if "end" in told] == [f"end {n}" for n in range(7)]
    assert sorted(completed.numbers) == sorted(set(range(7)) - set(known))


@pytest.mark.parametrize("sink", [Stepping(), Framing()])
def test_a_sink_that_listens_to_steps_requires_one_worker(sink: Sink) -> None:
    log = Log()
    with pytest.raises(InvalidSetting, match="listens to each step: use workers=1"):
        run_episodes(CONFIG, by_chance, RolloutConfig(workers=2), [sink, log])
    assert log.told == ["close"]


def test_every_sink_is_closed_even_if_closing_another_fails() -> None:
    class Stuck(Sink):
        def close(self) -> None:
            raise OSError("disk full")

    logs = [Log(), Log()]
    config = EnvironmentConfig("breakout", max_frames=8)
    with pytest.raises(OSError, match="disk full"):
        run_episodes(config, by_chance, RolloutConfig(episodes=1), [logs[0], Stuck(), logs[1]])
    assert [log.told[-1] for log in logs] == ["close", "close"]


def test_a_sink_that_needs_frames_gets_them() -> None:
    class Film(Sink):
        needs_frames = True
        lengths: list[int] = []

        def begin(self, start: EpisodeStart) -> None:
            self.environment = start.environment

        def step(self, action: int, result: StepResult) -> None:
            self.lengths.append(len(self.environment.frames))

    film = Film()
    run_episodes(CONFIG, by_chance, RolloutConfig(steps=3), [film])
    assert film.lengths == [4, 4, 4]


def test_the_documented_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    call, seed, resume, collect, cluster = blocks
    names: dict[str, Any] = {}
    exec(call.replace("episodes=10", "episodes=2"), names)
    assert len(names["episodes"]) == 2
    given = eval(seed, {"numpy": np, "seed": 1, "k": 1})
    assert given == names["episodes"][1].seed
    monkeypatch.chdir(tmp_path)
    exec(resume, names)
    assert (names["results"].counts.played, (tmp_path / "scores.csv").exists()) == (20, True)
    exec(collect, names)
    assert len(names["collected"].episodes) == 10
    assert "RayBackend" in cluster


def test_the_documented_json_has_the_real_fields() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    document = json.loads(text)
    config, rollout = EnvironmentConfig("breakout", max_frames=8), RolloutConfig(episodes=1)
    results = Results(config, policy_source(by_chance), rollout)
    run_episodes(config, by_chance, rollout, [results])
    real = results.as_json()
    assert document.keys() == real.keys()
    assert document["episodes"][0].keys() == real["episodes"][0].keys()
    assert document["summary"]["return"].keys() == real["summary"]["return"].keys()
    for part, group in (("run", "settings"), ("run", "versions"), ("summary", "return")):
        assert document[part].keys() == real[part].keys()
        assert document[part][group].keys() == real[part][group].keys()


def test_random_numbers_in_the_constructor_of_a_policy_are_the_same_everywhere() -> None:
    class Fixed:
        def __init__(self) -> None:
            self.actions: list[int] = np.random.randint(4, size=97).tolist()

        def __call__(self, observation: AtariObservation) -> int:
            return self.actions[observation.episode_frame_number % 97]

    config = EnvironmentConfig("breakout", noop_max=30, max_frames=400)
    runs = [
        run_episodes(config, Fixed, RolloutConfig(episodes=3, seed=5, workers=w)) for w in (1, 1, 2)
    ]
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize("error", ["SystemExit", "GeneratorExit"])
def test_a_policy_cannot_end_the_run(error: str) -> None:
    def policy(observation: AtariObservation) -> int:
        raise getattr(builtins, error)

    with pytest.raises(PolicyFailed, match=error):
        run_episodes(EnvironmentConfig("breakout"), policy, RolloutConfig(episodes=1))


def test_the_numbers_of_a_rollout_may_be_numpy_integers() -> None:
    numbers: dict[str, Any] = {
        name: np.int64(value)
        for name, value in {"episodes": 2, "seed": 3, "first_episode": 1, "workers": 1}.items()
    }
    config = RolloutConfig(**numbers)
    assert [type(getattr(config, field.name)) for field in fields(config)] == [
        *(int, type(None), int, int, int)
    ]


def test_episodes_outside_the_run_are_ignored(expected: list[EpisodeSummary]) -> None:
    rollout = RolloutConfig(episodes=2, first_episode=3)
    assert run_episodes(CONFIG, by_chance, rollout, played=expected) == expected[3:5]
