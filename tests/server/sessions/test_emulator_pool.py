"""Emulators of ended sessions are reused without a trace of their earlier games."""

from threading import Thread

import numpy as np
import pytest

from atari_cli import AtariEnvironment
from atari_cli.emulator import Emulator
from atari_cli.games import find_game
from atari_cli.server.sessions import emulator_pool as pools
from atari_cli.server.sessions.emulator_pool import EmulatorPool


def test_a_returned_emulator_is_reused() -> None:
    pool, pong = EmulatorPool(), find_game("pong")
    first = pool.make(pong, None, None, False)
    assert pool.make(pong, None, None, False) is not first
    pool.give_back(first)
    assert pool.make(pong, None, 0, False) is first


def test_another_game_mode_or_difficulty_needs_another_emulator() -> None:
    pool, pong = EmulatorPool(), find_game("pong")
    first = pool.make(pong, None, None, False)
    pool.give_back(first)
    assert pool.make(pong, 1, None, False) is not first
    assert pool.make(pong, None, 1, False) is not first
    assert pool.make(pong, None, None, True) is not first
    assert pool.make(find_game("breakout"), None, None, False) is not first
    assert pool.make(pong, None, None, False) is first


def test_an_episode_does_not_depend_on_earlier_ones() -> None:
    pool = EmulatorPool()
    for _ in range(2):
        environment = AtariEnvironment("ms_pacman", make_emulator=pool.make)
        screen = environment.reset(seed=3).observation.pixels
        for action in range(9):
            screen = environment.step(action).observation.pixels
        pool.give_back(environment.emulator)
    fresh = AtariEnvironment("ms_pacman")
    fresh.reset(seed=3)
    for action in range(9):
        expected = fresh.step(action).observation.pixels
    assert np.array_equal(screen, expected)


def test_the_number_of_spare_emulators_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_MOST_SPARE", 2)
    pool, pong = EmulatorPool(), find_game("pong")
    made = [pool.make(pong, None, None, False) for _ in range(3)]
    for emulator in made:
        pool.give_back(emulator)
    again = [pool.make(pong, None, None, False) for _ in range(3)]
    assert made[0] not in again
    assert all(emulator in again for emulator in made[1:])


def test_concurrent_sessions_get_different_emulators() -> None:
    pool, pong = EmulatorPool(), find_game("pong")
    pool.give_back(pool.make(pong, None, None, False))
    made: list[Emulator] = []
    threads = [
        Thread(target=lambda: made.append(pool.make(pong, None, None, False))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(emulator) for emulator in made}) == 4
