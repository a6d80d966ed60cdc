"""The part of the screen that panels and docks leave to windows, which pygame does not report."""

import ctypes
import sys

import pygame.display


def usable_size() -> tuple[int, int] | None:
    """Return the width and height of the first screen's usable area; None if unknown.

    SDL knows it (SDL_GetDisplayUsableBounds, SDL 2.0.5), in the library that pygame has loaded.
    """
    try:
        library = ctypes.CDLL("SDL2.dll" if sys.platform == "win32" else pygame.display.__file__)
        bounds = (ctypes.c_int * 4)()
        if library.SDL_GetDisplayUsableBounds(0, bounds):
            return None
    except (OSError, AttributeError, TypeError):
        return None
    return bounds[2], bounds[3]
