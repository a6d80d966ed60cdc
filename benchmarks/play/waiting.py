"""`atari play` while it waits: pictures during a slow policy, and an hour of chess going back."""

import os
import re
import sys
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig, PlayConfig
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.play.loop import run_loop
from atari_cli.play.play_session import PlaySession
from atari_cli.play.saved.shelf import Shelf
from atari_cli.play.start import OpenFrontEnd, play
from atari_cli.play.terminal.picture import TextPicture
from atari_cli.play.terminal.screen import TextScreen
from atari_cli.play.window.window import Window
from atari_cli.policies import find_policy
from atari_cli.recording import HUMAN
from atari_cli.system.pacing import Pacer
from benchmarks.play.speed import apart
from benchmarks.report import Row
from benchmarks.timing import Effort, Figures

_POLICY: Final = "import time\n\ndef policy(observation):\n    time.sleep(0.2)\n    return 1\n"
_ROWS, _COLUMNS = 50, 160
_READY: Final = re.compile(rb"\x1b\[5n")


class _Times(list[float]):
    """The times of pictures, of which there are enough after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def add(self) -> None:
        self.append(perf_counter())

    def leave(self, inputs: Inputs) -> Inputs:
        """Return the inputs, which leave once there are enough pictures."""
        is_over = bool(self) and perf_counter() - self[0] > self._seconds
        return replace(inputs, commands=(Command.LEAVE,)) if is_over else inputs


class _Window(Window):
    def __init__(self, seconds: float, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.times = _Times(seconds)

    def poll(self) -> Inputs:
        return self.times.leave(super().poll())

    def show(self, view: View) -> None:
        super().show(view)
        self.times.add()


class _Terminal(TextScreen):
    def __init__(self, seconds: float, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.times = _Times(seconds)

    def poll(self) -> Inputs:
        return self.times.leave(super().poll())

    def _fitting(self, view: View) -> TextPicture:
        # Called for each picture that the terminal has room for, even if it is the same as before.
        self.times.add()
        return super()._fitting(view)


def slow_policy(effort: Effort) -> list[Row]:
    """Play with a policy that takes 0.2 s a step; the fewest pictures in any second count."""
    seconds = effort.pick(20, 3)
    ways = {"window": _in_window} | ({} if sys.platform == "win32" else {"terminal": _in_terminal})
    figures: Figures = {
        name: [float(count) for count in apart(watch, seconds)] for name, watch in ways.items()
    }
    what = "pictures in each second while a policy takes 0.2 s a step"
    fewest = min(map(min, figures.values()))
    return [Row(what, fewest, 10, figures, "pictures", unit="pictures")]


def chess(effort: Effort) -> list[Row]:
    """Play an hour of Video Chess, hold R for ten seconds, and play on."""
    size, left_out, waited = apart(_chess, effort.pick(216_000, 3000), effort.pick(600, 60))
    name = "an hour of video_chess"
    return [
        Row(f"screens of {name}", size, 90, {"kept": [size]}, "B", unit="B", at_most=True),
        Row(
            f"ticks without a picture while R is held, {name}",
            left_out,
            0,
            {"ticks": [left_out]},
            "ticks",
            unit="ticks",
            at_most=True,
        ),
        Row(
            f"playing on then, {name}", waited, 25, {"wait": [waited]}, "s", unit="s", at_most=True
        ),
    ]


def _in_window(seconds: float) -> list[int]:
    return _watch(seconds, lambda *arguments: _Window(seconds, *arguments))


def _in_terminal(seconds: float) -> list[int]:
    import pty
    import termios

    os.environ["COLORTERM"] = "truecolor"
    terminal, path = pty.openpty()
    termios.tcsetwinsize(path, (_ROWS, _COLUMNS))
    threading.Thread(target=_answer, args=(terminal,), daemon=True).start()
    return _watch(seconds, lambda *arguments: _Terminal(seconds, *arguments, os.ttyname(path)))


def _answer(terminal: int) -> None:
    """Answer as a terminal does once it has drawn what it was sent."""
    while data := os.read(terminal, 65536):
        os.write(terminal, b"\x1b[0n" * len(_READY.findall(data)))


def _watch(seconds: float, open_front_end: OpenFrontEnd) -> list[int]:
    """Return the number of pictures in each whole second of a game."""
    opened: list[Any] = []

    def opening(*arguments: Any) -> FrontEnd:
        opened.append(open_front_end(*arguments))
        return opened[0]  # type: ignore[no-any-return]

    with TemporaryDirectory() as folder:
        os.environ["ATARI_DATA_DIR"] = folder
        file = Path(folder, "slow.py")
        file.write_text(_POLICY, "utf-8")
        environment = EnvironmentConfig("breakout").with_settings(PLAY_SETTINGS)
        source = find_policy(str(file), "breakout")
        play(environment, PlayConfig(out=Path(folder)), opening, source)
    times = np.array(opened[0].times)
    counts: NDArray[np.int64] = np.histogram(times - times[0], bins=np.arange(int(seconds) + 1))[0]
    return [int(count) for count in counts]


class _Rewinding(Window):
    """Holds R for some ticks, then waits until the game plays on, and leaves.

    Attributes:
        shown: Pictures that were shown while R was held.
        waited: Seconds from the release of R to the first new frame.
    """

    def __init__(self, ticks: int, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.shown, self.waited = 0, 0.0
        self._left = ticks
        self._released: float | None = None
        self._frame = 0
        self._is_over = False

    def poll(self) -> Inputs:
        inputs = super().poll()
        self._left -= 1
        if self._left >= 0:
            return replace(inputs, held=frozenset({Command.REWIND}))
        if self._released is None:
            self._released = perf_counter()
        return replace(inputs, commands=(Command.LEAVE,)) if self._is_over else inputs

    def hear(self, view: View) -> None:
        super().hear(view)
        if self._released is None:
            self._frame = view.frame
        elif view.frame > self._frame and not self._is_over:
            self.waited, self._is_over = perf_counter() - self._released, True

    def show(self, view: View) -> None:
        super().show(view)
        self.shown += self._released is None


def _chess(frames: int, ticks: int) -> tuple[float, float, float]:
    """Return bytes per screen, ticks without a picture, and seconds until the game plays on."""
    with TemporaryDirectory() as folder:
        config = PlayConfig(out=Path(folder), record=False)
        run = GameRun(EnvironmentConfig("video_chess").with_settings(PLAY_SETTINGS))
        draw = np.random.default_rng(1)
        for code in draw.integers(0, 18, frames // 20).repeat(20).tolist():
            run.step(code, HUMAN)
        game = run.environment.game
        assert run.kept_screens
        size = run.kept_screens.size / frames
        session = PlaySession(run, config, Shelf(Path(folder), game))
        with _Rewinding(ticks, game, config, Keymap()) as window:
            run_loop(session, window, game.fps, Pacer())
        session.close()
    return size, float(ticks - window.shown), window.waited
