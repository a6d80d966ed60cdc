"""Screens are kept without loss, wherever they are cut, in tens of bytes each."""

import random

import numpy as np
import pytest

from atari_cli.emulator import Emulator
from atari_cli.games import find_game
from atari_cli.model import Bytes
from atari_cli.play.kept_screens import KeptScreens


def played(game: str, count: int, seed: int = 1) -> list[Bytes]:
    emulator, draw = Emulator(find_game(game)), random.Random(seed)
    screens = [emulator.screen()]
    while len(screens) < count:
        code = draw.randrange(18)
        for _ in range(draw.randint(1, 30)):
            emulator.act(code)
            screens.append(emulator.screen())
    return screens[:count]


@pytest.fixture(scope="module")
def chess() -> list[Bytes]:
    return played("video_chess", 1500)


def kept(screens: list[Bytes]) -> KeptScreens:
    stack = KeptScreens(screens[0])
    for screen in screens[1:]:
        stack.add(screen)
    return stack


@pytest.mark.parametrize("step", [1, 7, 64, 300, 1499])
def test_every_screen_is_the_same_on_the_way_back(chess: list[Bytes], step: int) -> None:
    stack = kept(chess)
    for count in range(len(chess), 0, -step):
        stack.cut(count)
        assert len(stack) == count
        assert np.array_equal(stack.last, chess[count - 1])


def test_other_screens_can_follow_after_a_cut(chess: list[Bytes]) -> None:
    stack, draw, expected = kept(chess), random.Random(3), list(chess)
    for _ in range(40):
        count = draw.randint(1, len(expected))
        stack.cut(count)
        more = draw.sample(chess, 60)
        for screen in more:
            stack.add(screen)
        expected = expected[:count] + more
        assert np.array_equal(stack.last, expected[-1])
    while expected:
        assert np.array_equal(stack.last, expected.pop())
        stack.cut(max(1, len(expected)))


def test_a_cut_that_keeps_everything_changes_nothing(chess: list[Bytes]) -> None:
    stack = kept(chess[:257])
    stack.cut(257)
    assert (len(stack), stack.last.tolist()) == (257, chess[256].tolist())


@pytest.mark.parametrize("game", ["video_chess", "tic_tac_toe_3d", "video_checkers"])
def test_a_screen_takes_tens_of_bytes(game: str) -> None:
    screens = played(game, 1500)
    assert kept(screens).size / len(screens) < 90


def test_screens_that_were_added_are_not_written_to(chess: list[Bytes]) -> None:
    screens = [screen.copy() for screen in chess[:600]]
    stack = kept(screens)
    stack.cut(17)
    assert all(np.array_equal(a, b) for a, b in zip(screens, chess, strict=False))
