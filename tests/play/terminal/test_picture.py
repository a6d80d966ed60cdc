"""A text picture sends only changes, and pages leave nothing behind."""

import os
from dataclasses import replace

import numpy as np
import pytest

from atari_cli.games import find_game
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import View
from atari_cli.play.terminal.picture import TextPicture, glow, is_too_small

RGB = np.random.default_rng(0).integers(0, 256, (210, 160, 3), np.uint8)
VIEW = View(find_game("pong"), np.zeros((210, 160), np.uint8))
CLEAR = "\x1b[0m\x1b[2J"


@pytest.fixture
def picture() -> TextPicture:
    return TextPicture(Keymap(), os.terminal_size((80, 24)), lines_below=1)


def test_the_first_view_is_drawn_completely_and_a_repeated_one_not_at_all(
    picture: TextPicture,
) -> None:
    first = picture.draw(VIEW, RGB)
    assert first.startswith(CLEAR)
    assert first.count("▀") == 61 * 23
    assert picture.draw(VIEW, RGB) == ""


def test_only_the_changed_line_is_sent(picture: TextPicture) -> None:
    picture.draw(VIEW, RGB)
    text = picture.draw(replace(VIEW, score=3.0), RGB)
    assert text.startswith("\x1b[24;1H")
    assert "score 3" in text
    assert "▀" not in text


def test_the_picture_is_centred(picture: TextPicture) -> None:
    assert f"{CLEAR}\x1b[1;10H" in picture.draw(VIEW, RGB)
    tall = TextPicture(Keymap(), os.terminal_size((80, 50)), lines_below=2)
    assert f"{CLEAR}\x1b[10;1H" in tall.draw(VIEW, RGB)


def test_a_page_stays_on_top_while_the_picture_changes(picture: TextPicture) -> None:
    picture.draw(VIEW, RGB)
    scores = replace(VIEW, panel=(("High scores",),))
    assert picture.draw(scores, RGB).index("▀") < picture.draw(replace(scores), RGB[::-1]).index(
        "│ High scores │"
    )
    assert picture.draw(scores, RGB[::-1]) == ""


def test_a_page_leaves_nothing_behind(picture: TextPicture) -> None:
    whole = picture.draw(VIEW, RGB)
    assert "this help" in picture.draw(replace(VIEW, help=True), RGB)
    assert picture.draw(VIEW, RGB) == whole


def test_the_help_hides_a_panel(picture: TextPicture) -> None:
    text = picture.draw(replace(VIEW, help=True, panel=(("High scores",),)), RGB)
    assert "this help" in text
    assert "High scores" not in text


@pytest.mark.parametrize(
    ("columns", "lines", "expected"), [(40, 16, False), (39, 16, True), (40, 15, True)]
)
def test_the_minimum_size_is_40_by_16(columns: int, lines: int, expected: bool) -> None:
    assert is_too_small(os.terminal_size((columns, lines))) == expected


@pytest.mark.parametrize("size", [(30, 10), (1, 1), (200, 1), (1, 200)])
def test_a_screen_that_is_too_small_shows_a_notice_once(size: tuple[int, int]) -> None:
    picture = TextPicture(Keymap(), os.terminal_size(size), lines_below=2)
    text = picture.draw(VIEW, RGB)
    assert text.startswith(CLEAR)
    assert text.endswith("too small: 40×16 needed"[: size[0]])
    assert picture.draw(VIEW, RGB[::-1]) == ""


def test_phosphor_shows_the_mean_of_two_frames() -> None:
    now, before = np.full((1, 1, 3), 255, np.uint8), np.full((1, 1, 3), 200, np.uint8)
    assert glow(now, before).tolist() == [[[227, 227, 227]]]
