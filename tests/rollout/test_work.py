"""The data given to workers: policies as sources, run specifications as bytes, and tasks."""

import pickle
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting, PolicyFailed, UnknownPolicy
from atari_cli.model import AtariObservation, EpisodeSummary, Policy
from atari_cli.rollout.work import (
    EpisodePlayer,
    EpisodeTask,
    Failure,
    InProcess,
    RunSpec,
    pack_spec,
    policy_source,
    unpack_spec,
)

CONFIG = EnvironmentConfig("breakout", max_frames=100)


def noop(observation: AtariObservation) -> int:
    return 0


class Counting:
    """A policy that is an object."""

    def __call__(self, observation: AtariObservation) -> int:
        return 0


class Source:
    """A source that fails to load."""

    name = "source"
    deterministic: bool | None = True

    def load(self) -> Policy:
        raise RuntimeError("no weights")


def test_a_function_becomes_a_source_of_its_name() -> None:
    source = policy_source(noop)
    assert source.name == "noop"
    assert source.deterministic is None
    assert source.load() is noop


def test_a_class_becomes_a_source_of_new_objects() -> None:
    source = policy_source(Counting)
    assert source.name == "Counting"
    assert isinstance(source.load(), Counting)
    assert source.load() is not source.load()


def test_an_object_is_named_after_its_class() -> None:
    assert policy_source(Counting()).name == "Counting"


def test_a_source_is_returned_unchanged() -> None:
    source = Source()
    assert policy_source(source) is source


def test_an_object_that_is_not_a_policy_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="expected a policy: .* got 'random'"):
        policy_source(cast(Any, "random"))


def test_a_run_with_a_local_function_can_be_sent_to_another_process() -> None:
    offset = 2
    spec = RunSpec(CONFIG, policy_source(lambda _: 1 + offset), seed=4)
    copy = unpack_spec(pack_spec(spec))
    assert (copy.config, copy.seed, copy.policy.name) == (CONFIG, 4, "<lambda>")
    assert copy.policy.load()(cast(Any, None)) == 3


def test_a_policy_that_cannot_be_pickled_is_refused_with_advice() -> None:
    lock = threading.Lock()

    def policy(observation: AtariObservation) -> int:
        with lock:
            return 0

    with pytest.raises(InvalidSetting, match=r"'policy' cannot be sent .* play it with workers=1"):
        pack_spec(RunSpec(CONFIG, policy_source(policy), seed=0))


def test_a_policy_whose_module_is_missing_is_unknown() -> None:
    with pytest.raises(UnknownPolicy, match="no_such_module"):
        unpack_spec(b"cno_such_module\npolicy\n.")


def test_a_policy_that_cannot_be_created_fails_with_the_users_traceback() -> None:
    with pytest.raises(
        PolicyFailed, match="'source' cannot be made: RuntimeError: no weights"
    ) as e:
        EpisodePlayer(RunSpec(CONFIG, Source(), seed=0))
    assert 'raise RuntimeError("no weights")' in e.value.details


def test_a_failure_has_the_number_of_steps_played_before_it() -> None:
    def policy(observation: AtariObservation) -> int:
        if observation.episode_frame_number >= 12:
            raise ValueError
        return 0

    outcome = EpisodePlayer(RunSpec(CONFIG, policy_source(policy), seed=0)).play(EpisodeTask(6))
    assert isinstance(outcome, Failure)
    assert (outcome.episode, outcome.steps) == (6, 3)
    assert str(pickle.loads(pickle.dumps(outcome)).error) == str(outcome.error)


def test_the_calling_process_takes_a_task_only_after_playing_the_last() -> None:
    log: list[int] = []

    def tasks() -> Iterator[EpisodeTask]:
        for episode in (3, 4):
            log.append(episode)
            yield EpisodeTask(episode, max_steps=2)

    for outcome in InProcess().play(RunSpec(CONFIG, policy_source(noop), seed=0), tasks()):
        assert isinstance(outcome, EpisodeSummary)
        assert log[-1] == outcome.episode
        assert outcome.steps == 2
    assert log == [3, 4]
