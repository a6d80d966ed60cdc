"""Observations have the shape of their type and the same pixels whenever they are read."""

import gc
import weakref
from collections.abc import Callable
from threading import RLock

import numpy as np
import pytest

from atari_cli.emulator import SILENCE, Emulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import EmulatorError
from atari_cli.games import find_game
from atari_cli.observation import EmulatorFrame, Observer, observation_shape
from tests.exactness.traces import held_codes


def frame_of(emulator: Emulator, obs_type: str = "rgb") -> EmulatorFrame:
    return EmulatorFrame(emulator, obs_type, True, RLock())


@pytest.mark.parametrize("obs_type", ["rgb", "grayscale", "ram"])
@pytest.mark.parametrize("game", ["ms_pacman", "adventure"])
def test_pixels_are_the_same_at_once_and_later(game: str, obs_type: str) -> None:
    emulator = Emulator(find_game(game))
    for _ in range(50):
        emulator.act(3)
    frame = frame_of(emulator, obs_type)
    at_once = frame.pixels()
    shape = observation_shape(obs_type, *emulator.screen_shape)
    assert at_once.shape == shape
    frame.keep()
    for _ in range(50):
        emulator.act(4)
    later = frame.pixels()
    assert np.array_equal(at_once, later)
    assert later.shape == shape
    assert later.dtype == np.uint8
    assert not np.array_equal(later, frame_of(emulator, obs_type).pixels())


def test_reading_a_frame_that_was_not_kept_is_an_error() -> None:
    emulator = Emulator(find_game("pong"), sound=True)
    frame = frame_of(emulator)
    emulator.act(0)
    for ask in (frame.pixels, frame.ram, frame.indices, frame.audio):
        with pytest.raises(EmulatorError, match="without its environment"):
            ask()


def test_the_error_for_a_frame_without_sound_says_how_to_get_it() -> None:
    frame = frame_of(Emulator(find_game("pong")))
    with pytest.raises(EmulatorError, match="sound=True"):
        frame.audio()


def test_sound_is_the_same_at_once_and_later() -> None:
    emulator = Emulator(find_game("space_invaders"), sound=True)
    for code in held_codes(1, 400):
        emulator.act(code)
        if emulator.audio().max() > SILENCE:
            break
    frame = frame_of(emulator)
    at_once = frame.audio().copy()
    frame.keep()
    emulator.act(1, frames=7)
    assert np.array_equal(frame.audio(), at_once)
    assert not np.array_equal(emulator.audio(), at_once)


def test_an_observer_keeps_an_observation_with_its_settings() -> None:
    game = find_game("breakout")
    emulator, observer = Emulator(game), Observer()
    observer.configure(game, "rgb", game.minimal_actions)
    observation = observer.observe(emulator)
    assert observation.action_meanings == ("NOOP", "FIRE", "RIGHT", "LEFT")
    expected = emulator.screen_rgb()
    observer.configure(game, "ram", range(18))
    observer.keep()
    emulator.act(1, frames=50)
    assert np.array_equal(observation.pixels, expected)
    assert observer.observe(emulator).screen_shape == (128,)


@pytest.mark.parametrize("closes", [False, True])
def test_an_observation_outlives_its_environment_but_not_the_emulator(closes: bool) -> None:
    environment = AtariEnvironment("pong", obs_type="grayscale", sound=True)
    environment.reset(seed=0)
    observation = environment.step(2).observation
    emulator = weakref.ref(environment.emulator)
    arrays = (
        environment.emulator.screen_grayscale(),
        environment.emulator.screen(),
        environment.emulator.ram(),
        environment.emulator.audio().copy(),
    )
    if closes:
        environment.close()
    del environment
    gc.collect()
    assert emulator() is None
    kept = (observation.pixels, observation.indices, observation.ram, observation.audio)
    assert all(map(np.array_equal, kept, arrays))


def test_an_earlier_observation_holds_no_emulator_whatever_moved_it_on() -> None:
    environment = AtariEnvironment("pong")
    first = environment.reset(seed=0)
    saved = environment.save()
    moves: list[Callable[[], object]] = [
        lambda: environment.step(2),
        lambda: environment.reset(seed=1),
        lambda: environment.reset(game="breakout"),
        lambda: environment.restore(saved),
    ]
    for move in moves:
        emulator = environment.emulator
        before = emulator.screen_rgb()
        move()
        assert emulator not in gc.get_referents(first.observation._frame)
        assert np.array_equal(first.observation.pixels, before)
        first = environment.step(0)


def test_writing_into_an_observations_arrays_changes_no_other() -> None:
    with AtariEnvironment("pong") as environment:
        observation = environment.reset(seed=0).observation
        for _ in range(2):
            for name in ("ram", "indices"):
                before = getattr(observation, name).copy()
                getattr(observation, name)[...] = 7
                assert np.array_equal(getattr(observation, name), before)
            environment.step(0)
