"""Games that can only be replayed from their boot go back tick by tick, with a picture at each."""

import random
import zlib
from pathlib import Path

import numpy as np
import pytest

from atari_cli.actions import LEFT
from atari_cli.emulator import WITHOUT_KEYFRAMES
from atari_cli.model import Bytes
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs
from atari_cli.recording import HUMAN
from tests.play.sessions import Game, make_run
from tests.play.test_watch_session import Watched

GAMES = sorted(WITHOUT_KEYFRAMES)
HOUR = 216_000
REWIND = Inputs(held=frozenset({Command.REWIND}))


def wander(game: Game, ticks: int) -> list[Bytes]:
    """Play at random and return the screen after each step, the boot's first."""
    screens = [game.run.screen]
    draw = random.Random(2)
    for _ in range(ticks):
        game.tick(code=draw.randrange(18) if draw.random() < 0.2 else 0)
        screens.append(game.view.screen.copy())
    return screens


def revision(run: GameRun) -> int:
    return run.environment.emulator.revision


@pytest.mark.parametrize("name", GAMES)
def test_each_tick_of_a_rewind_shows_an_earlier_screen(tmp_path: Path, name: str) -> None:
    game = Game(tmp_path, name)
    first = game.steps
    screens = wander(game, 200)
    before = revision(game.run)
    for back in range(1, 51):
        view = game.hold(Command.REWIND)
        assert (view.frame, view.status) == (first + 200 - back, "rewind")
        assert np.array_equal(view.screen, screens[200 - back])
    assert revision(game.run) == before


@pytest.mark.parametrize("name", GAMES)
def test_time_that_a_rewind_leaves_brings_the_game_closer(tmp_path: Path, name: str) -> None:
    game = Game(tmp_path, name)
    first = game.steps
    screens = wander(game, 500)
    for back in range(1, 11):
        view = game.session.tick(REWIND, iter([True, True, False]).__next__)
        assert (view.frame, view.status) == (first + 500 - back, "rewind")
        assert np.array_equal(view.screen, screens[500 - back])
    assert game.run.way_done > 0.1
    game.run.arrive()
    game.tick(ticks=10)
    assert game.put_away().steps == first + 500


@pytest.mark.parametrize("name", GAMES)
def test_after_a_rewind_the_game_says_how_far_it_is_and_plays_on_exactly(
    tmp_path: Path, name: str
) -> None:
    game = Game(tmp_path, name)
    wander(game, 500)
    view = game.hold(Command.REWIND, ticks=100)
    goal, screen, said = view.frame, view.screen.copy(), []
    while (view := game.tick(code=LEFT)).frame == goal:
        said.append(view.message)
        assert np.array_equal(view.screen, screen)
    assert view.frame == goal + 1
    parts = [int(message.removeprefix("going back, ").removesuffix("%")) for message in said]
    assert parts == sorted(parts)
    assert len(set(parts)) > 5
    game.tick(ticks=50)
    assert game.put_away().steps == goal + 51


def test_a_rewind_can_continue_while_the_game_is_still_on_its_way_back(tmp_path: Path) -> None:
    game = Game(tmp_path, "video_chess")
    screens = wander(game, 400)
    for _ in range(6):
        game.hold(Command.REWIND, ticks=20)
        game.tick(ticks=3)
    assert np.array_equal(game.view.screen, screens[game.steps - 1])
    game.run.arrive()
    assert np.array_equal(game.run.environment.emulator.screen(), screens[game.steps - 1])
    steps = game.steps
    assert game.put_away().steps == steps


def test_leaving_on_the_way_back_keeps_the_game_up_to_where_it_was_shown(tmp_path: Path) -> None:
    game = Game(tmp_path, "video_chess")
    wander(game, 300)
    game.hold(Command.REWIND, ticks=100)
    game.tick(ticks=2)
    assert game.view.message.startswith("going back")
    shown = game.view.frame
    recording = game.put_away()
    assert recording.steps == recording.header["totals"]["frames"] == shown


def test_score_and_joystick_are_those_of_the_step_that_is_shown(tmp_path: Path) -> None:
    run = make_run(tmp_path, "tic_tac_toe_3d")
    seen = []
    draw = random.Random(4)
    for _ in range(300):
        run.step(draw.randrange(18), HUMAN)
        seen.append((run.score, run.last_action, run.frames, run.is_over))
    for step in range(299, 0, -23):
        run.back_to(step)
        assert (run.score, run.last_action, run.frames, run.is_over) == seen[step - 1]
    run.arrive()
    assert (run.score, run.last_action, run.frames, run.is_over) == seen[run.live.steps - 1]


def test_a_slot_is_loaded_on_the_way_back(tmp_path: Path) -> None:
    game = Game(tmp_path, "video_checkers")
    wander(game, 150)
    saved = game.view.screen.copy(), game.view.frame
    game.tick(Command.SAVE)
    wander(game, 100)
    game.hold(Command.REWIND, ticks=140)
    game.tick(Command.LOAD)
    while not game.view.message.startswith("loaded"):
        game.tick()
    assert game.view.frame == saved[1]
    assert np.array_equal(game.view.screen, saved[0])
    game.put_away()


@pytest.mark.parametrize("name", GAMES)
def test_a_recording_is_sought_backwards_tick_by_tick(tmp_path: Path, name: str) -> None:
    watched = Watched(tmp_path, name)
    watched.tick(Command.PAUSE, seek=1.0, frames=500)
    view, ticks = watched.tick(seek=0.25), 1
    while view.message.startswith("going back"):
        assert watched.shows(view, 100)
        view, ticks = watched.tick(), ticks + 1
    assert ticks > 5
    assert watched.shows(view, 100)
    watched.tick(Command.PAUSE)
    assert watched.shows(watched.tick(), 102)


@pytest.mark.long
def test_an_hour_of_video_chess_is_rewound_with_a_picture_at_each_tick(tmp_path: Path) -> None:
    game = Game(tmp_path, "video_chess")
    run, draw, code = game.run, random.Random(1), 0
    hashes = [*[0] * game.steps, zlib.crc32(run.screen.tobytes())]
    while run.live.steps < HOUR:
        if run.live.steps % 20 == 0:
            code = draw.randrange(18) if draw.random() < 0.3 else 0
        run.step(code, HUMAN)
        hashes.append(zlib.crc32(run.screen.tobytes()))
    assert run.kept_screens
    assert 0 < run.kept_screens.size < 90 * HOUR
    shown = HOUR
    while shown > HOUR // 2:
        view = game.hold(Command.REWIND)
        assert view.frame < shown
        shown = view.frame
        assert zlib.crc32(view.screen.tobytes()) == hashes[shown]
    while game.tick().frame == shown:
        assert game.view.message.startswith("going back")
    assert game.put_away().steps == shown + 1
