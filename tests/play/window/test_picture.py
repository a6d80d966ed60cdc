"""The picture shows each pixel enlarged, sharp and centred; the TV view and phosphor work."""

import numpy as np
import pygame
import pygame.surfarray
import pytest
from numpy.typing import NDArray

from atari_cli.environment import AtariEnvironment
from atari_cli.games import Game, find_game, palette
from atari_cli.model import Bytes
from atari_cli.play.window.picture import Picture, picture_area, window_size

PONG, PACMAN = find_game("pong"), find_game("pacman")


def screen_and_colours(name: str) -> tuple[Bytes, Bytes]:
    """Return a screen after some steps as palette indices and as ALE's RGB."""
    environment = AtariEnvironment(name, obs_type="rgb")
    environment.reset(seed=1)
    for _ in range(30):
        result = environment.step(1)
    return result.observation.indices, result.observation.pixels


def pixels_of(surface: pygame.Surface) -> NDArray[np.uint8]:
    """Return a surface as (height, width, 3) RGB."""
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2)


@pytest.mark.parametrize("name", ["ms_pacman", "pacman", "journey_escape"])
@pytest.mark.parametrize("zoom", [1, 2, 3, 4])
def test_the_exact_view_is_ales_frame_with_each_pixel_enlarged(name: str, zoom: int) -> None:
    game = find_game(name)
    screen, rgb = screen_and_colours(name)
    surface = pygame.Surface(window_size(game, zoom, "exact"), depth=32)
    Picture(game).draw(surface, screen)
    assert (pixels_of(surface) == rgb.repeat(zoom, axis=0).repeat(zoom, axis=1)).all()
    assert len(np.unique(rgb)) > 5


def test_a_surface_of_another_depth_shows_the_same() -> None:
    screen, rgb = screen_and_colours("pong")
    surface = pygame.Surface((320, 420), depth=24)
    Picture(PONG).draw(surface, screen)
    assert (pixels_of(surface) == rgb.repeat(2, axis=0).repeat(2, axis=1)).all()


def test_a_larger_window_has_black_borders_around_the_largest_whole_zoom() -> None:
    screen, rgb = screen_and_colours("pong")
    surface = pygame.Surface((1920, 1080), depth=32)
    surface.fill((9, 9, 9))
    picture = Picture(PONG)
    picture.draw(surface, screen)
    assert picture.area == pygame.Rect(560, 15, 800, 1050)
    shown = pixels_of(surface)
    assert (shown[15:1065, 560:1360] == rgb.repeat(5, axis=0).repeat(5, axis=1)).all()
    assert not shown[:15].any()
    assert not shown[1065:].any()
    assert not shown[:, :560].any()
    assert not shown[:, 1360:].any()


def test_a_resized_window_shows_the_whole_screen_again() -> None:
    screen, rgb = screen_and_colours("pong")
    picture = Picture(PONG)
    for size in [(640, 840), (333, 500), (160, 210)]:
        picture.draw(surface := pygame.Surface(size, depth=32), screen)
        shown = pixels_of(surface.subsurface(picture.area))
        zoom = picture.area.width // 160
        assert (shown[::zoom, ::zoom] == rgb).all()


@pytest.mark.parametrize("size", [(1, 1), (50, 400), (159, 210), (400, 20)])
def test_a_window_smaller_than_the_screen_is_still_drawn(size: tuple[int, int]) -> None:
    surface = pygame.Surface(size, depth=32)
    picture = Picture(PONG)
    picture.draw(surface, screen_and_colours("pong")[0])
    assert surface.get_rect().contains(picture.area)


@pytest.mark.parametrize("game", [PONG, PACMAN], ids=["210 lines", "250 lines"])
@pytest.mark.parametrize("zoom", [1, 2, 4])
def test_the_tv_view_fills_its_window_with_an_aspect_ratio_of_4_to_3(game: Game, zoom: int) -> None:
    size = window_size(game, zoom, "tv")
    assert size == (round(game.height * zoom * 4 / 3), game.height * zoom)
    area = picture_area(size, game, "tv")
    assert abs(area.width * 3 - area.height * 4) <= 4
    assert area.width >= size[0] - 1
    assert area.height >= size[1] - 1


def test_the_tv_view_has_sharp_pixels_of_nearly_equal_width() -> None:
    screen, rgb = screen_and_colours("pacman")
    surface = pygame.Surface((1920, 1080), depth=32)
    picture = Picture(PACMAN, "tv")
    picture.draw(surface, screen)
    assert picture.area == pygame.Rect(240, 0, 1440, 1080)
    shown = pixels_of(surface.subsurface(picture.area))
    columns, rows = np.arange(1440) // 9, np.arange(1080) * 250 // 1080
    assert (shown == rgb[rows][:, columns]).all()


def test_phosphor_keeps_half_of_the_last_picture_in_each_channel() -> None:
    bright, dark = np.full((210, 160), 0x0E, np.uint8), np.zeros((210, 160), np.uint8)
    white, black = palette("NTSC")[0x0E].astype(int), palette("NTSC")[0].astype(int)
    surface = pygame.Surface((160, 210), depth=32)
    picture = Picture(PONG, phosphor=True)
    shown = []
    for screen in [bright, dark, dark, bright, dark]:
        picture.draw(surface, screen)
        shown.append(pixels_of(surface)[100, 80].astype(int))
    expected = [white, white // 2, white // 4, white, white // 2]
    assert (np.array(shown) == np.maximum(expected, black)).all()


def test_without_phosphor_nothing_remains_of_the_last_picture() -> None:
    surface = pygame.Surface((160, 210), depth=32)
    picture = Picture(PONG)
    picture.draw(surface, np.full((210, 160), 0x0E, np.uint8))
    picture.draw(surface, np.zeros((210, 160), np.uint8))
    assert not pixels_of(surface).any()
