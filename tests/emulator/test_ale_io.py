"""Unsuitable arrays and incomplete ALE states are refused."""

from collections.abc import Callable

import numpy as np
import pytest
from ale_py import ALEInterface, ALEState

from atari_cli.emulator.ale_io import buffer, read_state
from atari_cli.errors import EmulatorError, InvalidState
from atari_cli.games import all_games, find_game, rom_path


def test_a_buffer_is_created_unless_an_array_is_given() -> None:
    made = buffer(None, (3, 4))
    assert made.shape == (3, 4)
    assert made.dtype == np.uint8
    assert buffer(made, (3, 4)) is made


@pytest.mark.parametrize(
    "out",
    [np.empty((4, 3), np.uint8), np.empty((3, 4), np.int8), np.empty((3, 8), np.uint8)[:, ::2]],
)
def test_an_unsuitable_array_is_refused(out: np.ndarray) -> None:
    with pytest.raises(EmulatorError, match=r"contiguous uint8 array of shape \(3, 4\)"):
        buffer(out, (3, 4))


def state_of(game: str, mode: int, difficulty: int) -> ALEState:
    ale = ALEInterface()
    ale.loadROM(rom_path(find_game(game)))
    ale.setMode(mode)
    ale.setDifficulty(difficulty)
    ale.reset_game()
    for _ in range(10):
        ale.act(1)
    return ale.cloneState(include_rng=True)


@pytest.mark.parametrize("game", ["pong", "pitfall2"])
def test_a_state_equals_the_one_that_ale_serialized(game: str) -> None:
    state = state_of(game, 0, 0)
    assert read_state(state.serialize(), 0, 0).equals(state)


@pytest.mark.slow
@pytest.mark.parametrize("game", [game.id for game in all_games()])
def test_the_states_of_every_game_can_be_read(game: str) -> None:
    mode, difficulty = find_game(game).modes[-1], find_game(game).difficulties[-1]
    state = state_of(game, mode, difficulty)
    assert read_state(state.serialize(), mode, difficulty).equals(state)


@pytest.mark.parametrize(("mode", "difficulty"), [(1, 0), (0, 1)])
def test_a_state_of_another_mode_or_difficulty_is_refused(mode: int, difficulty: int) -> None:
    packed = state_of("pong", 0, 0).serialize()
    with pytest.raises(InvalidState, match=f"not of mode {mode} and difficulty {difficulty}"):
        read_state(packed, mode, difficulty)


@pytest.mark.parametrize(
    "change",
    [lambda packed: b"", lambda packed: packed[:-1], lambda packed: b"x" * len(packed)],
    ids=["nothing", "cut", "nonsense"],
)
def test_bytes_that_are_not_a_state_are_refused(change: Callable[[bytes], bytes]) -> None:
    packed = change(state_of("pong", 0, 0).serialize())
    with pytest.raises(InvalidState, match=f"ALE does not know the saved state of {len(packed):,}"):
        read_state(packed, 0, 0)
