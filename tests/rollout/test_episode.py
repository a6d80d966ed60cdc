"""The loop of one episode: seeds, sinks, limits and failing policies."""

import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import PolicyFailed
from atari_cli.model import AtariObservation, StepResult
from atari_cli.rollout.episode import listens, run_episode, seeded, users_traceback
from atari_cli.seeding import episode_seed
from atari_cli.sink import EpisodeStart, Sink


@pytest.fixture(scope="module")
def environment() -> AtariEnvironment:
    return AtariEnvironment("breakout", noop_max=10, max_frames=200, frameskip=4)


class Log(Sink):
    """Notes the notifications that it gets."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.actions: list[int] = []
        self.advanced = 0

    def begin(self, start: EpisodeStart) -> None:
        state = start.environment.state
        self.told.append((start.episode, start.run_seed, start.policy, state.seed))

    def step(self, action: int, result: StepResult) -> None:
        self.actions.append(action)

    def advance(self, steps: int) -> None:
        self.advanced += steps


def test_the_seed_of_an_episode_follows_from_run_seed_and_index(
    environment: AtariEnvironment,
) -> None:
    summary = run_episode(environment, lambda _: 0, episode=7, run_seed=3)
    assert (summary.episode, summary.seed) == (7, episode_seed(3, 7))


def test_sinks_are_notified_of_start_steps_and_progress(environment: AtariEnvironment) -> None:
    log = Log()
    summary = run_episode(
        environment, lambda _: "RIGHT", episode=2, run_seed=5, policy_name="right", sinks=[log]
    )
    assert log.told == [(2, 5, "right", summary.seed)]
    assert log.actions == [3] * summary.steps
    assert log.advanced == summary.steps > 40
    assert summary.truncated


def test_an_episode_is_cut_at_the_maximum_number_of_steps(environment: AtariEnvironment) -> None:
    summary = run_episode(environment, lambda _: 0, max_steps=5)
    assert summary.steps == 5
    assert not summary.terminated
    assert not summary.truncated


def test_a_policy_is_reset_with_the_episodes_seed(environment: AtariEnvironment) -> None:
    seeds = []

    class Noting:
        def reset(self, seed: int) -> None:
            seeds.append(seed)

        def __call__(self, observation: AtariObservation) -> int:
            return 0

    policy = Noting()
    for episode in (4, 5):
        run_episode(environment, policy, episode=episode, max_steps=1)
    assert seeds == [episode_seed(0, 4), episode_seed(0, 5)]


def test_global_generators_are_seeded_for_each_episode_and_then_restored(
    environment: AtariEnvironment,
) -> None:
    drawn: list[tuple[float, float]] = []

    def policy(observation: AtariObservation) -> int:
        drawn.append((random.random(), np.random.random()))
        return 0

    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    for episode in (0, 0, 1):
        run_episode(environment, policy, episode=episode, max_steps=1)
    assert (random.random(), np.random.random()) == expected
    assert drawn[0] == drawn[1] != drawn[2]


def test_global_generators_are_restored_after_an_error() -> None:
    before = random.getstate()
    with pytest.raises(KeyError), seeded(2**53 - 1):
        raise KeyError
    assert random.getstate() == before


def test_the_traceback_of_a_failing_policy_has_only_its_own_frames(
    environment: AtariEnvironment,
) -> None:
    def broken_helper() -> int:
        raise ZeroDivisionError("no\nway")

    def policy(observation: AtariObservation) -> int:
        return broken_helper()

    with pytest.raises(PolicyFailed) as caught:
        run_episode(environment, policy, episode=3)
    assert str(caught.value) == "the policy raised ZeroDivisionError: no way in episode 3"
    assert "in broken_helper" in caught.value.details
    assert "atari_cli" not in caught.value.details


def test_an_exception_in_reset_is_a_failure_of_the_policy(environment: AtariEnvironment) -> None:
    class Broken:
        def reset(self, seed: int) -> None:
            raise ValueError("no reset today")

        def __call__(self, observation: AtariObservation) -> int:
            return 0

    with pytest.raises(PolicyFailed, match="ValueError: no reset today in episode 0"):
        run_episode(environment, Broken())


@pytest.mark.parametrize("action", [4, -1, "UPFIRE", "JUMP", None, 0.5])
def test_an_illegal_action_is_a_failure_that_names_the_action(
    environment: AtariEnvironment, action: Any
) -> None:
    with pytest.raises(PolicyFailed, match="illegal action in episode 0") as caught:
        run_episode(environment, lambda _: action)
    assert str(action) in str(caught.value)
    assert caught.value.details == ""


@pytest.mark.parametrize("action", [np.int64(2), np.uint8(2), "right", "RIGHT"])
def test_actions_may_be_numpy_integers_or_names(environment: AtariEnvironment, action: Any) -> None:
    log = Log()
    run_episode(
        environment,
        lambda _: action,
        max_steps=2,
        sinks=[log],
    )
    assert log.actions == [3, 3]


def test_a_sink_listens_to_the_methods_that_its_class_defines() -> None:
    assert listens(Log(), "step")
    assert not listens(Log(), "end")
    assert not listens(Sink(), "step")


def test_an_error_without_frames_of_the_users_code_is_still_named() -> None:
    assert users_traceback(ValueError("odd")) == "ValueError: odd\n"


@pytest.mark.parametrize(
    "choice", [np.array([2]), ("RIGHT", None), (np.array([2]), None), (np.int64(2), {"mask": 1})]
)
def test_a_policy_may_return_what_predict_of_stable_baselines_returns(
    environment: AtariEnvironment, choice: Any
) -> None:
    log = Log()
    run_episode(environment, lambda _: choice, max_steps=3, sinks=[log])
    assert log.actions == [3] * 3


@pytest.mark.parametrize("choice", [(2,), (2, None, None), [2], np.array([2, 2])])
def test_other_sequences_are_refused(environment: AtariEnvironment, choice: Any) -> None:
    with pytest.raises(PolicyFailed, match="illegal action in episode 0: expected an action"):
        run_episode(environment, lambda _: choice)


TWIN = """
import os, sys
from atari_cli.environment import AtariEnvironment
from atari_cli.rollout.episode import run_episode

def policy(observation, asked=[]):
    asked.append(observation)
    if len(asked) == 2 and not os.fork():
        if sys.argv[1] == "leaves":
            sys.exit("a child left")
        if sys.argv[1] == "fails":
            raise ValueError("a child failed")
    return 0

print(run_episode(AtariEnvironment("pong", max_frames=80), policy).steps, flush=True)
"""


@pytest.mark.posix("Windows has no fork")
@pytest.mark.parametrize("what", ["leaves", "fails", "returns"])
def test_a_child_that_a_policy_forks_does_not_continue_the_run(what: str) -> None:
    command = [sys.executable, "-c", TWIN, what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("20\n", "")
