"""An episode is a pure function of its settings, seed and actions, in all 104 games."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import ale_py
import gymnasium
import numpy as np
import pytest
from ale_py.env import AtariEnv
from numpy.typing import NDArray

from atari_cli.config import EnvironmentConfig
from atari_cli.emulator import Emulator
from atari_cli.environment import AtariEnvironment
from atari_cli.games import Game, all_games
from tests.exactness.traces import (
    boot_and_play,
    fingerprint,
    held_codes,
    play_frames,
    play_steps,
    restore_and_play,
    restore_and_step,
)

# The fast suite plays one game of each kind: paddles, PAL with modes that begin at random, and
# states that ALE keeps only in part. The slow tests play all others.
SAMPLE = {"pong", "adventure", "qbert"}


def ram_of(peer: gymnasium.Env[Any, Any]) -> NDArray[np.uint8]:
    """Return the RAM of a game that Gymnasium plays."""
    game = peer.unwrapped
    assert isinstance(game, AtariEnv)
    return game.ale.getRAM()


EVERY_GAME = pytest.mark.parametrize(
    "game",
    [
        pytest.param(game, id=game.id, marks=() if game.id in SAMPLE else pytest.mark.slow)
        for game in all_games()
    ],
)

gymnasium.register_envs(ale_py)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ProcessPoolExecutor]:
    """Another process, which shares nothing with this one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@EVERY_GAME
def test_another_process_sees_the_same_frames(game: Game, elsewhere: ProcessPoolExecutor) -> None:
    codes = held_codes(1, 600)
    there = elsewhere.submit(boot_and_play, game.id, codes)
    assert boot_and_play(game.id, codes) == there.result()


@EVERY_GAME
def test_earlier_episodes_leave_no_trace(game: Game) -> None:
    codes = held_codes(2, 300)
    modes = sorted({game.modes[0], game.modes[len(game.modes) // 2], game.modes[-1]})
    for index, mode in enumerate(modes):
        difficulty = game.difficulties[index % len(game.difficulties)]
        first = boot_and_play(game.id, codes, mode, difficulty)
        emulator = Emulator(game, mode, difficulty)
        for earlier in (held_codes(3, 500), held_codes(4, 37), []):
            play_frames(emulator, earlier)
            emulator.boot()
            assert [(fingerprint(emulator), 0), *play_frames(emulator, codes)] == first


@EVERY_GAME
def test_other_games_leave_no_trace(game: Game) -> None:
    actions = held_codes(5, 60)
    with AtariEnvironment(game.id, repeat_action_probability=0.25) as environment:
        environment.reset(seed=7)
        first = play_steps(environment, actions)
        environment.reset(game="frostbite" if game.id != "frostbite" else "freeway")
        play_steps(environment, actions)
        environment.reset(seed=7, game=game.id)
        assert play_steps(environment, actions) == first


@EVERY_GAME
def test_restored_emulators_continue_identically(
    game: Game, elsewhere: ProcessPoolExecutor
) -> None:
    codes = held_codes(6, 1500)
    emulator = Emulator(game)
    points = {0: emulator.save()}
    trace = []
    for start, end in ((0, 1), (1, 2), (2, 211), (211, 1400), (1400, 1500)):
        trace += play_frames(emulator, codes[start:end])
        points[end] = emulator.save()
    for start, saved in points.items():
        rest = codes[start : start + 90]
        there = elsewhere.submit(restore_and_play, game.id, saved, rest)
        emulator.restore(saved)
        here = [(fingerprint(emulator), 0), *play_frames(emulator, rest)]
        assert here[1:] == trace[start : start + 90]
        assert there.result() == here


@EVERY_GAME
def test_restored_environments_continue_identically(
    game: Game, elsewhere: ProcessPoolExecutor
) -> None:
    actions = held_codes(8, 220)
    for sticky in (0.0, 0.25):
        with AtariEnvironment(game.id, repeat_action_probability=sticky) as environment:
            environment.reset(seed=11)
            if len(play_steps(environment, actions[:120])) < 120:
                environment.reset(seed=12)
            saved = environment.save()
            there = elsewhere.submit(restore_and_step, saved, actions[120:])
            rest = play_steps(environment, actions[120:])
            assert there.result() == rest
            environment.reset()
            play_steps(environment, actions[:9])
            environment.restore(saved)
            assert play_steps(environment, actions[120:]) == rest


@EVERY_GAME
def test_gymnasium_plays_the_same_episode(game: Game) -> None:
    peer = gymnasium.make(game.gymnasium_id, frameskip=4, repeat_action_probability=0.0)
    expected, _ = peer.reset(seed=0)
    with AtariEnvironment(EnvironmentConfig(game.id)) as environment:
        result = environment.reset(seed=0)
        assert np.array_equal(result.observation.pixels, expected)
        for action in held_codes(9, 150):
            action %= len(environment.action_codes)
            result = environment.step(action)
            expected, reward, terminated, truncated, info = peer.step(action)
            assert np.array_equal(result.observation.pixels, expected)
            assert np.array_equal(result.observation.ram, ram_of(peer))
            assert result.observation.lives == info["lives"]
            assert result.observation.episode_frame_number == info["episode_frame_number"]
            assert (result.reward, result.terminated, result.truncated) == (
                (reward, terminated, truncated)
            )
            if result.done:
                break
    peer.close()


@pytest.mark.slow
@EVERY_GAME
def test_gymnasium_plays_the_same_episode_in_other_modes_and_difficulties(game: Game) -> None:
    modes = {game.modes[len(game.modes) // 2], game.modes[-1]} - {game.default_mode}
    for mode in sorted(modes):
        settings: dict[str, Any] = {"mode": mode, "difficulty": game.difficulties[-1]}
        peer = gymnasium.make(game.gymnasium_id, repeat_action_probability=0.0, **settings)
        expected, _ = peer.reset(seed=5)
        with AtariEnvironment(game.id, **settings) as environment:
            result = environment.reset(seed=5)
            assert np.array_equal(result.observation.pixels, expected)
            for action in held_codes(9, 40):
                if result.done:
                    break
                action %= len(environment.action_codes)
                result = environment.step(action)
                expected, reward, terminated, truncated, _ = peer.step(action)
                assert np.array_equal(result.observation.pixels, expected)
                assert np.array_equal(result.observation.ram, ram_of(peer))
                assert (result.reward, result.terminated, result.truncated) == (
                    (reward, terminated, truncated)
                )
        peer.close()
