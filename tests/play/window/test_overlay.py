"""The overlay of the picture: status, messages, pages and slider, each where it fits."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pygame
import pygame.font
import pygame.surfarray
import pytest
from numpy.typing import NDArray

from atari_cli.games import find_game
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import View
from atari_cli.play.window.overlay import Overlay

PLAIN = View(find_game("pong"), np.zeros((210, 160), np.uint8))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def overlay(clock: Clock) -> Iterator[Overlay]:
    pygame.font.init()
    yield Overlay(Keymap(), clock)
    pygame.font.quit()


def drawn(overlay: Overlay, view: View, size: tuple[int, int] = (640, 840)) -> NDArray[np.bool_]:
    """Return which pixels (row, column) the overlay of a view changes on black."""
    surface = pygame.Surface(size, depth=32)
    overlay.draw(surface, view)
    changed = np.asarray(pygame.surfarray.array3d(surface).any(axis=2)).T
    return changed


def place(changed: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return the first and last row and the first and last column that changed."""
    rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def test_a_plain_view_shows_only_the_picture(overlay: Overlay) -> None:
    assert not drawn(overlay, PLAIN).any()


@pytest.mark.parametrize("zoom", [1, 2, 4, 8])
@pytest.mark.parametrize(
    "extra",
    [
        {"hud": True},
        {"status": "paused"},
        {"message": "saved slot 3: Ms. Pac-Man, 12340 points, 2026-11-28 10:30"},
        {"help": True},
        {"panel": [("High scores",), ("",), ("1", "12,340", "2026-11-28", "human")]},
        {"position": (0, 5678)},
        {"position": (5678, 5678), "hud": True},
    ],
    ids=lambda extra: "-".join(extra),
)
def test_everything_fits_inside_the_window(
    overlay: Overlay, extra: dict[str, object], zoom: int
) -> None:
    size = 160 * zoom, 210 * zoom
    changed = drawn(overlay, replace(PLAIN, **extra), size)  # type: ignore[arg-type]
    assert changed.any()
    top, bottom, left, right = place(changed)
    if "hud" not in extra and "position" not in extra:  # both are as wide as the window
        assert (top > 0, left > 0) == (True, True)
        assert bottom < size[1] - 1
        assert right < size[0] - 1


def test_a_message_given_once_stays_for_two_seconds(overlay: Overlay, clock: Clock) -> None:
    assert drawn(overlay, replace(PLAIN, message="saved slot 3")).any()
    clock.now += 1.9
    assert drawn(overlay, PLAIN).any()
    clock.now += 0.2
    assert not drawn(overlay, PLAIN).any()


def test_a_message_stays_while_it_is_repeated(overlay: Overlay, clock: Clock) -> None:
    for _ in range(5):
        clock.now += 1.0
        shown = drawn(overlay, replace(PLAIN, message="disk full"))
        assert shown.any()
    assert not drawn(overlay, PLAIN).any()


def test_a_new_message_replaces_the_old_one(overlay: Overlay, clock: Clock) -> None:
    first = drawn(overlay, replace(PLAIN, message="saved slot 3"))
    clock.now += 1.5
    second = drawn(overlay, replace(PLAIN, message="loaded slot 4"))
    assert (first != second).any()
    clock.now += 1.5
    assert (drawn(overlay, PLAIN) == second).all()


def test_messages_and_slider_are_above_the_bar(overlay: Overlay) -> None:
    bar = place(drawn(overlay, replace(PLAIN, hud=True)))[0]
    slider = place(drawn(overlay, replace(PLAIN, hud=True, position=(1, 10))))[0]
    all_three = place(drawn(overlay, replace(PLAIN, hud=True, position=(1, 10), message="hello")))
    assert all_three[0] < slider < bar


def test_the_slider_is_drawn_where_a_click_seeks_and_its_knob_follows(overlay: Overlay) -> None:
    drawn(overlay, PLAIN)
    assert not overlay.slider
    knobs = []
    for step in (0, 50, 100):
        surface = pygame.Surface((640, 840), depth=32)
        overlay.draw(surface, replace(PLAIN, position=(step, 100)))
        bright = pygame.surfarray.array3d(surface)[: overlay.slider.right + 9].min(axis=2) > 220
        knobs.append(int(np.median(np.flatnonzero(bright.any(axis=1)))))
    slider = overlay.slider
    assert slider.width > 400
    assert pygame.Rect(0, 0, 640, 840).contains(slider)
    expected = [slider.left, slider.centerx, slider.right]
    assert np.abs(np.subtract(knobs, expected)).max() <= 4


def test_the_slider_of_an_empty_recording_can_be_drawn(overlay: Overlay) -> None:
    assert drawn(overlay, replace(PLAIN, position=(0, 0))).any()


def test_help_and_panel_never_overlap(overlay: Overlay) -> None:
    helped = drawn(overlay, replace(PLAIN, help=True))
    both = drawn(overlay, replace(PLAIN, help=True, panel=[("High scores",)]))
    assert (helped == both).all()


@pytest.mark.parametrize("zoom", [1, 2, 4, 8])
def test_status_and_message_are_in_the_upper_half_and_apart(overlay: Overlay, zoom: int) -> None:
    size = 160 * zoom, 210 * zoom
    status = drawn(overlay, replace(PLAIN, status="paused"), size)
    message = drawn(overlay, replace(PLAIN, message="F1 shows the keys"), size)
    both = drawn(overlay, replace(PLAIN, status="paused", message="F1 shows the keys"), size)
    assert place(both)[1] < size[1] // 2, "what the player moves is at the bottom in most games"
    assert both.sum() == status.sum() + message.sum(), "neither covers the other"


@pytest.mark.parametrize("zoom", [1, 2, 4])
@pytest.mark.parametrize("page", [{"help": True}, {"panel": [("GAME OVER",), ("again",)] * 9}])
def test_a_status_never_covers_a_page(overlay: Overlay, page: dict[str, object], zoom: int) -> None:
    view, size = replace(PLAIN, **page), (160 * zoom, 210 * zoom)  # type: ignore[arg-type]
    with_status = drawn(overlay, replace(view, status="paused"), size)
    assert (with_status == drawn(overlay, view, size)).all()


def test_the_help_is_that_of_the_session(overlay: Overlay) -> None:
    played = drawn(overlay, replace(PLAIN, help=True))
    watched = drawn(overlay, replace(PLAIN, help=True, watching=True))
    assert watched.sum() < played.sum(), "it has fewer keys"
