"""Observations have the shape of their type and the same pixels whenever they are read."""

import numpy as np
import pytest

from atari_cli.emulator import SILENCE, Emulator
from atari_cli.errors import EmulatorError
from atari_cli.games import find_game
from atari_cli.observation import EmulatorFrame, Observer, observation_shape
from tests.exactness.traces import held_codes


@pytest.mark.parametrize("obs_type", ["rgb", "grayscale", "ram"])
@pytest.mark.parametrize("game", ["ms_pacman", "adventure"])
def test_pixels_are_the_same_at_once_and_later(game: str, obs_type: str) -> None:
    emulator = Emulator(find_game(game))
    for _ in range(50):
        emulator.act(3)
    frame = EmulatorFrame(emulator, obs_type)
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
    assert not np.array_equal(later, EmulatorFrame(emulator, obs_type).pixels())


def test_reading_a_frame_that_was_not_kept_is_an_error() -> None:
    emulator = Emulator(find_game("pong"), sound=True)
    frame = EmulatorFrame(emulator, "rgb")
    emulator.act(0)
    for ask in (frame.pixels, frame.ram, frame.indices, frame.audio):
        with pytest.raises(EmulatorError, match="without its environment"):
            ask()


def test_the_error_for_a_frame_without_sound_says_how_to_get_it() -> None:
    frame = EmulatorFrame(Emulator(find_game("pong")), "rgb")
    with pytest.raises(EmulatorError, match="sound=True"):
        frame.audio()


def test_sound_is_the_same_at_once_and_later() -> None:
    emulator = Emulator(find_game("space_invaders"), sound=True)
    for code in held_codes(1, 400):
        emulator.act(code)
        if emulator.audio().max() > SILENCE:
            break
    frame = EmulatorFrame(emulator, "rgb")
    at_once = frame.audio().copy()
    frame.keep()
    emulator.act(1, frames=7)
    assert np.array_equal(frame.audio(), at_once)
    assert not np.array_equal(emulator.audio(), at_once)


def test_an_observer_keeps_an_observation_with_its_settings() -> None:
    game = find_game("breakout")
    emulator, observer = Emulator(game), Observer()
    observer.configure(game, "rgb", game.minimal_actions)
    observation = observer.observe(emulator, earlier_frames=7)
    assert observation.action_meanings == ("NOOP", "FIRE", "RIGHT", "LEFT")
    assert observation.frame_number == 7
    expected = emulator.screen_rgb()
    observer.configure(game, "ram", range(18))
    last = observer.last()
    assert last
    last.keep()
    emulator.act(1, frames=50)
    assert np.array_equal(observation.pixels, expected)
    assert observer.observe(emulator, 0).screen_shape == (128,)
