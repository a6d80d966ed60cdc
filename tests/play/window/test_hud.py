"""The heads-up display: its content, which is never cut, and the joystick that it draws."""

from collections.abc import Iterator

import numpy as np
import pygame
import pygame.font
import pygame.surfarray
import pytest

from atari_cli.actions import ACTION_NAMES
from atari_cli.games import find_game
from atari_cli.play.interface import View
from atari_cli.play.window.font import SMALLEST, Font, letter_size
from atari_cli.play.window.hud import HUMAN_COLOUR, POLICY_COLOUR, RED, Hud, draw_stick, items_of

SCREEN = np.zeros((210, 160), np.uint8)
FULL = View(
    find_game("ms_pacman"),
    SCREEN,
    score=123456.0,
    lives=3,
    frame=216000,
    speed=0.25,
    pilot="./a/long/way/to/a/policy_of_mine.py",
    human=False,
    recording=True,
    filming=True,
    slot=9,
    muted=True,
    code=17,
)


@pytest.fixture(autouse=True)
def font() -> Iterator[None]:
    pygame.font.init()
    yield
    pygame.font.quit()


def bar_of(size: int) -> Hud:
    return Hud(Font(size), Font(max(SMALLEST, size * 3 // 4)))


def test_it_shows_score_lives_frame_speed_pilot_slot_sound_and_captures() -> None:
    said = [(item.label, item.value) for item in items_of(FULL)]
    assert said == [
        ("score", "123456"),
        ("lives", "3"),
        ("frame", "216000"),
        ("speed", "0.25×"),
        ("pilot", FULL.pilot),
        ("slot", "9"),
        ("sound", "muted"),
        ("", "rec"),
        ("", "video"),
    ]


def test_it_leaves_out_lives_in_games_without_them_and_inactive_captures() -> None:
    said = [item.value for item in items_of(View(find_game("pong"), SCREEN, score=-21.0))]
    assert said == ["-21", "0", "1×", "human", "0", "100 %"]


@pytest.mark.parametrize("zoom", [1, 2, 3, 4, 6, 16])
@pytest.mark.parametrize("view", [FULL, View(find_game("pong"), SCREEN)], ids=["full", "plain"])
def test_nothing_is_cut_at_any_zoom(view: View, zoom: int) -> None:
    window = 160 * zoom, 210 * zoom
    bar = bar_of(letter_size(window))
    surface = pygame.Surface(window, depth=32)
    top = bar.draw(surface, view)
    assert window[1] * 0.4 <= top < window[1]
    shown = pygame.surfarray.array3d(surface).max(axis=2)
    assert shown[:, top + 1 :].max() > 200
    assert not shown[:, :top].any()
    for edge in (shown[:2, top + 1 :], shown[-2:, top + 1 :], shown[:, -1:]):
        assert edge.max() < 30


def test_a_changing_value_does_not_move_other_parts() -> None:
    shown = []
    for frame in (1, 99999):
        surface = pygame.Surface((640, 840), depth=32)
        bar_of(23).draw(surface, View(find_game("pong"), SCREEN, frame=frame))
        shown.append(pygame.surfarray.array3d(surface))
    changed = np.flatnonzero((shown[0] != shown[1]).any(axis=(1, 2)))
    assert len(changed)
    assert changed.max() - changed.min() < 80


@pytest.mark.parametrize("code", range(18))
def test_the_drawn_stick_and_button_show_the_action(code: int) -> None:
    pixels = pygame.surfarray.array3d(draw_stick(code, HUMAN_COLOUR, 40)).astype(int)
    moved = np.argwhere(np.abs(pixels - HUMAN_COLOUR).sum(axis=2) < 12)
    pressed = np.argwhere(np.abs(pixels - RED).sum(axis=2) < 12)
    name = ACTION_NAMES[code]
    assert bool(len(pressed)) == name.endswith("FIRE")
    tilted = name not in ("NOOP", "FIRE")
    assert bool(len(moved)) == tilted
    if tilted:
        right, down = moved.mean(axis=0) - (40, 20)
        assert (right > 2, right < -2) == ("RIGHT" in name, "LEFT" in name)
        assert (down > 2, down < -2) == ("DOWN" in name, "UP" in name)


def test_the_stick_of_an_agent_has_another_colour() -> None:
    human, agent = (
        pygame.surfarray.array3d(draw_stick(3, c, 40)) for c in (HUMAN_COLOUR, POLICY_COLOUR)
    )
    assert (human != agent).any()
