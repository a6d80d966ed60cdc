from math import inf
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from atari_cli.actions import FIRE, NOOP, RIGHT
from atari_cli.config import PlayConfig
from atari_cli.emulator import Emulator
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs
from atari_cli.play.playback import Playback
from atari_cli.recording import HUMAN
from tests.play.sessions import PATIENT, make_run

NOTHING = Inputs()
FAST = Inputs(held=frozenset({Command.FAST_FORWARD}), code=RIGHT)


class Shown:
    """A game with a maximum number of steps, and the playback that shows it."""

    def __init__(
        self, folder: Path, game: str = "ms_pacman", frameskip: int = 4, most: int = 10**9
    ) -> None:
        self.run = make_run(folder, game, frameskip=frameskip)
        self._most = most
        self.playback = Playback(self.run, self, PlayConfig(out=folder), {}, PATIENT)
        self.settings, self.capture = self.playback.settings, self.playback.capture

    def must_wait(self) -> bool:
        return self.run.live.steps == self._most

    def play(self, inputs: Inputs) -> bool:
        self.run.step(inputs.code, HUMAN)
        return True

    def tick(self, inputs: Inputs = NOTHING, frames: int = 0) -> None:
        left = iter([True] * frames)
        self.playback.begin_tick(inputs, stops_without_focus=True)
        self.playback.play(inputs, lambda: next(left, False))


def screen_of(run: GameRun, frame: int) -> np.ndarray:
    emulator = Emulator(run.environment.game)
    emulator.boot(run.live.header["seed"])
    for code in run.environment.emulator.inputs[0][:frame]:
        emulator.act(code)
    return emulator.screen()


def test_the_frame_number_is_that_of_the_shown_frame(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    for frame in range(1, 10):
        shown.tick()
        view = shown.playback.view(Inputs())
        assert view.frame == shown.playback.frame == frame
        assert np.array_equal(view.screen, screen_of(shown.run, frame))
        assert len(view.sounds) == 1


def test_a_screenshot_is_named_by_its_frame(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    shown.tick()
    shown.playback.obey(Command.SCREENSHOT)
    assert shown.settings.message == f"wrote {tmp_path / 'ms_pacman-frame-1.png'}"


def test_fast_forward_stops_if_there_is_no_next_frame(tmp_path: Path) -> None:
    shown = Shown(tmp_path, most=3)
    shown.tick(FAST, frames=100)
    assert shown.run.live.steps == 3
    assert shown.playback.frame == 12


def test_fast_forward_begins_with_frames_that_were_not_shown_yet(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    shown.tick()
    shown.tick(FAST, frames=2)
    assert (shown.playback.frame, shown.run.live.steps) == (4, 1)
    shown.tick(FAST, frames=2)
    assert (shown.playback.frame, shown.run.live.steps) == (16, 4)
    shown.tick()
    assert np.array_equal(shown.playback.view(Inputs()).screen, screen_of(shown.run, 17))


def test_going_back_drops_frames_that_were_not_shown_yet(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    for _ in range(6):
        shown.tick()
    shown.playback.rewind(lambda: False)
    assert (shown.run.live.steps, shown.playback.frame) == (1, 4)
    assert np.array_equal(shown.playback.view(Inputs()).screen, screen_of(shown.run, 4))


def test_the_tempo_is_that_of_the_game(tmp_path: Path) -> None:
    shown = Shown(tmp_path, "pong", frameskip=1)
    shown.tick()
    assert shown.playback.tempo == 1.0
    shown.settings.obey(Command.SLOW_MOTION)
    shown.tick()
    assert shown.playback.tempo == 0.25
    shown.settings.obey(Command.SLOW_MOTION)
    shown.tick(FAST, frames=29)
    assert shown.playback.tempo == inf
    shown.playback.begin_tick(Inputs(), stops_without_focus=True)
    assert shown.playback.tempo == 0.0


def test_a_failure_is_reported_once(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    shown.capture.failure = "no space left"
    assert shown.playback.view(Inputs()).message == "no space left"
    shown.settings.say("")
    assert shown.playback.view(Inputs()).message == ""
    shown.capture.failure = ""
    shown.playback.view(Inputs())
    shown.capture.failure = "no space left"
    assert shown.playback.view(Inputs()).message == "no space left"


def test_fields_given_by_the_session_take_precedence(tmp_path: Path) -> None:
    view = Shown(tmp_path).playback.view(Inputs(), pilot="tracker", status="step")
    assert (view.pilot, view.status, view.code) == ("tracker", "step", NOOP)


def test_a_video_contains_each_frame_even_in_fast_forward(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    shown.playback.obey(Command.VIDEO)
    shown.tick(Inputs(code=FIRE))
    for _ in range(3):
        shown.tick(FAST, frames=6)
    shown.playback.obey(Command.VIDEO)
    (path,) = shown.capture.written
    assert shown.settings.message == f"wrote {path}"
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == shown.playback.frame
