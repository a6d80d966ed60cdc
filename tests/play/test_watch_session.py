import itertools
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.actions import FIRE, LEFT, RIGHT
from atari_cli.config import PlayConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.model import Bytes
from atari_cli.play.controls.watching import SEEK_SECONDS
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.watch_session import WatchSession
from atari_cli.recording import Recording, load_recording
from atari_cli.recording.seekable import LEAST_FRAMES
from tests.recording.episodes import record

STEPS = 400


class Watched:
    """A recording that is watched tick by tick, and its screens after each step."""

    def __init__(
        self,
        folder: Path,
        game: str = "breakout",
        steps: int = STEPS,
        first_step: int = 0,
        out: str = ".",
        **settings: Any,
    ) -> None:
        settings = {"frameskip": 1, **settings}
        self.recording = load_recording(record(folder, game, steps, **settings))
        self.screens = screens_of(self.recording)
        run = GameRun(self.recording.config, first=self.recording)
        self.session = WatchSession(self.recording, run, PlayConfig(out=folder / out), first_step)
        self.run = run

    def tick(self, *commands: Command, ticks: int = 1, frames: int = 0, **inputs: Any) -> View:
        """Let ticks pass, each with time for a number of additional frames."""
        for _ in range(ticks):
            left = iter([True] * frames)
            view = self.session.tick(
                Inputs(commands=commands, **inputs), partial(next, left, False)
            )
            commands, inputs = (), {"held": inputs.get("held", frozenset())}
        return view

    def shows(self, view: View, step: int) -> bool:
        """Return whether a view shows the screen after a step."""
        assert view.position is not None
        return view.position[0] == step and np.array_equal(view.screen, self.screens[step])


def screens_of(recording: Recording) -> list[Bytes]:
    environment = AtariEnvironment(recording.config)
    environment.reset(seed=recording.header["seed"])
    screens = [environment.emulator.screen().copy()]
    for code in recording.arrays["actions"].tolist():
        environment.step(environment.action_codes.index(code))
        screens.append(environment.emulator.screen().copy())
    return screens


def test_every_frame_is_shown_and_the_session_ends_after_the_last(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=50)
    for step in range(1, 51):
        assert watched.shows(watched.tick(), step)
    assert not watched.session.has_ended
    assert watched.shows(watched.tick(), 50)
    assert watched.session.has_ended
    assert not watched.session.is_taken_over


def test_a_step_of_four_frames_is_shown_frame_by_frame(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "ms_pacman", steps=10, frameskip=4)
    frames = [watched.tick().frame for _ in range(40)]
    assert frames == list(range(1, 41))
    watched.tick()
    assert watched.session.has_ended


@pytest.mark.parametrize("game", ["breakout", "tic_tac_toe_3d"])
def test_the_slider_can_seek_any_step(tmp_path: Path, game: str) -> None:
    watched = Watched(tmp_path, game)
    for place in (300, 20, 21, 299, 0, 400):
        view = watched.tick(Command.PAUSE, seek=place / STEPS, frames=STEPS)
        assert watched.shows(view, place)


def test_seeking_far_ahead_takes_several_ticks_and_is_exact(tmp_path: Path) -> None:
    watched = Watched(tmp_path, repeat_action_probability=0.25)
    view = watched.tick(seek=0.75, frames=99)
    ticks = 1
    while view.position != (300, STEPS):
        assert watched.shows(view, ticks * 100)
        view = watched.tick(frames=99)
        ticks += 1
    assert ticks == 3
    assert watched.shows(watched.tick(), 301)


def test_seeking_also_succeeds_on_a_machine_that_is_always_late(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    view = watched.tick(Command.PAUSE, seek=1.0)
    assert watched.shows(view, LEAST_FRAMES)
    assert watched.shows(watched.tick(ticks=STEPS // LEAST_FRAMES), STEPS)


def test_watching_can_begin_at_any_step(tmp_path: Path) -> None:
    watched = Watched(tmp_path, first_step=123)
    assert watched.shows(watched.tick(frames=STEPS), 123)
    assert watched.shows(watched.tick(), 124)


def test_left_and_right_jump_five_seconds(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "ms_pacman", frameskip=4, steps=300)
    jump = SEEK_SECONDS * 60 // 4
    watched.tick(ticks=4)
    assert watched.shows(watched.tick(code=RIGHT, touched=True, frames=999), 1 + jump)
    watched.tick(code=RIGHT, touched=True)
    view = watched.tick(code=RIGHT, touched=True, frames=999)
    assert watched.shows(view, 1 + 3 * jump), "the second jump starts at the target of the first"
    assert watched.shows(watched.tick(code=LEFT, touched=True), 1 + 2 * jump)
    watched.tick(code=LEFT, touched=True)
    watched.tick(code=LEFT, touched=True)
    assert watched.shows(watched.tick(code=LEFT, touched=True), 0)


def test_a_held_key_jumps_once(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.tick(code=RIGHT, touched=True, frames=999)
    assert watched.shows(watched.tick(code=RIGHT), 301)


def test_fire_pauses_and_resumes(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.tick(ticks=5)
    view = watched.tick(code=FIRE, touched=True, ticks=3)
    assert watched.shows(view, 5)
    assert (view.status, view.tempo) == ("paused", 0.0)
    assert watched.shows(watched.tick(Command.ADVANCE), 6)
    assert watched.shows(watched.tick(code=FIRE, touched=True), 7)


def test_it_goes_back_and_forward_at_any_speed(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.tick(ticks=50)
    held = frozenset({Command.REWIND})
    assert watched.shows(watched.tick(held=held, ticks=10), 40)
    held = frozenset({Command.FAST_FORWARD})
    view = watched.tick(held=held, frames=29)
    assert (view.position, view.status) == ((70, STEPS), "fast")
    assert watched.shows(view, 70)
    watched.tick(Command.SLOW_MOTION)
    view = watched.tick(ticks=39)
    assert watched.shows(view, 80)


def test_fast_forward_stops_at_the_end_of_an_unfinished_game(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=30)
    held = frozenset({Command.FAST_FORWARD})
    assert watched.shows(watched.tick(held=held, frames=100), 30)
    watched.tick(held=held, frames=100)
    assert watched.session.has_ended


def test_a_paused_session_does_not_end_at_the_last_step(tmp_path: Path) -> None:
    """Otherwise the window would close while its slider is dragged to the end."""
    watched = Watched(tmp_path)
    watched.tick(Command.PAUSE)
    watched.tick(seek=1.0, frames=STEPS)
    watched.tick(Command.ADVANCE)
    view = watched.tick(ticks=5)
    assert watched.shows(view, STEPS)
    assert not watched.session.has_ended
    watched.tick(Command.PAUSE)
    assert watched.session.has_ended


def test_a_recording_can_be_taken_over_at_the_shown_step(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.tick(ticks=40)
    view = watched.tick(Command.TAKE_OVER)
    assert watched.shows(view, 40)
    assert watched.session.has_ended
    assert watched.session.is_taken_over
    assert watched.session.step == 40


def test_a_finished_game_cannot_be_taken_over(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=40, max_frames=40)
    watched.tick(Command.PAUSE)
    watched.tick(seek=1.0, frames=100)
    watched.tick(Command.TAKE_OVER)
    assert not watched.session.has_ended


def test_a_session_that_was_left_cannot_be_taken_over(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=40)
    watched.session.leave()
    watched.tick(Command.TAKE_OVER)
    assert watched.session.has_ended
    assert not watched.session.is_taken_over


def test_leave_closes_the_help_first(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=40)
    assert watched.tick(Command.HELP).help
    assert not watched.tick(Command.LEAVE).help
    assert not watched.session.has_ended
    watched.tick(Command.LEAVE)
    assert watched.session.has_ended


def test_behind_the_help_nothing_is_sought_or_taken_over(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=100)
    watched.tick(ticks=50)
    watched.tick(Command.HELP)
    for command in (Command.ADVANCE, Command.TAKE_OVER, Command.PAUSE, Command.SCREENSHOT):
        watched.tick(command)
    watched.tick(code=RIGHT, touched=True, frames=99)
    watched.tick(seek=0.9, frames=99)
    watched.tick(held=frozenset({Command.REWIND}), ticks=9)
    assert watched.shows(watched.tick(Command.HELP), 51)


def test_the_slider_can_be_hidden(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=40)
    view = watched.tick(Command.HUD, Command.HUD)
    assert (view.position, view.hud, view.watching) == (None, False, True)
    assert watched.shows(watched.tick(Command.HUD), 2)


def test_watching_continues_without_the_focus_and_names_the_player(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=40)
    view = watched.tick(focused=False)
    assert watched.shows(view, 1)
    assert view.pilot == "random"
    assert not view.recording


def test_a_screenshot_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=40, out="breakout-random-s7-000.npz")
    assert "is not a folder" in watched.tick(Command.SCREENSHOT).message
    assert watched.shows(watched.tick(), 2)


def test_sounds_are_those_of_the_shown_frames(tmp_path: Path) -> None:
    watched = Watched(tmp_path, steps=60)
    views = [watched.tick() for _ in range(60)]
    sounds = list(itertools.chain.from_iterable(view.sounds for view in views))
    environment = AtariEnvironment(watched.recording.config, sound=True)
    environment.reset(seed=watched.recording.header["seed"])
    for code, sound in zip(watched.recording.arrays["actions"].tolist(), sounds, strict=True):
        environment.step(environment.action_codes.index(code))
        assert np.array_equal(sound, environment.emulator.audio())
