from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from atari_cli.actions import FIRE, NOOP, RIGHT
from atari_cli.config import PlayConfig
from atari_cli.emulator import Emulator
from atari_cli.play.game_run import HUMAN, Run
from atari_cli.play.interface import Command, Inputs
from atari_cli.play.playback import Projector
from tests.play.sessions import make_run

NOTHING = Inputs()
FAST = Inputs(held=frozenset({Command.FAST_FORWARD}), code=RIGHT)


def project(
    folder: Path, game: str = "ms_pacman", frameskip: int = 4, most: int = 10**9
) -> Projector:
    """Return what shows a game of so many steps at most."""
    run = make_run(folder, game, frameskip=frameskip)

    def decide(inputs: Inputs) -> None:
        run.step(inputs.code, HUMAN)

    def must_wait() -> bool:
        return run.live.steps == most and projector.shows_last_frame

    projector = Projector(run, PlayConfig(out=folder), decide, must_wait)
    return projector


def tick(projector: Projector, inputs: Inputs = NOTHING, frames: int = 0) -> None:
    left = iter([True] * frames)
    projector.begin_tick(inputs, stops_without_focus=True)
    projector.play(inputs, lambda: next(left, False))


def screen_of(run: Run, frame: int) -> np.ndarray:
    emulator = Emulator(run.environment.game)
    emulator.boot(run.live.header["seed"])
    for code in run.environment.emulator.inputs[0][:frame]:
        emulator.act(code)
    return emulator.screen()


def test_the_frame_that_is_named_is_the_one_that_is_shown(tmp_path: Path) -> None:
    projector = project(tmp_path)
    for frame in range(1, 10):
        tick(projector)
        view = projector.view(Inputs())
        assert view.frame == projector.frame == frame
        assert np.array_equal(view.screen, screen_of(projector.run, frame))
        assert len(view.sounds) == 1


def test_a_screenshot_is_named_by_its_frame(tmp_path: Path) -> None:
    projector = project(tmp_path)
    tick(projector)
    projector.obey(Command.SCREENSHOT)
    assert projector.dials.message == f"wrote {tmp_path / 'ms_pacman-frame-1.png'}"


def test_fast_forward_ends_where_there_is_no_next_frame(tmp_path: Path) -> None:
    projector = project(tmp_path, most=3)
    tick(projector, FAST, frames=100)
    assert projector.run.live.steps == 3
    assert projector.frame == 12


def test_fast_forward_begins_with_the_frames_that_were_not_shown_yet(tmp_path: Path) -> None:
    projector = project(tmp_path)
    tick(projector)
    tick(projector, FAST, frames=2)
    assert (projector.frame, projector.run.live.steps) == (4, 1)
    tick(projector, FAST, frames=2)
    assert (projector.frame, projector.run.live.steps) == (16, 4)
    tick(projector)
    assert np.array_equal(projector.view(Inputs()).screen, screen_of(projector.run, 17))


def test_going_back_forgets_the_frames_that_were_not_shown_yet(tmp_path: Path) -> None:
    projector = project(tmp_path)
    for _ in range(6):
        tick(projector)
    projector.rewind()
    assert (projector.run.live.steps, projector.frame) == (1, 4)
    assert np.array_equal(projector.view(Inputs()).screen, screen_of(projector.run, 4))


def test_speed_is_that_of_the_game(tmp_path: Path) -> None:
    projector = project(tmp_path, "pong", frameskip=1)
    tick(projector)
    assert projector.speed == 1.0
    projector.dials.obey(Command.SLOW_MOTION)
    tick(projector)
    assert projector.speed == 0.25
    projector.dials.obey(Command.SLOW_MOTION)
    for _ in range(50):
        tick(projector, FAST, frames=29)
    assert projector.speed == pytest.approx(10.0, rel=0.01), "30 frames in the time of 3 ticks"
    projector.begin_tick(Inputs(), stops_without_focus=True)
    assert projector.speed == 0.0


def test_a_failure_is_told_once(tmp_path: Path) -> None:
    projector = project(tmp_path)
    projector.camera.failure = "no space left"
    assert projector.view(Inputs()).message == "no space left"
    projector.dials.say("")
    assert projector.view(Inputs()).message == ""
    projector.camera.failure = ""
    projector.view(Inputs())
    projector.camera.failure = "no space left"
    assert projector.view(Inputs()).message == "no space left"


def test_fields_that_the_session_knows_better_win(tmp_path: Path) -> None:
    view = project(tmp_path).view(Inputs(), pilot="tracker", status="step")
    assert (view.pilot, view.status, view.code) == ("tracker", "step", NOOP)


def test_a_film_holds_each_frame_also_in_fast_forward(tmp_path: Path) -> None:
    projector = project(tmp_path)
    projector.obey(Command.VIDEO)
    tick(projector, Inputs(code=FIRE))
    for _ in range(3):
        tick(projector, FAST, frames=6)
    projector.obey(Command.VIDEO)
    (path,) = projector.camera.written
    assert projector.dials.message == f"wrote {path}"
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == projector.frame
