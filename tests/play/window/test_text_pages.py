"""Text pages fit every window at a readable size, and no text is lost."""

from collections.abc import Iterator
from functools import cache

import pygame
import pygame.font
import pytest

from atari_cli.games import find_game
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Row
from atari_cli.play.window.font import SMALLEST, Font, letter_size
from atari_cli.play.window.help import help_rows
from atari_cli.play.window.picture import window_size
from atari_cli.play.window.text_pages import Layout, TextPages, _narrowed, layout_of

SCORES: list[Row] = [
    ("High scores",),
    ("",),
    *((str(n), str(n * 9991), "2026-11-28") for n in range(1, 11)),
]


@pytest.fixture(autouse=True)
def font() -> Iterator[None]:
    pygame.font.init()
    yield
    pygame.font.quit()


def pages() -> TextPages:
    return TextPages(cache(Font))


PONG = find_game("pong")
WINDOWS = [
    *(window_size(PONG, zoom, "exact") for zoom in (1, 2, 3, 4, 8, 16)),
    *(window_size(PONG, zoom, "tv") for zoom in (1, 2, 3, 4, 8, 16)),
    (1920, 1080),
    (3840, 2160),
]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(
    "rows", [help_rows(Keymap(), watching=False), help_rows(Keymap(), True), SCORES]
)
def test_text_fits_every_window_at_every_size(rows: list[Row], window: tuple[int, int]) -> None:
    layout, set_rows = pages()._set(rows, window, letter_size(window))
    assert layout.size[0] <= window[0]
    assert layout.size[1] <= window[1]
    assert layout.letters.size >= SMALLEST
    assert layout.pages * layout.blocks * layout.lines >= len(set_rows)
    words = " ".join(" ".join(row) for row in set_rows).replace(":", "").split()
    assert words == " ".join(" ".join(row) for row in rows).replace(":", "").split()
    for row in set_rows:
        for column, cell in enumerate(row if len(row) > 1 else ()):
            assert layout.letters.width(cell) <= layout.columns[column]


@pytest.mark.parametrize("zoom", [2, 3, 4, 8, 16])
def test_the_help_takes_one_page_from_zoom_2_upwards(zoom: int) -> None:
    window = window_size(PONG, zoom, "exact")
    layout, _ = pages()._set(
        help_rows(Keymap(), watching=False, only_keyboard=True), window, letter_size(window)
    )
    assert layout.pages == 1


def drawn(rows: list[Row], size: tuple[int, int], times: list[float]) -> list[bytes]:
    """Return the pixels that a window of a size shows at each time."""
    turning = pages()
    surfaces = []
    for time in times:
        surface = pygame.Surface(size, depth=32)
        turning.draw(surface, rows, surface.get_rect(), SMALLEST, time)
        surfaces.append(pygame.image.tobytes(surface, "RGB"))
    return surfaces


def test_pages_turn_every_four_seconds_and_start_over() -> None:
    rows: list[Row] = [(f"a rather long line {number}",) for number in range(25)]
    first, still, second, again = drawn(rows, (160, 210), [10.0, 13.9, 14.1, 18.1])
    assert first == still == again
    assert first != second


def test_a_page_opened_again_starts_with_its_first_part() -> None:
    rows: list[Row] = [(f"a rather long line {number}",) for number in range(25)]
    turning, shown = pages(), []
    for time in (0.0, 5.0):
        surface = pygame.Surface((160, 210), depth=32)
        turning.draw(surface, rows, surface.get_rect(), SMALLEST, time)
        shown.append(pygame.image.tobytes(surface, "RGB"))
        turning.close()
    assert shown[0] == shown[1]


def test_a_page_that_fits_does_not_turn() -> None:
    before, after = drawn([("one line",)], (160, 210), [0.0, 100.0])
    assert before == after
    assert any(before)


def test_a_page_without_text_can_be_drawn() -> None:
    drawn([], (160, 210), [0.0])
    drawn([("",)], (20, 10), [0.0])


def test_numbers_are_aligned_by_their_last_digit() -> None:
    letters = Font(20)
    layout = layout_of([("1", "12,340"), ("10", "5")], letters, (400, 400))
    assert layout.columns == (letters.width("10"), letters.width("12,340"))
    assert layout.pages == layout.blocks == 1


def test_rows_are_set_in_several_columns_in_a_wide_low_window() -> None:
    rows: list[Row] = [(f"line {number}",) for number in range(30)]
    layout = layout_of(rows, Font(20), (600, 300))
    assert isinstance(layout, Layout)
    assert layout.pages == 1
    assert layout.blocks > 1


def test_a_row_without_a_mark_has_its_cells_in_the_same_columns() -> None:
    rows: list[Row] = [
        ("pong, mode 0, difficulty 0",),
        ("",),
        ("", "1", "123456", "100:07", "2026-11-29", "human"),
        (">", "10", "20.5", "1:00", "2026-11-30", "tracker"),
    ]
    letters = Font(20)
    columns = layout_of(rows, letters, (640, 840)).columns
    assert columns == tuple(
        max(letters.width(row[column]) for row in rows[2:]) for column in range(6)
    )


def test_a_row_that_is_too_wide_is_broken_into_lines_of_its_cells() -> None:
    rows: list[Row] = [("fire", "space, x"), (">", "10", "20.5", "a long name"), ("", "1", "7")]
    lines = [row[0] for row in _narrowed(rows, Font(15), 105)]
    assert lines == ["fire: space, x", "> 10 20.5 a long", "   name", "1 7"]
