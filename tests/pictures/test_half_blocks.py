"""Pictures made of character cells have the right colours and the right shape."""

import re

import numpy as np

from atari_cli.pictures.half_blocks import fit, render_picture, supports_truecolor

RED, BLUE = (255, 0, 0), (0, 0, 255)


def screen(upper: tuple[int, int, int], lower: tuple[int, int, int]) -> np.ndarray:
    rgb = np.empty((210, 160, 3), np.uint8)
    rgb[:105], rgb[105:] = upper, lower
    return rgb


def test_the_picture_fits_with_an_aspect_ratio_of_4_to_3() -> None:
    for columns, rows in ((80, 23), (200, 60), (20, 100), (1, 1)):
        width, height = fit(columns, rows)
        assert width <= columns
        assert height <= max(rows, 1)
    width, height = fit(80, 100)
    assert (width, 2 * height) == (80, 60)


def test_a_cell_shows_its_upper_and_its_lower_half() -> None:
    lines = render_picture(screen(RED, BLUE), columns=8).split("\n")
    assert len(lines) == 3
    assert [line.count("▀") for line in lines] == [8, 8, 8]
    assert "38;2;255;0;0;48;2;255;0;0m" in lines[0]
    assert "38;2;255;0;0;48;2;0;0;255m" in lines[1]
    assert "38;2;0;0;255;48;2;0;0;255m" in lines[2]


def test_a_ball_of_one_pixel_is_not_lost() -> None:
    rgb = screen((0, 0, 0), (0, 0, 0))
    for x in range(160):
        rgb[:] = 0
        rgb[77, x] = 255
        colours = re.findall(r"[34]8;2;(\d+);", render_picture(rgb, columns=64))
        assert max(map(int, colours)) > 10


def test_a_wide_terminal_repeats_pixels() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (210, 160, 3), np.uint8)
    lines = render_picture(rgb, columns=320).split("\n")
    assert [line.count("▀") for line in lines] == [320] * 120


def test_terminals_with_24_bit_colour_are_recognised() -> None:
    assert supports_truecolor({"COLORTERM": "truecolor"})
    assert supports_truecolor({"TERM": "xterm-direct"})
    assert supports_truecolor({"WT_SESSION": "b2c4"})
    assert not supports_truecolor({"TERM": "xterm-256color"})
    assert not supports_truecolor({})
