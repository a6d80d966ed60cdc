"""The window: pixels, keys, focus, size and sound; without a display it says what to do."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pygame
import pygame.surfarray
import pytest

from atari_cli.actions import FIRE, action_code
from atari_cli.config import PlayConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import NoDisplay
from atari_cli.games import find_game
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.play.window.usable_area import usable_size
from atari_cli.play.window.window import Window

PONG = find_game("pong")
SCREEN = np.zeros((210, 160), np.uint8)
PLAIN = View(PONG, SCREEN)


@pytest.fixture
def window() -> Iterator[Window]:
    with Window(PONG, PlayConfig(zoom=2), Keymap()) as opened:
        opened.show(PLAIN)
        opened.poll()
        yield opened


def post(kind: int, **values: object) -> None:
    pygame.event.post(pygame.event.Event(kind, values))


def key(kind: int, code: int, mod: int = 0) -> None:
    post(kind, key=code, mod=mod, unicode="", scancode=0)


def size() -> tuple[int, int]:
    return pygame.display.get_surface().get_size()


def test_it_is_a_front_end(window: Window) -> None:
    front_end: FrontEnd = window
    assert front_end.poll() == Inputs()


@pytest.mark.parametrize("name", ["breakout", "pacman"])
@pytest.mark.parametrize("zoom", [1, 4])
def test_it_shows_the_emulators_frame_enlarged(name: str, zoom: int) -> None:
    environment = AtariEnvironment(name)
    observation = environment.reset(seed=1).observation
    with Window(environment.game, PlayConfig(zoom=zoom), Keymap()) as window:
        window.show(View(environment.game, observation.indices))
        shown = pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2)
    expected = observation.pixels.repeat(zoom, axis=0).repeat(zoom, axis=1)
    assert (shown == expected).all()
    assert expected.any()


def test_it_is_no_larger_than_the_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "x11")
    monkeypatch.setattr("atari_cli.play.window.window.usable_size", lambda: None)
    monkeypatch.setattr(pygame.display, "get_desktop_sizes", lambda: [(1366, 768)])
    for config, expected in [
        (PlayConfig(), (480, 630)),
        (PlayConfig(zoom=16, view="tv"), (840, 630)),
        (PlayConfig(zoom=2), (320, 420)),
    ]:
        with Window(PONG, config, Keymap()):
            assert size() == expected


@pytest.mark.parametrize(
    ("usable", "expected"),
    [((1600, 1000), (480, 750)), ((1600, 1040), (640, 1000)), ((500, 2000), (480, 750))],
)
def test_its_title_bar_and_all_of_its_picture_fit_the_usable_area(
    monkeypatch: pytest.MonkeyPatch, usable: tuple[int, int], expected: tuple[int, int]
) -> None:
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "x11")
    monkeypatch.setattr("atari_cli.play.window.window.usable_size", lambda: usable)
    with Window(find_game("air_raid"), PlayConfig(), Keymap()):
        assert size() == expected


def test_the_usable_area_of_the_screen_is_known(window: Window) -> None:
    assert usable_size() == pygame.display.get_desktop_sizes()[0]


def test_without_the_function_of_sdl_the_usable_area_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda path: object())
    assert usable_size() is None


def test_cyrillic_keys_play_by_their_place(window: Window) -> None:
    for character, scancode in (("з", 19), ("к", 21), ("ч", 27)):
        post(pygame.KEYDOWN, key=ord(character), mod=0, unicode=character, scancode=scancode)
    inputs = window.poll()
    assert (inputs.code, inputs.commands) == (FIRE, (Command.PAUSE,))
    assert inputs.held == {Command.REWIND}
    for character, scancode in (("к", 21), ("ч", 27)):
        post(pygame.KEYUP, key=ord(character), mod=0, unicode=character, scancode=scancode)
    assert window.poll() == Inputs()


def test_it_has_the_size_given_by_zoom_and_view() -> None:
    for config, expected in [
        (PlayConfig(zoom=3), (480, 630)),
        (PlayConfig(zoom=3, view="tv"), (840, 630)),
    ]:
        with Window(PONG, config, Keymap()) as window:
            window.show(PLAIN)
            assert size() == expected


def test_keys_become_inputs_by_their_names(window: Window) -> None:
    key(pygame.KEYDOWN, pygame.K_SPACE)
    key(pygame.KEYDOWN, pygame.K_p)
    key(pygame.KEYDOWN, pygame.K_F5)
    key(pygame.KEYDOWN, pygame.K_KP_PLUS)
    key(pygame.KEYDOWN, pygame.K_r)
    inputs = window.poll()
    assert inputs.code == FIRE
    assert inputs.touched
    assert inputs.commands == (Command.PAUSE, Command.SAVE, Command.LOUDER)
    assert inputs.held == {Command.REWIND}
    key(pygame.KEYUP, pygame.K_SPACE)
    key(pygame.KEYUP, pygame.K_r)
    assert window.poll() == Inputs()


def test_all_eighteen_actions_can_be_pressed() -> None:
    keys = {"UP": pygame.K_UP, "DOWN": pygame.K_s, "LEFT": pygame.K_a, "RIGHT": pygame.K_RIGHT}
    with Window(find_game("ms_pacman"), PlayConfig(zoom=1), Keymap()) as window:
        for name in ("UP", "UPRIGHT", "DOWNLEFT", "DOWNRIGHTFIRE", "UPLEFTFIRE", "LEFT"):
            pressed = [code for part, code in keys.items() if part in name]
            pressed += [pygame.K_SPACE] * name.endswith("FIRE")
            for code in pressed:
                key(pygame.KEYDOWN, code)
            assert window.poll().code == action_code(name)
            for code in pressed:
                key(pygame.KEYUP, code)
            assert window.poll().code == 0


def test_losing_the_focus_releases_all_keys(window: Window) -> None:
    key(pygame.KEYDOWN, pygame.K_SPACE)
    key(pygame.KEYDOWN, pygame.K_f)
    window.poll()
    post(pygame.WINDOWFOCUSLOST)
    assert window.poll() == Inputs(focused=False)
    post(pygame.WINDOWFOCUSGAINED)
    assert window.poll() == Inputs()


def test_its_close_button_leaves_the_game(window: Window) -> None:
    post(pygame.QUIT)
    assert window.poll().commands == (Command.LEAVE,)


@pytest.mark.posix("the dummy display of SDL stays small on Windows")
def test_fullscreen_is_handled_by_the_window_and_returns_to_the_former_size() -> None:
    with Window(PONG, PlayConfig(zoom=2), Keymap()) as window:
        window.show(PLAIN)
        desktop = pygame.display.get_desktop_sizes()[0]
        key(pygame.KEYDOWN, pygame.K_F11)
        key(pygame.KEYDOWN, pygame.K_p)
        assert window.poll().commands == (Command.FULLSCREEN, Command.PAUSE)
        window.show(PLAIN)
        assert size() == desktop != (320, 420)
        key(pygame.KEYDOWN, pygame.K_RETURN, pygame.KMOD_LALT)
        assert window.poll().commands == (Command.FULLSCREEN,)
        window.show(PLAIN)
        assert size() == (320, 420)


@pytest.mark.posix("the dummy display of SDL stays small on Windows")
def test_it_can_start_in_fullscreen_and_leave_it_for_its_zoom() -> None:
    with Window(PONG, PlayConfig(zoom=2, fullscreen=True), Keymap()) as window:
        window.show(PLAIN)
        assert size() == pygame.display.get_desktop_sizes()[0]
        key(pygame.KEYDOWN, pygame.K_F11)
        window.poll()
        assert size() == (320, 420)


def test_its_title_has_the_game_and_the_score(window: Window) -> None:
    window.show(View(PONG, SCREEN, score=21.0))
    assert pygame.display.get_caption()[0] == "Pong (Video Olympics) - 21"


def test_the_mouse_is_hidden_in_paddle_games_unless_there_is_a_slider(window: Window) -> None:
    assert not pygame.mouse.get_visible()
    window.show(View(PONG, SCREEN, position=(3, 10)))
    assert pygame.mouse.get_visible()
    with Window(find_game("freeway"), PlayConfig(zoom=1), Keymap()) as other:
        other.show(View(find_game("freeway"), SCREEN))
        assert pygame.mouse.get_visible()


def test_a_click_on_the_slider_seeks(window: Window) -> None:
    window.show(View(PONG, SCREEN, position=(3, 10)))
    slider = window._overlay.slider
    post(pygame.MOUSEBUTTONDOWN, button=1, pos=(slider.right - 1, slider.centery))
    assert window.poll().seek == 1.0


def test_the_mouse_positions_the_paddle_in_the_shown_picture(window: Window) -> None:
    post(pygame.MOUSEMOTION, pos=(0, 419), rel=(0, 0), buttons=(0, 0, 0))
    paddle = window.poll().paddle
    assert paddle is not None
    assert paddle < 0.01


def test_without_a_sound_device_it_keeps_playing_and_has_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "bogus")
    with Window(PONG, PlayConfig(zoom=1), Keymap()) as window:
        assert window.note is None
        for _ in range(3):
            view = View(PONG, SCREEN, sounds=[np.full(512, 128, np.uint8)])
            window.show(view)
            window.hear(view)
        assert window.note == "no sound: Audio target 'bogus' not available"


def test_it_can_be_closed_twice_and_another_can_be_opened() -> None:
    window = Window(PONG, PlayConfig(zoom=1), Keymap())
    window.show(PLAIN)
    window.close()
    window.close()
    with Window(PONG, PlayConfig(zoom=1), Keymap()) as again:
        again.show(View(PONG, SCREEN, help=True, hud=True))


def test_a_scaled_screen_of_windows_is_not_blurred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SDL_WINDOWS_DPI_AWARENESS", raising=False)
    for expected in ("permonitorv2", "unaware"):
        with Window(PONG, PlayConfig(zoom=1), Keymap()):
            assert os.environ["SDL_WINDOWS_DPI_AWARENESS"] == expected
        monkeypatch.setenv("SDL_WINDOWS_DPI_AWARENESS", "unaware")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoDisplay) as raised:
        Window(PONG, PlayConfig(), Keymap())
    message = str(raised.value)
    assert message.startswith("there is no display to open a window on; ")
    assert "atari play --terminal" in message
    assert "atari replay FILE --terminal" in message


@pytest.mark.skipif(sys.platform != "linux", reason="a display of X")
def test_an_unreachable_display_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":987")
    with pytest.raises(NoDisplay, match="cannot open a window: .*atari play --terminal"):
        Window(PONG, PlayConfig(), Keymap())


def test_an_unknown_video_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "bogus")
    with pytest.raises(NoDisplay, match="cannot open a window: bogus not available; "):
        Window(PONG, PlayConfig(), Keymap())


def test_pygame_prints_no_greeting() -> None:
    code = "import atari_cli.play.window.window"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
