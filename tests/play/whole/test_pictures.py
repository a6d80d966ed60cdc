"""Whatever a session waits for, each tick has a picture and a word, and keys are obeyed."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.actions import LEFT
from atari_cli.errors import PolicyFailed
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command
from atari_cli.play.saved.capture import Capture, VideoCapture
from atari_cli.play.saved.shelf import Shelf
from atari_cli.play.saved.slots import Slots
from tests.play.sessions import PATIENT, Game, until

TICKS = 50

SLOW = """
import threading

gate, asked = threading.Event(), []

def policy(observation):
    asked.append(observation.pixels.sum())
    gate.wait()
    return 2
"""


class Gate:
    """Holds up the calls of functions until it is opened, as a disk that hangs does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._opened = threading.Event()
        self._patch = monkeypatch

    def close(self, owner: type, name: str) -> None:
        work = getattr(owner, name)

        def wait(*arguments: Any) -> Any:
            assert self._opened.wait(60)
            return work(*arguments)

        self._patch.setattr(owner, name, wait)

    def open(self) -> None:
        self._opened.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(monkeypatch)
    yield gate
    gate.open()


def stands_still(game: Game, word: str) -> None:
    """Check that the game goes no further for many ticks, each of which has the same picture."""
    before = game.view
    for _ in range(TICKS):
        view = game.tick()
        assert (view.frame, view.status, view.tempo) == (before.frame, word, 0.0)
        assert np.array_equal(view.screen, before.screen)


@pytest.mark.parametrize(
    ("command", "owner", "name", "word"),
    [
        (Command.SAVE, Slots, "save", "saving"),
        (Command.LOAD, Slots, "load", "loading"),
        (Command.NEW_GAME, Shelf, "put_away", "writing the game"),
        (Command.NEW_GAME, GameRun, "begin_next", "writing the game"),
    ],
)
def test_pictures_continue_while_a_disk_is_slow(
    tmp_path: Path, gate: Gate, command: Command, owner: type, name: str, word: str
) -> None:
    game = Game(tmp_path, patience=PATIENT)
    game.tick(Command.SAVE)
    game.tick(ticks=20, code=LEFT)
    hasty = Game(tmp_path / "hasty", patience=0.0)
    hasty.shelf.slots = game.shelf.slots
    hasty.tick(ticks=20, code=LEFT)
    gate.close(owner, name)
    hasty.tick(command)
    stands_still(hasty, word)
    assert hasty.tick(Command.SAVE).message == f"still {word}"
    gate.open()
    until(lambda: hasty.tick().status != word)
    frame = hasty.view.frame
    assert hasty.tick().frame == frame + 1
    hasty.put_away()


def test_pictures_continue_while_the_scores_are_read(tmp_path: Path, gate: Gate) -> None:
    game = Game(tmp_path, max_frames=30, patience=0.0)
    gate.close(Shelf, "ranking")
    game.tick(ticks=40)
    stands_still(game, "reading the scores")
    gate.open()
    until(lambda: game.tick().panel)
    assert game.view.status == "game over"


def test_the_game_continues_while_a_screenshot_is_written(tmp_path: Path, gate: Gate) -> None:
    game = Game(tmp_path, patience=0.0)
    gate.close(Capture, "photograph")
    before = game.tick(Command.SCREENSHOT).frame
    assert game.tick(ticks=TICKS).frame == before + TICKS
    gate.open()
    until(lambda: game.tick().message.startswith("wrote "))
    assert [path.name for path in tmp_path.glob("*.png")] == [f"breakout-frame-{before - 1}.png"]


def test_pictures_continue_while_the_encoder_is_slower_than_the_game(
    tmp_path: Path, gate: Gate
) -> None:
    game = Game(tmp_path, patience=0.0)
    gate.close(VideoCapture, "write")
    game.tick(Command.VIDEO)
    views = [game.tick() for _ in range(200)]
    assert views[-1].frame == views[-2].frame < 100, "the game waits for the video"
    assert {view.filming for view in views} == {True}
    gate.open()
    until(lambda: game.tick().frame > views[-1].frame + 100)
    game.put_away()


def test_the_game_continues_while_a_video_is_completed(tmp_path: Path, gate: Gate) -> None:
    game = Game(tmp_path, patience=0.0)
    game.tick(Command.VIDEO)
    game.tick(ticks=5)
    gate.close(VideoCapture, "finish")
    before = game.tick(Command.VIDEO).frame
    assert game.tick(ticks=TICKS).frame > before
    assert not game.view.filming
    gate.open()
    until(lambda: game.tick().message.startswith("wrote "))
    game.put_away()


def agent(folder: Path, source: str = SLOW, **options: Any) -> tuple[Game, dict[str, Any]]:
    """Return a game that a policy plays, and the globals of its file."""
    file = folder / "slow.py"
    file.write_text(source, "utf-8")
    game = Game(folder / "out", policy=str(file), patience=0.0, **options)
    policy = game.session._pilot._agent._policy.__globals__  # type: ignore[union-attr]
    until(lambda: game.tick() and policy["asked"])
    return game, policy


def test_pictures_and_keys_continue_while_a_policy_thinks(tmp_path: Path) -> None:
    game, policy = agent(tmp_path)
    views = [game.tick() for _ in range(TICKS)]
    assert {view.frame for view in views} == {0}
    assert views[-1].status == "thinking"
    assert len(policy["asked"]) == 1
    game.tick(Command.HUD, Command.SAVE)
    assert game.view.hud
    game.tick(Command.LEAVE)
    assert game.session.has_ended
    policy["gate"].set()


def test_a_human_takes_over_from_a_policy_that_thinks(tmp_path: Path) -> None:
    game, policy = agent(tmp_path)
    game.tick()
    view = game.tick(code=LEFT, touched=True)
    assert (view.frame, view.human, view.status) == (1, True, "")
    game.tick(code=LEFT, ticks=9)
    policy["gate"].set()
    game.tick(Command.TAKE_OVER)
    until(lambda: game.tick().frame > 20)
    actions = game.put_away().arrays["actions"]
    assert actions[:10].tolist() == [LEFT] * 10
    assert actions[10:20].tolist() == [3] * 10, "its first answer was to another picture"


def test_a_frame_that_was_asked_for_is_played_once_the_policy_has_decided(tmp_path: Path) -> None:
    game, policy = agent(tmp_path)
    game.tick(Command.ADVANCE)
    assert game.tick(ticks=TICKS).frame == 0
    policy["gate"].set()
    until(lambda: game.tick().frame)
    assert (game.tick(ticks=TICKS).frame, game.view.status) == (1, "paused")


def test_an_observation_is_the_same_after_the_game_has_moved_on(tmp_path: Path) -> None:
    source = SLOW.replace("gate.wait()", "gate.wait()\n    asked.append(observation.pixels.sum())")
    game, policy = agent(tmp_path, source)
    game.tick()
    game.tick(code=LEFT, touched=True, ticks=30)
    policy["gate"].set()
    asked = policy["asked"]
    until(lambda: len(asked) == 2)
    assert asked[0] == asked[1]


IN_RESET = """
import threading

gate = threading.Event()

class Policy:
    def reset(self, seed):
        gate.wait()

    def __call__(self, observation):
        return 1
"""


def test_pictures_continue_while_a_policy_prepares_for_a_game(tmp_path: Path) -> None:
    file = tmp_path / "slow.py"
    file.write_text(IN_RESET, "utf-8")
    game = Game(tmp_path / "out", policy=str(file), patience=0.0)
    assert game.tick(ticks=TICKS).frame == 0
    game.session._pilot._agent._policy.reset.__globals__["gate"].set()  # type: ignore[union-attr]
    until(lambda: game.tick().frame > 5)


def test_a_policy_that_fails_after_a_while_ends_the_game(tmp_path: Path) -> None:
    game, policy = agent(tmp_path, SLOW.replace("return 2", "return 1 // 0"))
    game.tick(ticks=5)
    policy["gate"].set()
    with pytest.raises(PolicyFailed, match="ZeroDivisionError"):
        until(lambda: game.tick().frame)
