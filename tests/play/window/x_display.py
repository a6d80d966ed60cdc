"""A virtual X display for tests of a real window, with keyboard, mouse and pixels."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from atari_cli.model import Bytes

PROGRAMS = ("Xvfb", "openbox", "xdotool")
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]

# Without frames, because xdotool counts them twice when it locates a window.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>
  <theme><keepBorder>no</keepBorder></theme>
  <applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
"""


class XDisplay:
    """Xvfb with a window manager, which gives windows the keyboard; used in a `with` block.

    Args:
        bits: Bits of a pixel; `pixels` needs 24.

    Attributes:
        variables: The environment with which a program opens its window there.
    """

    def __init__(self, bits: int = 24) -> None:
        self._bits = bits

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp())
        read, write = os.pipe()
        # Keys do not repeat: on a busy machine, one released too late would be pressed again.
        screen = ["-r", "-screen", "0", f"1280x1024x{self._bits}", "-nolisten", "tcp"]
        screen += ["-fbdir", str(self._folder)]
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), *screen], pass_fds=[write], stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        self.variables = {**os.environ, "DISPLAY": display}
        for name in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY"):
            self.variables.pop(name, None)
        settings = self._folder / "rc.xml"
        settings.write_text(SETTINGS, "utf-8")
        self._manager = subprocess.Popen(
            ["openbox", "--config-file", str(settings), "--startup", "echo started"],
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        # Xvfb resets when its last client leaves: one that comes and goes while the window manager
        # connects would end it, and then no window is minimized or closed.
        assert self._manager.stdout is not None
        assert self._manager.stdout.readline() == "started\n", "openbox did not start"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(10)
        assert self._manager.stdout is not None
        self._manager.stdout.close()
        shutil.rmtree(self._folder)

    def do(self, *command: str, seconds: float = 10.0) -> str:
        """Run a command of xdotool; return what it prints."""
        done = subprocess.run(
            ["xdotool", *command],
            env=self.variables,
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds,
        )
        return done.stdout.strip()

    def window(self, name: str) -> str:
        """Return the id of the window of a class, once it exists and has the focus."""
        found: list[str] = []

        def find() -> bool:
            found.extend(self._focused(name))
            return bool(found)

        self._wait(find, 30)
        return found[-1]

    def _focused(self, name: str) -> list[str]:
        """Return the window of a class if it exists; SDL opens some that soon disappear."""
        try:
            window = self.do("search", "--onlyvisible", "--class", f"^{name}$").split()[-1]
            self.do("windowfocus", "--sync", window, seconds=2.0)
        except subprocess.SubprocessError:
            return []
        return [window]

    def area(self, window: str) -> tuple[int, int, int, int]:
        """Return the left, top, width and height of a window, without its frame."""
        geometry = self.do("getwindowgeometry", "--shell", window)
        left, top, width, height = (
            int(found[1])
            for name in ("X", "Y", "WIDTH", "HEIGHT")
            if (found := re.search(rf"^{name}=(-?\d+)$", geometry, re.MULTILINE))
        )
        return left, top, width, height

    def until_area(self, window: str, size: tuple[int, int]) -> None:
        """Wait until a window has a size; AssertionError if it never does."""
        self._wait(lambda: self.area(window)[2:] == size)
        assert self.area(window)[2:] == size

    def until_pixels(self, window: str, expected: Bytes) -> Bytes:
        """Wait until a window shows the expected pixels, or time is over; return its pixels."""
        self._wait(lambda: np.array_equal(self.pixels(window), expected))
        return self.pixels(window)

    def _wait(self, happened: Callable[[], bool], seconds: float = 15.0) -> None:
        """Call a function until it returns true or the time is over; each call takes a while."""
        end = time.monotonic() + seconds
        while not happened() and time.monotonic() < end:
            pass

    def dump(self) -> bytes:
        """Return the screen with all windows, in xwd's format."""
        return (self._folder / "Xvfb_screen0").read_bytes()

    def pixels(self, window: str) -> Bytes:
        """Return the pixels of a window on the screen, (height, width, 3) RGB."""
        # The format is that of xwd (X11/XWDFile.h): a header of big-endian words, then colours.
        dump = self.dump()
        header = np.frombuffer(dump, ">u4", 25)
        rows, line, colours = int(header[5]), int(header[12]), int(header[19])
        start = int(header[0]) + 12 * colours
        screen = np.frombuffer(dump, np.uint8, rows * line, start).reshape(rows, -1, 4)
        left, top, width, height = self.area(window)
        return screen[top : top + height, left : left + width, 2::-1]
