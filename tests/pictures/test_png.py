"""A PNG file contains each pixel of a screen, enlarged by the zoom."""

import io

import numpy as np
import pytest
from imageio import v3 as imageio

from atari_cli.environment import AtariEnvironment
from atari_cli.games import find_game
from atari_cli.pictures.png import png


@pytest.mark.parametrize("game", ["ms_pacman", "pacman"])
@pytest.mark.parametrize("zoom", [1, 3])
def test_every_pixel_of_the_file_has_the_colour_of_the_screen(game: str, zoom: int) -> None:
    observation = AtariEnvironment(game).reset(seed=1).observation
    found = imageio.imread(io.BytesIO(png(observation.indices, find_game(game), zoom)))
    height, width = observation.indices.shape
    assert found.shape == (height * zoom, width * zoom, 3)
    assert found.dtype == np.uint8
    blocks = found.reshape(height, zoom, width, zoom, 3)
    assert (blocks == observation.pixels[:, None, :, None]).all()
