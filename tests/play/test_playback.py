from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from atari_cli.actions import FIRE, NOOP, RIGHT
from atari_cli.config import PlayConfig
from atari_cli.emulator import Emulator
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs
from atari_cli.play.playback import Playback
from atari_cli.recording import HUMAN
from tests.play.sessions import make_run

NOTHING = Inputs()
FAST = Inputs(held=frozenset({Command.FAST_FORWARD}), code=RIGHT)


def project(
    folder: Path, game: str = "ms_pacman", frameskip: int = 4, most: int = 10**9
) -> Playback:
    """Return what shows a game of so many steps at most."""
    run = make_run(folder, game, frameskip=frameskip)

    def decide(inputs: Inputs) -> None:
        run.step(inputs.code, HUMAN)

    def must_wait() -> bool:
        return run.live.steps == most and playback.shows_last_frame

    playback = Playback(run, PlayConfig(out=folder), decide, must_wait)
    return playback


def tick(playback: Playback, inputs: Inputs = NOTHING, frames: int = 0) -> None:
    left = iter([True] * frames)
    playback.begin_tick(inputs, stops_without_focus=True)
    playback.play(inputs, lambda: next(left, False))


def screen_of(run: GameRun, frame: int) -> np.ndarray:
    emulator = Emulator(run.environment.game)
    emulator.boot(run.live.header["seed"])
    for code in run.environment.emulator.inputs[0][:frame]:
        emulator.act(code)
    return emulator.screen()


def test_the_frame_that_is_named_is_the_one_that_is_shown(tmp_path: Path) -> None:
    playback = project(tmp_path)
    for frame in range(1, 10):
        tick(playback)
        view = playback.view(Inputs())
        assert view.frame == playback.frame == frame
        assert np.array_equal(view.screen, screen_of(playback.run, frame))
        assert len(view.sounds) == 1


def test_a_screenshot_is_named_by_its_frame(tmp_path: Path) -> None:
    playback = project(tmp_path)
    tick(playback)
    playback.obey(Command.SCREENSHOT)
    assert playback.dials.message == f"wrote {tmp_path / 'ms_pacman-frame-1.png'}"


def test_fast_forward_ends_where_there_is_no_next_frame(tmp_path: Path) -> None:
    playback = project(tmp_path, most=3)
    tick(playback, FAST, frames=100)
    assert playback.run.live.steps == 3
    assert playback.frame == 12


def test_fast_forward_begins_with_the_frames_that_were_not_shown_yet(tmp_path: Path) -> None:
    playback = project(tmp_path)
    tick(playback)
    tick(playback, FAST, frames=2)
    assert (playback.frame, playback.run.live.steps) == (4, 1)
    tick(playback, FAST, frames=2)
    assert (playback.frame, playback.run.live.steps) == (16, 4)
    tick(playback)
    assert np.array_equal(playback.view(Inputs()).screen, screen_of(playback.run, 17))


def test_going_back_forgets_the_frames_that_were_not_shown_yet(tmp_path: Path) -> None:
    playback = project(tmp_path)
    for _ in range(6):
        tick(playback)
    playback.rewind()
    assert (playback.run.live.steps, playback.frame) == (1, 4)
    assert np.array_equal(playback.view(Inputs()).screen, screen_of(playback.run, 4))


def test_speed_is_that_of_the_game(tmp_path: Path) -> None:
    playback = project(tmp_path, "pong", frameskip=1)
    tick(playback)
    assert playback.speed == 1.0
    playback.dials.obey(Command.SLOW_MOTION)
    tick(playback)
    assert playback.speed == 0.25
    playback.dials.obey(Command.SLOW_MOTION)
    for _ in range(50):
        tick(playback, FAST, frames=29)
    assert playback.speed == pytest.approx(10.0, rel=0.01), "30 frames in the time of 3 ticks"
    playback.begin_tick(Inputs(), stops_without_focus=True)
    assert playback.speed == 0.0


def test_a_failure_is_told_once(tmp_path: Path) -> None:
    playback = project(tmp_path)
    playback.capture.failure = "no space left"
    assert playback.view(Inputs()).message == "no space left"
    playback.dials.say("")
    assert playback.view(Inputs()).message == ""
    playback.capture.failure = ""
    playback.view(Inputs())
    playback.capture.failure = "no space left"
    assert playback.view(Inputs()).message == "no space left"


def test_fields_that_the_session_knows_better_win(tmp_path: Path) -> None:
    view = project(tmp_path).view(Inputs(), pilot="tracker", status="step")
    assert (view.pilot, view.status, view.code) == ("tracker", "step", NOOP)


def test_a_film_holds_each_frame_also_in_fast_forward(tmp_path: Path) -> None:
    playback = project(tmp_path)
    playback.obey(Command.VIDEO)
    tick(playback, Inputs(code=FIRE))
    for _ in range(3):
        tick(playback, FAST, frames=6)
    playback.obey(Command.VIDEO)
    (path,) = playback.capture.written
    assert playback.dials.message == f"wrote {path}"
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == playback.frame
