"""Whatever a player does, each file verifies and shows the frames that the player saw."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.config import PLAY_SETTINGS
from atari_cli.emulator import Emulator
from atari_cli.games import all_games
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.recording import Recording, load_recording, verify
from tests.play.sessions import Game

COMMANDS = {
    Command.PAUSE: 2,
    Command.ADVANCE: 3,
    Command.SLOW_MOTION: 1,
    Command.HELP: 1,
    Command.NEW_GAME: 1,
    Command.SAVE: 6,
    Command.LOAD: 5,
    Command.NEXT_SLOT: 3,
    Command.PREVIOUS_SLOT: 3,
    Command.TAKE_OVER: 3,
}


class Player:
    """Plays at random, using every key."""

    def __init__(self, game: Game, seed: int) -> None:
        self.game = game
        self.view: View = game.view
        self._draw = random.Random(seed)
        self._points = game.run.environment.game.uses_paddles

    def play(self, ticks: int) -> None:
        self._ticks = ticks
        habits: list[tuple[int, Callable[[], None]]] = [
            (10, self._move),
            (2, self._rewind),
            (1, self._hurry),
            (6, self._press),
        ]
        weights, acts = zip(*habits, strict=True)
        while self._ticks > 0:
            (act,) = self._draw.choices(acts, weights)
            act()

    def _move(self) -> None:
        code, paddle = self._draw.randrange(18), None
        if self._points and self._draw.random() < 0.7:
            paddle = self._draw.random()
        self._tick(self._draw.randint(1, 12), code=code, paddle=paddle, touched=paddle is None)

    def _rewind(self) -> None:
        held = frozenset({Command.REWIND})
        self._tick(min(150, int(self._draw.expovariate(1 / 15))), held=held)

    def _hurry(self) -> None:
        held = frozenset({Command.FAST_FORWARD})
        self._tick(self._draw.randint(1, 3), held=held, code=self._draw.randrange(18), frames=15)

    def _press(self) -> None:
        (command,) = self._draw.choices(list(COMMANDS), list(COMMANDS.values()))
        self._tick(1, commands=(command,))
        if command in (Command.PAUSE, Command.HELP, Command.ADVANCE, Command.SLOW_MOTION):
            self._tick(self._draw.randint(0, 3))
        settings = self.game.session.settings
        undo = {Command.PAUSE: settings.paused, Command.HELP: settings.help}
        for pressed in [command for command, is_on in undo.items() if is_on]:
            self._tick(1, commands=(pressed,))

    def _tick(self, ticks: int, frames: int = 0, **inputs: Any) -> None:
        self._ticks -= ticks
        for _ in range(ticks):
            left = iter([True] * frames)
            self.view = self.game.session.tick(Inputs(**inputs), partial(next, left, False))
            inputs |= {"commands": (), "touched": False}


def wander(folder: Path, game: str, seed: int, ticks: int, **settings: Any) -> None:
    """Play at random, and verify each file."""
    session = Game(folder, game, **settings)
    player = Player(session, seed)
    player.play(ticks)
    session.session.close()
    check_files(session, folder)
    check_screen(session, player.view)


def check_files(game: Game, folder: Path) -> None:
    played = game.shelf.played
    assert sorted(folder.glob("*.npz")) == sorted(entry.file for entry in played if entry.file)
    for entry in played:
        assert not entry.failure
        assert entry.file is not None
        totals = proven(entry.file).header["totals"]
        assert (totals["score"], totals["frames"]) == (entry.score, entry.frames)
    for slot in (folder / "data" / "slots").glob("*.npz"):
        proven(slot)
    assert not list(folder.glob("*.journal"))


def check_screen(game: Game, view: View) -> None:
    """Check that the last shown screen is that of the file's frame."""
    episode = game.run.live.episode()
    emulator = Emulator(game.run.environment.game)
    emulator.boot(episode.header["seed"])
    frames = episode.arrays["frame_actions"][: view.frame].tolist()
    strengths = episode.arrays.get("strengths", np.ones(view.frame)).tolist()
    for code, strength in zip(frames, strengths, strict=False):
        emulator.act(code, strength)
    assert len(frames) == view.frame
    assert np.array_equal(view.screen, emulator.screen())


def proven(file: Path) -> Recording:
    recording = load_recording(file)
    verify(recording)
    return recording


@pytest.mark.parametrize(
    ("game", "settings"),
    [
        pytest.param("breakout", {}, marks=pytest.mark.slow),
        pytest.param("breakout", {"frameskip": 4, "policy": "tracker"}, marks=pytest.mark.slow),
        pytest.param("pong", {"frameskip": 3, "noop_max": 30}, marks=pytest.mark.slow),
        ("qbert", {"policy": "random", "repeat_action_probability": 0.25}),
        ("tic_tac_toe_3d", {"frameskip": 4}),
        pytest.param("air_raid", {"max_frames": 150, "policy": "random"}, marks=pytest.mark.slow),
        ("skiing", {"step": True, "frameskip": 4}),
    ],
)
def test_random_play_makes_recordings_that_verify(
    tmp_path: Path, game: str, settings: dict[str, Any]
) -> None:
    wander(tmp_path, game, seed=1, ticks=120, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(all_games())))
def test_random_play_makes_recordings_that_verify_in_every_game(
    tmp_path: Path, number: int
) -> None:
    game = all_games()[number].id
    draw = random.Random(number)
    settings: dict[str, Any] = {
        "frameskip": draw.choice([1, 4]),
        "repeat_action_probability": draw.choice([0.0, 0.25]),
        "noop_max": draw.choice([0, 30]),
        "policy": draw.choice([None, "random"]),
    }
    wander(tmp_path, game, number, ticks=250, **dict(PLAY_SETTINGS) | settings)


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(all_games())))
def test_long_random_play_makes_recordings_that_verify_in_every_game(
    tmp_path: Path, number: int
) -> None:
    wander(tmp_path, all_games()[number].id, number, ticks=5000, policy="random")
