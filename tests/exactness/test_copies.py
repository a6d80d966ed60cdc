"""Observations, results and environments can be copied, pickled and sent through queues."""

import copy
import multiprocessing
import pickle
import queue
import threading
from typing import Any

import numpy as np
import pytest

from atari_cli.emulator import RewindingEmulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import EmulatorError, ResetNeeded
from atari_cli.model import AtariObservation, Progress
from tests.exactness.traces import held_codes, play_steps


def copies(value: Any) -> list[Any]:
    """Return a value as each way to copy it returns it."""
    passed = multiprocessing.get_context("spawn").Queue()
    pickled = pickle.dumps(value)
    passed.put(value)
    return [pickle.loads(pickled), copy.deepcopy(value), passed.get(timeout=30)]


@pytest.mark.parametrize("obs_type", ["rgb", "grayscale", "ram"])
def test_results_can_be_copied_pickled_and_queued(obs_type: str) -> None:
    environment = AtariEnvironment("pong", obs_type=obs_type, sound=True)
    environment.reset(seed=1)
    for moves_on in (True, False):
        result = environment.step(2)
        if moves_on:
            environment.step(3)
        for found in [*copies(result), copy.copy(result)]:
            assert (found.reward, found.terminated, found.truncated) == (0.0, False, False)
            for name in ("pixels", "indices", "ram", "audio"):
                seen = getattr(found.observation, name)
                assert np.array_equal(seen, getattr(result.observation, name))
            assert repr(found.observation) == repr(result.observation)
            assert found.observation.action_meanings == result.observation.action_meanings


def test_an_observation_is_that_of_its_step_if_another_thread_pickles_it() -> None:
    environment = AtariEnvironment("pong", obs_type="ram")
    environment.reset(seed=1)
    waiting: queue.SimpleQueue[AtariObservation] = queue.SimpleQueue()
    found: list[AtariObservation] = []

    def pickle_all() -> None:
        found.extend(pickle.loads(pickle.dumps(waiting.get())) for _ in range(500))

    thread = threading.Thread(target=pickle_all, daemon=True)
    thread.start()
    expected = []
    for step in range(500):
        waiting.put(environment.step(step % 4).observation)
        expected.append(environment.emulator.ram())
    thread.join()
    assert all(map(np.array_equal, [seen.pixels for seen in found], expected))


@pytest.mark.parametrize("game", ["breakout", pytest.param("tetris", marks=pytest.mark.slow)])
def test_a_copied_environment_continues_by_itself(game: str) -> None:
    make: dict[str, Any] = {"keep_frames": True, "make_emulator": RewindingEmulator, "sound": True}
    environment = AtariEnvironment(game, repeat_action_probability=0.25, noop_max=9, **make)
    environment.reset(seed=1, episode_id="kept")
    start = environment.summary()
    play_steps(environment, held_codes(1, 40))
    state, last = environment.state, environment.frames
    found = copies(environment)
    rest = play_steps(environment, held_codes(2, 40))
    environment.reset()
    for other in found:
        assert (other.state, other.config, len(other.frames)) == (state, environment.config, 4)
        assert np.array_equal(other.frames[-1].screen, last[-1].screen)
        assert play_steps(other, held_codes(2, 40)) == rest
        other.go_back(Progress(0, start.frames, 0.0, 0.0, 0))
        assert other.summary() == start
        other.reset()
        assert other.state.seed == environment.state.seed


@pytest.mark.parametrize("closes", [False, True])
def test_an_environment_without_an_episode_is_copied_with_its_seeds(closes: bool) -> None:
    environment = AtariEnvironment("pong", obs_type="ram")
    if closes:
        environment.reset(seed=3)
        environment.close()
    found = copies(environment)
    environment.reset()
    for other in found:
        with pytest.raises(ResetNeeded):
            other.step(0)
        other.reset()
        assert other.state.seed == environment.state.seed


def test_an_observation_of_an_emulator_that_was_moved_on_cannot_be_pickled() -> None:
    environment = AtariEnvironment("pong")
    observation = environment.reset(seed=0).observation
    environment.emulator.act(0)
    with pytest.raises(EmulatorError, match="moved on without its environment"):
        pickle.dumps(observation)
