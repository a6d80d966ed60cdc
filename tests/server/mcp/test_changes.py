"""Regions of a screen, described in numbers and words."""

import numpy as np
import pytest

from atari_cli.model import Bytes
from atari_cli.server.mcp.changes import (
    changed,
    colour_name,
    movements,
    regions,
    standing_out,
)


def dark() -> Bytes:
    return np.zeros((210, 160), np.uint8)


def test_equal_screens_have_no_regions() -> None:
    assert regions(changed(dark(), dark()), dark(), "NTSC", 5) == ([], 0)


def test_a_moved_object_is_found_at_its_old_and_new_position() -> None:
    before, after = dark(), dark()
    before[100:104, 20:22] = 0x0E
    after[100:104, 80:82] = 0x0E
    found, left_out = regions(changed(before, after), after, "NTSC", 5)
    assert [(area.x, area.y, area.width, area.height, area.pixels) for area in found] == [
        *((20, 100, 2, 4, 8), (80, 100, 2, 4, 8))
    ]
    assert [area.colour for area in found] == ["black #000000", "white #ececec"]
    assert left_out == 0
    assert str(found[1]) == "x 80-81 y 100-103 white #ececec"


def test_a_moved_object_is_reported_once_with_its_way() -> None:
    before, after = dark(), dark()
    before[100:104, 20:22] = before[60:70, 30:40] = after[60:70, 30:40] = 0x0E
    after[92:96, 26:28] = 0x0E
    (move,), rest = movements(before, after, "NTSC")
    assert (move.x, move.y, move.right, move.down) == (26, 92, 6, -8)
    assert str(move) == "white to 26,92 (+6,-8)"
    assert not rest.any()


def test_each_of_several_objects_is_the_nearest_one_before() -> None:
    before, after = dark(), dark()
    for x in (20, 60, 100):
        before[100:104, x : x + 4] = 0x0E
        after[101:105, x + 5 : x + 9] = 0x0E
    moves, rest = movements(before, after, "NTSC")
    assert [(move.right, move.down) for move in moves] == [(5, 1)] * 3
    assert not rest.any()


def test_an_object_in_another_pose_has_moved_and_one_of_another_colour_or_size_has_not() -> None:
    before, after = dark(), dark()
    before[100:110, 20:28] = 0x0E
    after[100:111, 23:30] = 0x0E
    (move,), _ = movements(before, after, "NTSC")
    assert (move.right, move.down) == (3, 0)
    for height, colour in ((10, 0x44), (20, 0x0E)):
        after = dark()
        after[100 : 100 + height, 60:68] = colour
        moves, rest = movements(before, after, "NTSC")
        assert moves == []
        assert rest.sum() == 80 + 8 * height


def test_between_screens_of_two_games_nothing_has_moved() -> None:
    moves, rest = movements(dark()[:200], dark(), "NTSC")
    assert moves == []
    assert rest.all()


def test_touching_pixels_are_one_region_and_the_largest_comes_first() -> None:
    screen = dark()
    screen[10:30, 10:40] = 0x0E
    screen[0, 100] = 0x0E
    found, _ = regions(standing_out(screen), screen, "NTSC", 5)
    assert [area.pixels for area in found] == [600, 1]


def test_pixels_touching_at_corners_are_one_region() -> None:
    screen = dark()
    for row in range(20):
        screen[row * 7, row * 8] = screen[row * 7, (19 - row) * 8] = 0x0E
    found, _ = regions(standing_out(screen), screen, "NTSC", 5)
    assert [area.pixels for area in found] == [40]


def test_touching_pixels_of_another_colour_are_a_separate_region() -> None:
    screen = dark()
    screen[10:30, 8:40] = 0x0E
    screen[12:16, 40:42] = 0x44
    found, _ = regions(standing_out(screen), screen, "NTSC", 5)
    assert [(area.x, area.width, area.colour) for area in found] == [
        *((8, 32, "white #ececec"), (40, 2, "red #b83232"))
    ]


def test_the_smallest_of_many_regions_are_only_counted() -> None:
    screen = dark()
    screen[::30, ::40] = 0x0E
    found, left_out = regions(standing_out(screen), screen, "NTSC", 5)
    assert (len(found), left_out) == (5, 7 * 4 - 5)


def test_pixels_stand_out_if_they_differ_from_the_colour_of_their_row() -> None:
    screen = dark()
    screen[50:] = 0x42
    screen[60, 5] = 0
    assert np.argwhere(standing_out(screen)).tolist() == [[60, 5]]


def test_screens_of_two_games_differ_everywhere() -> None:
    assert changed(dark()[:200], dark()).all()


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((236, 236, 236), "white"),
        ((200, 72, 72), "red"),
        ((213, 130, 74), "orange"),
        ((92, 186, 92), "green"),
        ((66, 72, 200), "blue"),
        ((66, 158, 130), "teal"),
        ((252, 224, 112), "yellow"),
    ],
)
def test_colours_have_familiar_names(rgb: tuple[int, int, int], name: str) -> None:
    assert colour_name(rgb) == name
