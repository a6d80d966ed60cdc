"""Observations come in the shape of their type, now or later, in the same colours."""

import numpy as np
import pytest

from atari_cli.emulator import Emulator
from atari_cli.errors import EmulatorError
from atari_cli.games import find_game
from atari_cli.observation import EmulatorFrame, observation_shape


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


def test_a_frame_that_was_not_kept_is_refused_rather_than_wrong() -> None:
    emulator = Emulator(find_game("pong"))
    frame = EmulatorFrame(emulator, "rgb")
    emulator.act(0)
    for ask in (frame.pixels, frame.ram, frame.indices):
        with pytest.raises(EmulatorError, match="without its environment"):
            ask()


def test_a_frame_without_sound_says_how_to_get_it() -> None:
    frame = EmulatorFrame(Emulator(find_game("pong")), "rgb")
    with pytest.raises(EmulatorError, match="sound=True"):
        frame.audio()
