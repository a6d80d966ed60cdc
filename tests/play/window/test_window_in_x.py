"""A real window gets keys, mouse, focus, fullscreen and close button from a window manager."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from atari_cli.actions import FIRE, action_code
from atari_cli.emulator.paddle import paddle_position
from atari_cli.games import find_game
from tests.play.window.x_display import MISSING, XDisplay

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]

# It shows one screen of Breakout, and prints each change of the inputs as a line of JSON.
PLAY = """
import json, sys, time
import numpy as np
from atari_cli.config import PlayConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.play.interface import Command, View
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.window.window import Window

environment = AtariEnvironment("breakout")
observation = environment.reset(seed=1).observation
np.save(sys.argv[1], observation.pixels)
view = View(environment.game, observation.indices)
before, commands = None, ()
with Window(environment.game, PlayConfig(zoom=2), Keymap()) as window:
    while Command.LEAVE not in commands:
        window.show(view)
        inputs = window.poll()
        commands = inputs.commands
        names = [command.value for command in commands]
        held = sorted(command.value for command in inputs.held)
        now = [inputs.code, inputs.paddle, names, held, inputs.focused]
        if now != before:
            print(json.dumps(now), flush=True)
            before = now
        time.sleep(0.005)
"""


class Player:
    """A program with a window on a display, which prints the inputs of its player."""

    def __init__(self, display: XDisplay, frame: Path) -> None:
        self.display, self.frame = display, frame
        self._program = subprocess.Popen(
            [sys.executable, "-c", PLAY, str(frame)],
            env={**display.variables, "SDL_VIDEO_X11_WMCLASS": frame.stem},
            stdout=subprocess.PIPE,
            text=True,
        )
        # If an expected event never comes, the program is ended, and with it the wait.
        self._timer = threading.Timer(60, self._program.kill)
        self._timer.start()
        assert self._program.stdout is not None
        self._lines = iter(self._program.stdout)
        self.window = ""

    def find(self) -> None:
        """Wait until the window exists and has the focus, and its program reads inputs."""
        self.window = self.display.window(self.frame.stem)
        self.until(code=0)

    def until(self, **expected: object) -> dict[str, object]:
        """Read inputs until some have the expected values; return them."""
        said = []
        for line in self._lines:
            names = ("code", "paddle", "commands", "held", "focused")
            inputs = dict(zip(names, json.loads(line), strict=True))
            said.append(inputs)
            if expected.items() <= inputs.items():
                return inputs
        raise AssertionError(f"expected {expected}, got {said}")

    def end(self) -> int:
        """Return the program's exit code; it must end by itself."""
        return self._program.wait(20)

    def close(self) -> None:
        self._timer.cancel()
        self._program.kill()
        self._program.wait(10)
        assert self._program.stdout is not None
        self._program.stdout.close()


@pytest.fixture
def player(display: XDisplay, tmp_path: Path) -> Iterator[Player]:
    player = Player(display, tmp_path / f"{tmp_path.name}.npy")
    try:
        player.find()
        yield player
    finally:
        player.close()


def test_the_screen_shows_ales_whole_frame_sharply_enlarged(player: Player) -> None:
    expected = np.load(player.frame).repeat(2, axis=0).repeat(2, axis=1)
    assert player.display.area(player.window)[2:] == (320, 420)
    shown = player.display.until_pixels(player.window, expected)
    assert (shown == expected).all()


def test_keys_play_while_they_are_held(player: Player) -> None:
    for key, name in [("space", "FIRE"), ("Left", "LEFTFIRE"), ("w", "UPLEFTFIRE")]:
        player.display.do("keydown", key)
        player.until(code=action_code(name))
    for key, name in [("space", "UPLEFT"), ("Left", "UP"), ("w", "NOOP")]:
        player.display.do("keyup", key)
        player.until(code=action_code(name))


def test_keys_give_commands(player: Player) -> None:
    for key, name in [("p", "pause"), ("F1", "help"), ("F5", "save"), ("KP_Add", "louder")]:
        player.display.do("key", key)
        player.until(commands=[name])
    player.display.do("keydown", "r")
    player.until(held=["rewind"])
    player.display.do("keyup", "r")
    player.until(held=[])


def test_the_mouse_positions_the_paddle_and_fires(player: Player) -> None:
    player.display.do("mousemove", "--window", player.window, "239", "200")
    place = paddle_position(find_game("breakout"), 239.5 / 320, 200.5 / 420)
    assert player.until(paddle=place)["code"] == 0
    player.display.do("mousedown", "1")
    player.until(code=FIRE)
    player.display.do("mouseup", "1")
    player.until(code=0)


def test_the_window_releases_keys_when_it_loses_focus(player: Player) -> None:
    player.display.do("keydown", "space")
    player.until(code=FIRE, focused=True)
    player.display.do("windowminimize", player.window)
    player.until(code=0, focused=False)
    player.display.do("keyup", "space")
    player.display.do("windowmap", player.window)
    player.display.do("windowfocus", player.window)
    player.until(code=0, focused=True)


def test_f11_fills_the_screen_and_alt_return_restores_the_window(player: Player) -> None:
    player.display.do("key", "F11")
    player.display.until_area(player.window, (1280, 1024))
    frame = np.load(player.frame).repeat(4, axis=0).repeat(4, axis=1)
    expected = np.zeros((1024, 1280, 3), np.uint8)
    expected[92:932, 320:960] = frame
    assert (player.display.until_pixels(player.window, expected) == expected).all()
    player.display.do("key", "alt+Return")
    player.display.until_area(player.window, (320, 420))


def test_the_close_button_leaves_the_game(player: Player) -> None:
    player.display.do("key", "alt+F4")
    player.until(commands=["leave"])
    assert player.end() == 0
