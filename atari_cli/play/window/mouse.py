"""The mouse, which points the paddle, fires, and drags the slider of a recording."""

from typing import Final

import pygame

from atari_cli.emulator.paddle import paddle_position
from atari_cli.games import Game
from atari_cli.play.controls.joystick import Joystick

_BUTTONS: Final = {1: "mouse left", 2: "mouse middle", 3: "mouse right"}


class Mouse:
    """Passes the mouse's events to the joystick.

    Attributes:
        picture: The area of the picture in the window.
        slider: The area of the slider of a recording; empty without one.
    """

    def __init__(self, game: Game, joystick: Joystick) -> None:
        self.picture = pygame.Rect(0, 0, 1, 1)
        self.slider = pygame.Rect(0, 0, 0, 0)
        self._game = game
        self._joystick = joystick
        self._dragging = False

    def handle(self, event: pygame.event.Event) -> None:
        """Handle an event, if it is the mouse's."""
        if event.type == pygame.MOUSEMOTION:
            self._move(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN:
            if event.button == 1 and self.slider.collidepoint(event.pos):
                self._dragging = True
                self._seek(event.pos[0])
            elif event.button in _BUTTONS:
                self._joystick.press(_BUTTONS[event.button])
        elif event.type == pygame.MOUSEBUTTONUP and event.button in _BUTTONS:
            if event.button == 1:
                self._dragging = False
            self._joystick.release(_BUTTONS[event.button])

    def let_go(self) -> None:
        """Stop dragging, as when the window loses the focus."""
        self._dragging = False

    def _move(self, place: tuple[int, int]) -> None:
        if self._dragging:
            self._seek(place[0])
        elif not self.slider:
            picture = self.picture
            x = (place[0] - picture.left + 0.5) / picture.width
            y = (place[1] - picture.top + 0.5) / picture.height
            self._joystick.point(paddle_position(self._game, x, y))

    def _seek(self, x: int) -> None:
        """Seek to a position of the slider; outside of it, to the nearer end."""
        part = (x - self.slider.left) / max(1, self.slider.width - 1)
        self._joystick.seek(min(max(part, 0.0), 1.0))
