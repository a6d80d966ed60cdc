"""The window: shows a session, plays its sound, and collects the player's inputs."""

import os
import sys
from collections.abc import Mapping
from typing import Final

import pygame
import pygame.display
import pygame.draw
import pygame.event
import pygame.font
import pygame.key
import pygame.mouse
from pygame._sdl2.video import Window as SdlWindow

from atari_cli.config import PlayConfig
from atari_cli.errors import NoDisplay
from atari_cli.games import Game
from atari_cli.play.controls.joystick import Joystick
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.play.window.font import BRIGHT, canvas
from atari_cli.play.window.gamepads import Gamepads
from atari_cli.play.window.hud import RED
from atari_cli.play.window.key_names import key_name
from atari_cli.play.window.mouse import Mouse
from atari_cli.play.window.overlay import Overlay
from atari_cli.play.window.picture import Picture, fitting_zoom, window_size
from atari_cli.play.window.speaker import Speaker
from atari_cli.play.window.usable_area import usable_size

_BROWSER: Final = "in a browser with `atari serve` and its page /web"
_ELSEWHERE: Final = (
    f"play {_BROWSER}"
    if sys.platform == "win32"
    else "play in this terminal with `atari play --terminal` or `atari replay FILE --terminal`, or "
    + _BROWSER
)
TITLE_BAR: Final = 40
"""Pixels to leave for a window's title, whose height is unknown before it is open."""
_UNSEEN: Final = {"offscreen", "dummy"}
"""SDL's fallbacks if it finds no display; a game there would run unseen."""

_SHARP: Final = ("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
"""Without it, Windows enlarges the picture on a scaled screen, and blurs it."""

_X_HINTS: Final = {
    # The program's name for window managers; by default SDL says `python`.
    "SDL_VIDEO_X11_WMCLASS": "atari",
    # Our pictures are already drawn. With OpenGL a window takes 0.2 s longer to open and, if the
    # processor emulates OpenGL, each picture takes eight times as long.
    "SDL_FRAMEBUFFER_ACCELERATION": "0",
}
"""Environment variables of SDL for windows in X; the user's own values take precedence."""


class Window(FrontEnd):
    """A front end in a window; used in a `with` block.

    Args:
        game: The game to show.
        config: Zoom, view, fullscreen and phosphor.
        keymap: The actions of the keys.

    Raises:
        NoDisplay: If there is no display.
    """

    def __init__(self, game: Game, config: PlayConfig, keymap: Keymap) -> None:
        self._game, self._keymap = game, keymap
        self._fullscreen = False
        self._open(config)
        if config.fullscreen:
            self._toggle_fullscreen()
        self._joystick = Joystick(keymap, game)
        self._mouse = Mouse(game, self._joystick)
        self._gamepads = Gamepads(self._joystick)
        self._picture = Picture(game, config.view, config.phosphor)
        self._overlay = Overlay(keymap)
        self._speaker = Speaker(game.fps)
        self._caption = ""
        self._pointer = True
        self._shown = False

    @property
    def note(self) -> str | None:
        """The feature that does not work, and why, such as sound; None if everything works."""
        return self._speaker.note

    def poll(self) -> Inputs:
        """Return the player's inputs since the last call, without waiting."""
        for event in pygame.event.get():
            self._handle(event)
        inputs = self._joystick.take()
        if Command.FULLSCREEN in inputs.commands:
            self._toggle_fullscreen()
        return inputs

    def show(self, view: View) -> None:
        """Show a view."""
        surface = pygame.display.get_surface()
        self._picture.draw(surface, view.screen)
        self._overlay.draw(surface, view)
        self._mouse.picture, self._mouse.slider = self._picture.area, self._overlay.slider
        pygame.display.flip()
        self._set_caption(view)
        self._set_pointer()
        if not self._shown:
            self._shown = True
            self._gamepads.start()

    def hear(self, view: View) -> None:
        """Play a view's sounds; called in every tick, even one too late to be shown."""
        if view.sounds and self._shown:
            self._speaker.play(view)

    def close(self) -> None:
        """Release screen, keyboard and speaker; calling it again does nothing."""
        self._speaker.close()
        self._gamepads.close()
        pygame.font.quit()
        pygame.display.quit()

    def _open(self, config: PlayConfig) -> None:
        """Open the window."""
        wanted = os.environ.get("SDL_VIDEODRIVER", "")
        if not wanted and not _may_have_display(os.environ):
            raise NoDisplay(f"there is no display to open a window on; {_ELSEWHERE}")
        os.environ.setdefault(*_SHARP)
        if os.environ.get("DISPLAY"):
            for name, value in _X_HINTS.items():
                os.environ.setdefault(name, value)
        try:
            pygame.display.init()
            if not wanted and pygame.display.get_driver() in _UNSEEN:
                raise pygame.error("the display cannot be reached")
            pygame.display.set_icon(_icon())
            pygame.display.set_caption(self._game.display_name)
            zoom = fitting_zoom(self._game, config.zoom, config.view, _room())
            self._size = window_size(self._game, zoom, config.view)
            pygame.display.set_mode(self._size, pygame.RESIZABLE)
        except pygame.error as error:
            pygame.display.quit()
            raise NoDisplay(f"cannot open a window: {error}; {_ELSEWHERE}") from None
        # Kept as long as the window: pygame's events refer to it, and crash once it is gone.
        self._window = SdlWindow.from_display_module()
        pygame.font.init()
        # Otherwise an input method may swallow letters.
        pygame.key.stop_text_input()

    def _toggle_fullscreen(self) -> None:
        # Another set_mode would open another window and lose the focus.
        self._fullscreen = not self._fullscreen
        if self._fullscreen:
            self._size = pygame.display.get_surface().get_size()
            self._window.set_fullscreen(True)
        else:
            self._window.set_windowed()
            # Some drivers of SDL, such as the dummy, keep the size of the whole screen.
            self._window.size = self._size

    def _handle(self, event: pygame.event.Event) -> None:
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            self._handle_key(event)
        elif event.type == pygame.QUIT:
            self._joystick.command(Command.LEAVE)
        elif event.type in (pygame.WINDOWFOCUSLOST, pygame.WINDOWFOCUSGAINED):
            self._mouse.let_go()
            self._joystick.focus(event.type == pygame.WINDOWFOCUSGAINED)
        else:
            self._mouse.handle(event)
            self._gamepads.handle(event)

    def _handle_key(self, event: pygame.event.Event) -> None:
        name = key_name(event.key, event.scancode, self._keymap)
        if event.type == pygame.KEYUP:
            self._joystick.release(name)
        elif event.key == pygame.K_RETURN and event.mod & pygame.KMOD_ALT:
            self._joystick.command(Command.FULLSCREEN)
        else:
            self._joystick.press(name)

    def _set_caption(self, view: View) -> None:
        caption = f"{self._game.display_name} - {view.score:.0f}"
        if caption != self._caption:
            self._caption = caption
            pygame.display.set_caption(caption)

    def _set_pointer(self) -> None:
        """Hide the mouse's pointer in paddle games and in fullscreen, but not over a slider."""
        pointer = bool(self._overlay.slider) or not (self._game.uses_paddles or self._fullscreen)
        if pointer != self._pointer:
            self._pointer = pointer
            pygame.mouse.set_visible(pointer)


def _room() -> tuple[int, int]:
    """Return the width and height for a window; unlimited for SDL's invisible drivers."""
    if pygame.display.get_driver() in _UNSEEN:
        return sys.maxsize, sys.maxsize
    width, height = usable_size() or pygame.display.get_desktop_sizes()[0]
    return width, height - TITLE_BAR


def _may_have_display(variables: Mapping[str, str]) -> bool:
    """Return whether there may be a display: without these variables X and Wayland fail."""
    return sys.platform != "linux" or any(
        variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def _icon() -> pygame.Surface:
    """Return the window's icon, a joystick."""
    icon = canvas((64, 64))
    pygame.draw.rect(icon, (44, 46, 54), (6, 40, 52, 20), border_radius=6)
    pygame.draw.line(icon, BRIGHT, (32, 44), (40, 16), 7)
    pygame.draw.circle(icon, RED, (41, 14), 11)
    return icon
